/** One run of one pair: a network is made, peers meet in it or do not, and it is gone. */
import { busyMs } from '../constants.js';
import type { HelpersTell, HelpersTold } from '../programs/helpers.js';
import type { Path, PeerReport, PeerTells, PeerTold } from '../programs/peer.js';
import { familiesOf, type Kind, type KindName, kinds } from './kinds.js';
import { nextLab, Program, runIn, shell } from './shell.js';
import { drawn, type EventName, helperHosts } from './topology.js';
import type { Gate } from './turns.js';

export interface Pair {
  readonly a: KindName;
  readonly b: KindName;
  /** In what it differs from the other pairs. */
  readonly under?: Partial<Conditions>;
  /** What its path must be, if that is checked. */
  readonly expected?: Path;
}

export interface Conditions {
  /** Share of the datagrams that are lost, 0..1. */
  readonly loss: number;
  /** How long a mapping lives, seconds. `null`: as long as the kernel's do. */
  readonly lifetimeS: number | null;
  /** How long the pair has, seconds. */
  readonly limitS: number;
  /** Silence of the app before it speaks again, seconds. `null`: it speaks once. */
  readonly idleS: number | null;
  /** Whether peers on one LAN find each other by multicast. */
  readonly hasMulticast: boolean;
  /** What happens to the first peer before it speaks again. */
  readonly event: EventName | null;
}

export interface PairRun extends Pair {
  /** In both directions. */
  readonly isDelivered: boolean;
  readonly path: Path;
  /** Until both had heard each other, ms. */
  readonly ms: number | null;
  /** Until both had a direct path, ms. */
  readonly directMs: number | null;
  /** UDP datagrams both sent, until both had settled or the time was over. */
  readonly packets: number;
  /** Those of them that went from site to site, past all helpers. */
  readonly betweenPackets: number;
  /** After the silence, or the move, until both had heard each other again, ms. */
  readonly againMs: number | null;
  /** Sessions between the two that were reported lost by then, at either. `null`: not asked. */
  readonly lostCount: number | null;
  /** Whether both were heard again; `null`: not asked. */
  readonly isHeardAgain: boolean | null;
}

export const networkOf = (lab: string, { a, b }: Pair, { loss, lifetimeS }: Pick<Conditions, 'loss' | 'lifetimeS'>): ReturnType<typeof drawn> =>
  drawn({ lab, sites: kinds[a].shared === undefined ? [kinds[a], kinds[b]] : [kinds[a]], loss, lifetimeS });

/** Runs a pair. `busy` is passed by who needs the processor: starting and meeting, but not waiting for what may not come. */
export const runPair = async (pair: Pair, general: Conditions, busy: Gate): Promise<PairRun> => {
  const conditions = { ...general, ...pair.under };
  const leave = await busy.enter();
  const lab = nextLab();
  const { draft, world, hub, hosts, events } = networkOf(lab, pair, conditions);
  await shell(draft.script);
  const helpers = new Program<HelpersTold, HelpersTell>(hub, 'helpers');
  const peers = hosts.map((host) => new Program<PeerTold, PeerTells>(host, 'peer'));
  const everybody = async <Kind extends PeerTells['kind']>(kind: Kind, limitMs?: number): Promise<Extract<PeerTells, { kind: Kind }>[]> =>
    await Promise.all(peers.map(async (peer) => await peer.hear(kind, limitMs)));
  try {
    helpers.tell({ kind: 'start', hosts: helperHosts });
    const [{ helpers: cards }] = await Promise.all([helpers.hear('ready'), everybody('ready')]);
    for (const [k, peer] of peers.entries()) {
      const kind = kinds[k === 0 ? pair.a : pair.b];
      peer.tell({ kind: 'begin', introducers: cardsFor(kind, cards), room: lab, lan: kind.shared === 'lan' && conditions.hasMulticast ? 'all' : 'off', portMapping: kind.boxes.some(({ isAsked }) => isAsked === true) ? 'auto' : 'off' });
    }
    const settled = inTime(everybody('settled', conditions.limitS * 1000));
    await Promise.race([settled, pause(busyMs)]);
    leave();
    await settled;
    for (const peer of peers) peer.tell({ kind: 'report' });
    const reports = await everybody('report');
    const betweenPackets = await countBetween(world);
    return { ...pair, ...judged(reports), betweenPackets, ...(await speakAgain(conditions)) };
  } finally {
    leave();
    await Promise.all([helpers, ...peers].map(async (program) => await program.end()));
    await shell(draft.removal, { goesOn: true });
  }

  async function speakAgain({ idleS, event, limitS }: Conditions): Promise<Pick<PairRun, 'againMs' | 'lostCount' | 'isHeardAgain'>> {
    if (idleS === null && event === null) return { againMs: null, lostCount: null, isHeardAgain: null };
    await pause((idleS ?? 0) * 1000);
    if (event !== null) await shell(events[event].join('\n'));
    for (const peer of peers) peer.tell({ kind: 'again' });
    const heard = await inTime(everybody('heard-again', limitS * 1000));
    if (heard === null) return { againMs: null, lostCount: null, isHeardAgain: false };
    return { isHeardAgain: true, againMs: Math.max(...heard.map(({ ms }) => ms)), lostCount: heard.reduce((sum, { lostCount }) => sum + lostCount, 0) };
  }
};

/** Runs a shell command on the first host of a pair's network, where $SRP_INTRODUCERS names the helpers, and $SRP_OTHER runs what follows on the second. Its exit code. */
export const runInside = async (pair: Pair, conditions: Pick<Conditions, 'loss' | 'lifetimeS'>, command: string): Promise<number> => {
  const { draft, hub, hosts } = networkOf(nextLab(), pair, conditions);
  await shell(draft.script);
  const helpers = new Program<HelpersTold, HelpersTell>(hub, 'helpers');
  helpers.tell({ kind: 'start', hosts: helperHosts });
  const { helpers: cards } = await helpers.hear('ready');
  return await runIn(hosts[0], command, { SRP_INTRODUCERS: cardsFor(kinds[pair.a], cards).join(' '), SRP_OTHER: `ip netns exec ${hosts[1]}` });
};

const pause = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

/** `null` if it took too long. Whoever ended instead of answering is found out by the next question. */
const inTime = async <Result>(waiting: Promise<Result>): Promise<Result | null> => await waiting.catch(() => null);

/** Who has two families knows half of the helpers by each: a peer has one address for one helper. */
const cardsFor = (kind: Kind, cards: HelpersTell['helpers']): readonly string[] => {
  const families = familiesOf(kind);
  return cards.map((card, k) => card[families[k % families.length] ?? 4]);
};

const judged = (reports: readonly PeerReport[]): Pick<PairRun, 'isDelivered' | 'path' | 'ms' | 'directMs' | 'packets'> => {
  const isDelivered = reports.every(({ deliveredMs }) => deliveredMs !== null);
  const isDirect = reports.every(({ path }) => path === 'direct');
  return {
    isDelivered,
    path: isDirect ? 'direct' : isDelivered ? 'relayed' : 'none',
    ms: isDelivered ? latest(reports.map(({ deliveredMs }) => deliveredMs)) : null,
    directMs: isDirect ? latest(reports.map(({ directMs }) => directMs)) : null,
    packets: reports.reduce((sum, { packets }) => sum + packets, 0),
  };
};

const latest = (times: readonly (number | null)[]): number => Math.max(...times.map((ms) => ms ?? 0));

/** The kernel's own count, of both families. */
const countBetween = async (world: string): Promise<number> => {
  const saved = await shell(['iptables', 'ip6tables'].map((program) => `ip netns exec ${world} ${program}-save -c`).join('\n'));
  return [...saved.matchAll(/^\[(\d+):\d+\] -A FORWARD -i site/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
};
