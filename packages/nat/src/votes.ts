/**
 * Where this peer is, as others see it, and how its NAT maps. SPEC, Own address.
 *
 * Every PONG tells from which address the PING came. One peer may lie, so addresses are voted on: one vote a
 * network (public /24 or /48; on a LAN one a host), the newest. An address wins with more than half of the votes
 * of its circle and family, of which there must be two, or one of a peer the user named.
 *
 * ```
 *   voters:   198.51.100.1   203.0.113.9   192.0.2.77          the same port for everyone: independent
 *   I am at:  w.x.y.z:4000   w.x.y.z:4000  6.6.6.6:53 (a lie)  another port for each:      dependent
 * ```
 *
 * A vote counts only in the voter's own circle: who is seen on the LAN knows nothing of my public address.
 */
import { type Address, BoundedMap, familyOf, hostOf, type Instant, networkOf, type PeerId, portOf, scopeOf } from '@srp/machine';
import { agreeingMin, dependentVotesMin, independentMin, voteLifeMs, votersMax } from './constants.js';
import { circleOf, hostKeyOf } from './rules.js';

/** How the NAT in front of this peer maps: one outer port for all (`independent`), one for each (`dependent`). RFC 4787. */
export type Mapping = 'unknown' | 'independent' | 'dependent';

/** What the votes say. */
export interface SelfView {
  /** At most one address per circle (this host, LAN, world) and family, the widest circle first. */
  readonly addresses: readonly Address[];
  readonly mapping: Mapping;
  /** The least and the greatest port that others saw of the one IPv4 address most of them saw; `null` if none did. */
  readonly ports: readonly [number, number] | null;
}

interface Vote {
  readonly by: PeerId;
  readonly at: Instant;
  readonly address: Address;
  readonly group: string;
  readonly isTrusted: boolean;
}

/** The newest vote of each network, of at most 64: keys of one network neither add votes nor push others out. */
export class Votes {
  readonly #votes = new BoundedMap<string, Vote>(votersMax);
  /** What the votes say, until one is cast that says something else, or the first of them is too old. */
  #view: SelfView | null = null;
  #viewUntil = Infinity;

  /**
   * `by`, seen at `seenAt`, saw this peer at `address`. `isTrusted`: the user named that peer. Answers whether
   * the vote counts: a peer can only see its own circle, and what is of the family that it speaks.
   */
  cast(now: Instant, by: PeerId, seenAt: Address, address: Address, isTrusted: boolean): boolean {
    const circle = circleOf(scopeOf(address));
    if (circle === null || circle !== circleOf(scopeOf(seenAt)) || familyOf(address) !== familyOf(seenAt)) return false;
    const group = `${circle} ${familyOf(address)}`;
    const voter = `${group} ${circle === 2 ? networkOf(seenAt) : hostKeyOf(seenAt)}`;
    const before = this.#votes.get(voter);
    // The peer the user named speaks for its network, whatever its neighbours say.
    if (before?.isTrusted !== true || isTrusted || now - before.at >= voteLifeMs) {
      const vote = { by, at: now, address, group, isTrusted: isTrusted || circle === 0 };
      const gone = this.#votes.set(voter, vote);
      // Most votes say what was said before, and say it again for as long as a session lives.
      if (gone !== null || before?.address !== vote.address || before.isTrusted !== vote.isTrusted) this.#view = null;
    }
    return true;
  }

  /** Forgets what `by` saw, of one `family` or of both. */
  forget(by: PeerId, family: 4 | 6 | null = null): void {
    for (const [voter, { by: voted, address }] of this.#votes.entries()) {
      if (voted === by && (family === null || familyOf(address) === family) && this.#votes.delete(voter)) this.#view = null;
    }
  }

  /** What the votes say at `now`. */
  view(now: Instant): SelfView {
    if (this.#view === null || now >= this.#viewUntil) this.#view = this.#viewAnew(now);
    return this.#view;
  }

  #viewAnew(now: Instant): SelfView {
    const groups = this.#groups(now);
    const addresses: Address[] = [];
    for (const name of ['2 4', '2 6', '1 4', '1 6', '0 4', '0 6']) {
      const address = winnerOf(groups.get(name) ?? []);
      if (address !== null) addresses.push(address);
    }
    return { addresses, mapping: mappingOf(groups.get('2 4') ?? groups.get('2 6') ?? []), ports: portsOf(groups.get('2 4') ?? []) };
  }

  /** The votes that count, by circle and family. */
  #groups(now: Instant): Map<string, readonly Vote[]> {
    const groups = new Map<string, Vote[]>();
    this.#viewUntil = Infinity;
    for (const [voter, vote] of this.#votes.entries()) {
      if (now - vote.at >= voteLifeMs) {
        this.#votes.delete(voter);
        continue;
      }
      this.#viewUntil = Math.min(this.#viewUntil, vote.at + voteLifeMs);
      const group = groups.get(vote.group);
      if (group === undefined) groups.set(vote.group, [vote]);
      else group.push(vote);
    }
    return groups;
  }
}

/** The entry named most often, and how often. */
const mostOf = <Name>(names: readonly Name[]): { readonly name: Name | null; readonly count: number } => {
  const counts = new Map<Name, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  let best: { name: Name | null; count: number } = { name: null, count: 0 };
  for (const [name, count] of counts) if (count > best.count) best = { name, count };
  return best;
};

const winnerOf = (votes: readonly Vote[]): Address | null => {
  const { name, count } = mostOf(votes.map((vote) => vote.address));
  if (name === null || 2 * count <= votes.length) return null;
  const isTrusted = votes.some((vote) => vote.address === name && vote.isTrusted);
  return isTrusted || count >= agreeingMin ? name : null;
};

const portsOf = (votes: readonly Vote[]): SelfView['ports'] => {
  const { name } = mostOf(votes.map((vote) => hostOf(vote.address)));
  const ports = votes.filter((vote) => hostOf(vote.address) === name).map((vote) => portOf(vote.address));
  return ports.length === 0 ? null : [Math.min(...ports), Math.max(...ports)];
};

const mappingOf = (votes: readonly Vote[]): Mapping => {
  const { count } = mostOf(votes.map((vote) => vote.address));
  if (count >= independentMin && 2 * count > votes.length) return 'independent';
  const host = mostOf(votes.map((vote) => hostOf(vote.address)));
  const isOneHost = 2 * host.count > votes.length;
  return votes.length >= dependentVotesMin && isOneHost && 2 * count <= votes.length ? 'dependent' : 'unknown';
};
