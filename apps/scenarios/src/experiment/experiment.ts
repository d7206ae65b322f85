/**
 * Carries out a plan on a simulated network, and measures. docs/guides/scenarios.md says what each measure means.
 *
 * ```
 *   plan ──▶ network.at(...) ──▶ start, replace, publish, partition
 *                                   │
 *   network.onCarried ──▶ cost      └──▶ members, what each was shown ──▶ measure.ts
 * ```
 */
import type { PacketId } from '@srp/machine';
import { PeerProtocol } from '@srp/peer/protocol';
import { type CarriedObject, describeLife, type MachineMaker, Network } from '@srp/sim';
import { poisson, uniform } from './draw.js';
import { measure, type Publication } from './measure.js';
import { linksOf, type Mix } from './mix.js';
import { type Churn, costMsDefault, idleWindows, type Phase, type Plan, startsMs } from './plan.js';
import { isReady, type Member, Population } from './population.js';
import type { RetentionResult, RunResult, TrafficResult, WorldResult } from './result.js';

/** How much each publish carries. */
const payloadBytes = 256;
/** How often a newcomer of a flash is asked whether it has a neighbour of its topic. Milliseconds. */
const readyPollMs = 50;

export interface ExperimentOptions {
  readonly seed: number;
  readonly mix: Mix;
  readonly plan: Plan;
  /** Plain push to so many random neighbours instead of the mesh. */
  readonly fanOut?: number | undefined;
  /** What runs on the peers; `PeerProtocol` if absent. */
  readonly machine?: MachineMaker;
}

export class Experiment {
  readonly #seed: number;
  readonly #mix: Mix;
  readonly #plan: Plan;
  readonly #costMs: number;
  readonly #net: Network;
  readonly #population: Population;
  readonly #publications = new Map<PacketId, Publication>();
  readonly #sentAt = new Map<number, { readonly sent: number; readonly sentBytes: number }>();
  /** What the processor had spent on this process when {@link Plan.steady} began. */
  #steadyFrom = process.cpuUsage();
  #steadyMs: number | null = null;
  readonly #retention: RetentionResult[] = [];
  readonly #readyMs = new Map<Member, number | null>();
  readonly #joinDatagrams: number[] = [];
  #halves: readonly (readonly Member[])[] = [];
  #skipped = 0;
  /** What is sent within a call of `publish`, of which nobody knows the id yet. */
  #early: CarriedObject[] | null = null;

  constructor({ seed, mix, plan, fanOut, machine = (options) => new PeerProtocol(options) }: ExperimentOptions) {
    this.#seed = seed;
    this.#mix = mix;
    this.#plan = plan;
    this.#costMs = plan.costMs ?? costMsDefault;
    this.#net = new Network({
      seed,
      links: linksOf(mix),
      machine: (options) => machine({ ...options, ...(fanOut === undefined ? {} : { fanOut }) }),
      onCarried: (passage) => this.#carried(passage),
      eventsMax: Number.MAX_SAFE_INTEGER,
    });
    this.#population = new Population(this.#net, mix);
    this.#schedule();
  }

  /** The whole run; `trace` is how the id of a packet begins whose life is to be told. Throws what the simulator throws when an invariant breaks. */
  run(trace?: string): RunResult {
    this.#net.run(this.#plan.endMs);
    const { phases, endMs } = this.#plan;
    const { members, introducers } = this.#population;
    return {
      seed: this.#seed,
      nodes: this.#mix.nodes,
      introducers: introducers.length,
      publishes: [...this.#publications.values()].map((publication) => measure(publication, this.#costMs, endMs)),
      skipped: this.#skipped,
      retention: this.#retention,
      phases: phases.map(({ name, fromMs, toMs }) => this.#traffic(name, [[fromMs, toMs]])),
      idle: this.#traffic('idle', idleWindows(this.#plan)),
      readyMs: members.flatMap((member) => this.#readyMs.get(member) ?? (this.#readyMs.has(member) ? [null] : [])),
      joinDatagrams: this.#joinDatagrams,
      world: this.#world(),
      virtualMs: endMs,
      steady: this.#steady(),
      traceHash: this.#net.traceHash,
      life: trace === undefined ? null : this.#life(trace),
    };
  }

  #schedule(): void {
    const { phases, churn = [], starts = startsMs, flash, partition, newcomers = [], retention = [], steady, endMs } = this.#plan;
    const { random } = this.#net;
    const late = Math.round(this.#mix.nodes * (flash?.share ?? 0));
    for (let index = 0; index < this.#mix.nodes; index += 1) {
      const isLate = flash !== undefined && index < late;
      const atMs = isLate ? uniform(random, flash.fromMs, flash.toMs) : uniform(random, ...starts);
      this.#net.at(atMs, () => {
        const member = this.#population.start();
        if (isLate && member.isSubscriber) this.#watchReady(member);
      });
    }
    for (const atMs of churn.flatMap((one) => this.#replacements(one))) this.#net.at(atMs, () => this.#population.replace());
    const windows = [...idleWindows(this.#plan), ...phases.map(({ fromMs, toMs }) => [fromMs, toMs] as const)];
    for (const atMs of new Set([...windows.flat()])) if (atMs < endMs) this.#net.at(atMs, () => this.#count(atMs));
    if (partition !== undefined) {
      this.#net.at(partition.fromMs, () => this.#split());
      this.#net.at(partition.toMs, () => this.#heal());
    }
    for (const phase of phases) for (const atMs of phase.publishes) this.#net.at(atMs, () => this.#publish(phase));
    for (const { label, atMs } of retention) this.#net.at(atMs, () => this.#askRetention(label));
    for (const atMs of newcomers) this.#net.at(atMs, () => this.#watchJoin());
    if (steady !== undefined) {
      this.#net.at(steady.fromMs, () => (this.#steadyFrom = process.cpuUsage()));
      this.#net.at(steady.toMs, () => (this.#steadyMs = cpuMsSince(this.#steadyFrom)));
    }
  }

  #replacements({ fromMs, toMs, perMinute, exactly }: Churn): readonly number[] {
    const { nodes } = this.#mix;
    const { random } = this.#net;
    if (exactly !== undefined) return Array.from({ length: Math.round(exactly * nodes) }, () => uniform(random, fromMs, toMs));
    return poisson(random, fromMs, toMs, ((perMinute ?? 0) * nodes) / 60_000);
  }

  /** Halves of everybody who is there, introducers too. */
  #split(): void {
    const { introducers, online } = this.#population;
    const half = <Item>(items: readonly Item[], of: number): readonly Item[] => items.filter((_, index) => index % 2 === of);
    this.#halves = [half(online, 0), half(online, 1)];
    this.#net.partition(...this.#halves.map((members, of) => [...half(introducers, of), ...members.map(({ peer }) => peer)]));
  }

  #heal(): void {
    this.#halves = [];
    this.#net.heal();
  }

  /** In a partition everything is measured within the publisher's half. */
  #publish({ name }: Phase): void {
    const subscribers = this.#population.subscribers();
    const publisher = this.#population.publisher(subscribers);
    if (publisher === null) {
      this.#skipped += 1;
      return;
    }
    const half = this.#halves.find((members) => members.includes(publisher));
    const expected = subscribers.filter((member) => member !== publisher && (half?.includes(member) ?? true));
    const atMs = this.#net.now;
    const early: CarriedObject[] = [];
    this.#early = early;
    const id = publisher.room.publish(this.#net.random.bytes(payloadBytes));
    this.#early = null;
    const publication: Publication = { id, phase: name, atMs, publisher, expected, members: this.#population.members, sent: 0, sentBytes: 0, received: 0 };
    this.#publications.set(id, publication);
    for (const passage of early) this.#carried(passage);
  }

  #carried(passage: CarriedObject): void {
    const publication = this.#publications.get(passage.id);
    if (publication === undefined) this.#early?.push(passage);
    else if (this.#net.now - publication.atMs <= this.#costMs) {
      if (passage.kind === 'received') publication.received += 1;
      else {
        publication.sent += 1;
        publication.sentBytes += passage.byteCount;
      }
    }
  }

  #askRetention(label: string): void {
    const subscribers = this.#population.subscribers();
    const phases: Record<string, { pairs: number; held: number }> = {};
    for (const { id, phase } of this.#publications.values()) {
      const counts = (phases[phase] ??= { pairs: 0, held: 0 });
      counts.pairs += subscribers.length;
      counts.held += subscribers.filter(({ room }) => room.has(id)).length;
    }
    this.#retention.push({ label, phases });
  }

  #watchReady(member: Member): void {
    this.#readyMs.set(member, null);
    const ask = (): void => {
      if (!member.peer.isUp) return;
      if (isReady(member)) this.#readyMs.set(member, this.#net.now - member.startedAtMs);
      else this.#net.at(this.#net.now + readyPollMs, ask);
    };
    ask();
  }

  #watchJoin(): void {
    const { peer } = this.#population.start(true);
    this.#net.at(this.#net.now + this.#costMs, () => this.#joinDatagrams.push(peer.traffic.sent + peer.traffic.received));
  }

  #count(atMs: number): void {
    const { sent, sentBytes } = this.#net.traffic;
    this.#sentAt.set(atMs, { sent, sentBytes });
  }

  #traffic(name: string, windows: readonly (readonly [number, number])[]): TrafficResult {
    const total = { name, seconds: 0, datagrams: 0, bytes: 0 };
    for (const [fromMs, toMs] of windows) {
      const from = this.#sentAt.get(fromMs) ?? { sent: 0, sentBytes: 0 };
      const to = this.#sentAt.get(toMs) ?? this.#net.traffic;
      total.seconds += (toMs - fromMs) / 1000;
      total.datagrams += to.sent - from.sent;
      total.bytes += to.sentBytes - from.sentBytes;
    }
    return total;
  }

  #world(): WorldResult {
    const { members } = this.#population;
    const { sent, lost } = this.#net.traffic;
    return { peers: members.length, hard: members.filter(({ nat }) => nat === 'hard').length, subscribers: members.filter(({ isSubscriber }) => isSubscriber).length, sent, lost };
  }

  #steady(): RunResult['steady'] {
    const { steady } = this.#plan;
    return steady === undefined || this.#steadyMs === null ? null : { virtualMs: steady.toMs - steady.fromMs, cpuMs: this.#steadyMs };
  }

  #life(trace: string): string | null {
    const found = [...this.#publications.keys()].filter((id) => id.startsWith(trace));
    const [id] = found;
    return id === undefined || found.length > 1 ? null : `${id}\n${describeLife(this.#net.lifeOf(id))}`;
  }
}

const cpuMsSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
