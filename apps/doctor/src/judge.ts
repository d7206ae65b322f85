/** What the findings mean to a person: one check for each question, in plain words, with advice; and whom this peer reaches how. */
import type { NetworkReport } from '@srp/peer';
import { clockOffMs, clockRefusedMs } from './constants.js';
import type { Findings } from './examine.js';
import { familyOf, reachOf } from './address.js';

export type State = 'good' | 'fair' | 'bad' | 'unknown';

export interface Check {
  readonly name: 'udp' | 'ipv4' | 'ipv6' | 'nat' | 'filtering' | 'port mapping' | 'lan' | 'clock';
  readonly state: State;
  readonly says: string;
  /** What to do, if something can be done. */
  readonly advice: string | null;
}

/** What this peer is to others. `none`: there is no network, or nobody is heard. */
export type Kind = 'open' | 'cone' | 'symmetric' | 'unknown' | 'none';

/** How this peer meets one of a kind. `either`: relayed at first, and directly once a port is guessed. */
export interface PairVerdict {
  readonly with: 'open' | 'cone' | 'symmetric';
  readonly path: 'direct' | 'either' | 'relayed' | 'unknown' | 'none';
}

export interface Diagnosis {
  readonly isWell: boolean;
  readonly kind: Kind;
  /** How others reach this peer, in a sentence. */
  readonly summary: string;
  readonly checks: readonly Check[];
  readonly pairs: readonly PairVerdict[];
}

export const diagnose = (findings: Findings): Diagnosis => {
  const { network } = findings;
  const kind = kindOf(findings);
  const checks = [udpOf(findings), familyCheck(findings, 4), familyCheck(findings, 6), natOf(findings, kind), filteringOf(network, kind), mappingOf(network, kind), lanOf(network), clockOf(network)];
  const isWell = kind !== 'none' && checks.every(({ state }) => state !== 'bad');
  return { isWell, kind, summary: summaries[kind], checks, pairs: pairsOf(kind) };
};

const kindOf = ({ network, heard, introducerCount }: Findings): Kind => {
  if (!network.listening.some((address) => reachOf(address) !== 'host') || (introducerCount > 0 && heard.length === 0)) return 'none';
  const isLetIn = network.portMapping.state === 'confirmed' || network.filtering === 'unknown' || network.filtering === 'independent';
  if (network.openAt !== null && reachOf(network.openAt) === 'world' && isLetIn) return 'open';
  if (network.mapping === 'unknown') return 'unknown';
  return network.mapping === 'independent' ? 'cone' : 'symmetric';
};

const summaries: Readonly<Record<Kind, string>> = {
  open: 'Everybody reaches this peer directly, unless a firewall keeps strangers out: those are introduced, which happens by itself.',
  cone: 'Others reach this peer directly when somebody who knows both introduces them, which happens by itself. With those behind a NAT with a port for each destination that takes some seconds, and a relay until then.',
  symmetric: 'This peer reaches open peers directly. With others it speaks at first through a third peer, which relays what it cannot read; a direct path has to be guessed, and to those behind a NAT like its own there is none.',
  unknown: 'How others reach this peer is not known yet.',
  none: 'Nobody reaches this peer, and it reaches nobody.',
};

const pairsOf = (kind: Kind): readonly PairVerdict[] => {
  const paths = ({
    open: ['direct', 'direct', 'direct'],
    cone: ['direct', 'direct', 'either'],
    symmetric: ['direct', 'either', 'relayed'],
    unknown: ['unknown', 'unknown', 'unknown'],
    none: ['none', 'none', 'none'],
  } as const)[kind];
  return (['open', 'cone', 'symmetric'] as const).map((other, k) => ({ with: other, path: paths[k] ?? 'unknown' }));
};

const udpOf = ({ network, heard, introducerCount }: Findings): Check => {
  if (!network.listening.some((address) => reachOf(address) !== 'host')) return check('udp', 'bad', 'This machine has no network address.', 'Connect it to a network.');
  if (heard.length > 0) return check('udp', 'good', 'UDP goes out, and answers come back.');
  if (introducerCount === 0) return check('udp', 'unknown', 'Nobody was asked.', 'Name a peer that others reach: --introducer WHERE.');
  const these = introducerCount === 1 ? 'The introducer does' : 'The introducers do';
  return check('udp', 'bad', `${these} not answer.`, 'If it runs, and its address is right, a firewall here drops UDP: allow UDP to all ports, or try another network.');
};

const familyCheck = ({ network, heard }: Findings, family: 4 | 6): Check => {
  const name = `ipv${family}` as const;
  const own = network.listening.filter((address) => familyOf(address) === family && reachOf(address) !== 'host');
  const seen = network.observed.find((address) => familyOf(address) === family && reachOf(address) === 'world');
  const hasOther = network.listening.some((address) => familyOf(address) !== family && reachOf(address) !== 'host');
  if (own.length === 0) return check(name, family === 4 && hasOther ? 'fair' : 'unknown', `This machine has no IPv${family} address.`, family === 6 && hasOther ? 'IPv6 needs no NAT: turn it on in the router if the provider has it.' : null);
  const at = `It has ${own.join(', ')}`;
  if (seen !== undefined) return check(name, 'good', own.includes(seen) ? `${at}, and is seen there.` : `${at}, and is seen as ${seen}.`);
  if (family === 4 && network.mapping === 'dependent') return check(name, 'good', `${at}, and each peer sees it at another port.`);
  if (heard.some((address) => familyOf(address) === family)) return check(name, 'good', `${at}, and peers answer. Too few have told how they see it.`);
  return check(name, 'unknown', `${at}. No peer has told how it is seen.`);
};

const natOf = ({ network, heard }: Findings, kind: Kind): Check => {
  switch (kind) {
    case 'open':
      return check('nat', 'good', network.portMapping.state === 'confirmed' ? 'The router lets in what comes for this peer.' : 'No NAT is before this peer.');
    case 'cone':
      if (network.openAt !== null) return check('nat', 'fair', 'No NAT is before this peer, but a firewall keeps out whom it has sent nothing.', 'To be reached by everybody, give the app a port of its own and let UDP to it pass.');
      return check('nat', 'good', 'A NAT gives this peer one port for all destinations.');
    case 'symmetric':
      return check('nat', 'fair', 'A NAT gives this peer another port for each destination, which nobody can know before.', 'Turn on UPnP or NAT-PMP in the router; on a mobile or company network use IPv6, or ask for a public address.');
    case 'none':
      return check('nat', 'unknown', 'Nobody could tell.');
    case 'unknown':
      return check('nat', 'unknown', heard.length === 0 ? 'Nobody outside was asked.' : 'Too few networks have told: three or four are needed.', 'Name more introducers, in different networks.');
  }
};

const filteringOf = ({ filtering }: NetworkReport, kind: Kind): Check => {
  switch (filtering) {
    case 'independent':
      return check('filtering', 'good', 'Everybody is let in, at a port that this peer sends from.');
    case 'address':
      return check('filtering', 'fair', 'Only hosts are let in that this peer has sent something: others need an introduction, which happens by itself.');
    case 'address-and-port':
      return check('filtering', 'fair', 'Only those are let in that this peer has sent something, at exactly the port it went to: others need an introduction, which happens by itself.');
    case 'unknown':
      return check('filtering', 'unknown', kind === 'none' ? 'Nobody could tell.' : 'Whether strangers are let in is not known: it takes three open peers in different networks, or one if they are, who know others.');
  }
};

const mappingOf = ({ portMapping, openAt }: NetworkReport, kind: Kind): Check => {
  const { state, by, address, why } = portMapping;
  const name = 'port mapping';
  switch (state) {
    case 'confirmed':
      return check(name, 'good', `The router opened ${address ?? ''} (${by ?? ''}), and others see this peer there. It was given back.`, "Apps that ask for it, portMapping: 'auto', are reached by everybody.");
    case 'granted':
      return check(name, 'fair', `The router says to have opened ${address ?? ''} (${by ?? ''}). Nobody has confirmed it. It was given back.`);
    case 'contradicted':
      return check(name, 'fair', `The router opened ${address ?? ''} (${by ?? ''}), which is of no use: ${why ?? ''}.`, 'Ask the provider for a public IPv4 address, or use IPv6. If two routers stand behind each other, let the first one pass everything on.');
    case 'off':
      return check(name, 'unknown', 'The router was not asked.');
    case 'asking':
      return check(name, 'unknown', 'The router has not answered in time.');
    case 'none':
      if (kind === 'open' && openAt !== null) return check(name, 'good', 'None is needed.');
      return check(name, kind === 'symmetric' ? 'fair' : 'unknown', `None: ${why ?? 'nobody knows why'}.`, kind === 'none' ? null : 'Turn on UPnP or NAT-PMP in the router, if it is yours: then everybody reaches this peer.');
  }
};

const lanOf = ({ lan }: NetworkReport): Check => {
  if (lan.state === 'off') return check('lan', 'unknown', 'Nobody was looked for.');
  const found = lan.found === 0 ? 'no other peer answered' : lan.found === 1 ? 'one other peer is there' : `${lan.found} other peers are there`;
  if (lan.state === 'on') return check('lan', 'good', `Multicast can be sent; ${found}.`);
  return check('lan', lan.found > 0 ? 'good' : 'fair', `${lan.why ?? 'Multicast cannot be sent'}; ${found}.`, lan.found > 0 ? null : 'Allow UDP port 5353 in the firewall. Guest networks often keep their devices apart.');
};

const clockOf = ({ clockAheadMs: ahead }: NetworkReport): Check => {
  if (ahead === null) return check('clock', 'unknown', 'Nobody has told the time.');
  const off = Math.abs(ahead);
  const how = off < 1_000 ? 'right to a second' : `${spanOf(off)} ${ahead > 0 ? 'ahead' : 'behind'}`;
  if (off < clockOffMs) return check('clock', 'good', `The clock is ${how}.`);
  const advice = 'Let the system set its clock by the network.';
  return check('clock', off < clockRefusedMs ? 'fair' : 'bad', off < clockRefusedMs ? `The clock is ${how}.` : `The clock is ${how}: others refuse what this peer publishes.`, advice);
};

const spanOf = (ms: number): string => (ms < 120_000 ? `${Math.round(ms / 1000)} s` : ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`);

const check = (name: Check['name'], state: State, says: string, advice: string | null = null): Check => ({ name, state, says, advice });
