/**
 * Open peers that stand still, some of them dead, each with the routing table it would have; and a lookup among them on a
 * clock of its own: 0.1 s for an answer. No sockets, no meshes; a table is made when it is first asked.
 */
import { type Address, after, type Instant, makeAddress, type PeerId, peerId, type Random } from '@srp/machine';
import { type PeerAddress } from '@srp/wire';
import { bucketMax, peersMax } from '../dist/constants.js';
import { Contacts } from '../dist/routing/contacts.js';
import { Lookup } from '../dist/routing/lookup.js';
import { byDistance, commonBits, type Placed, placed, type Position } from '../dist/routing/position.js';
import { random, start } from './net.js';

export interface Member extends Placed {
  readonly isDead: boolean;
  /** What it names instead of whom it knows, if it is a liar. */
  readonly lie: ((target: Position) => readonly PeerAddress[]) | null;
}

export interface Course {
  readonly lookup: Lookup;
  readonly found: readonly PeerId[];
  readonly tookMs: number;
}

const answerMs = 100;

export class StaticNetwork {
  readonly members: readonly Member[];
  readonly #random: Random;
  /** Those at one prefix stand beside each other. */
  readonly #sorted: readonly Member[];
  readonly #byPeer: ReadonlyMap<PeerId, Member>;
  readonly #tables = new Map<PeerId, Contacts>();

  constructor(seed: number, count: number, deadShare: number, lieOf: (n: number, random: Random) => Member['lie'] = () => null) {
    this.#random = random(seed);
    this.members = Array.from({ length: count }, (_, n) => {
      const where = { peer: peerId(this.#random.bytes(32)), address: randomAddress(this.#random) };
      return { ...placed(where), isDead: this.#random.below(1000) < deadShare * 1000, lie: lieOf(n, this.#random) };
    });
    this.#sorted = this.members.toSorted((a, b) => (a.position < b.position ? -1 : 1));
    this.#byPeer = new Map(this.members.map((member) => [member.peer, member]));
  }

  /** The first so many live, honest ones. */
  some(count: number): readonly Member[] {
    return this.members.filter(({ isDead, lie }) => !isDead && lie === null).slice(0, count);
  }

  /** Of all that answer: a liar is where it is, too. */
  trulyNearest(target: Position, count: number): readonly PeerId[] {
    const compare = byDistance(target);
    let nearest: Member[] = [];
    for (const member of this.members) {
      if (member.isDead || (nearest.length === count && compare(nearest[count - 1]!, member) < 0)) continue;
      nearest = [...nearest, member].sort(compare).slice(0, count);
    }
    return nearest.map(({ peer }) => peer);
  }

  run(from: Member, target: Position): Course {
    const lookup = new Lookup({ self: from.peer, target, seeds: this.#tableOf(from).nearest(target, 8) });
    let now = start;
    const answers: { readonly at: Instant; readonly member: Member }[] = [];
    while (!lookup.isDone) {
      for (const { peer, address } of lookup.next(now)) {
        const member = this.#byPeer.get(peer);
        if (member?.address === address && !member.isDead) answers.push({ at: after(now, answerMs), member });
      }
      const first = answers[0];
      const deadline = lookup.deadline();
      if (deadline === null) throw new Error('the lookup waits for nothing and is not done');
      if (first !== undefined && first.at <= deadline) {
        answers.shift();
        now = first.at;
        const { peer, address, lie } = first.member;
        lookup.answered(peer, address, lie?.(target) ?? this.#tableOf(first.member).nearest(target, peersMax));
      } else {
        now = deadline;
        lookup.expire(now);
      }
    }
    return { lookup, found: lookup.nearest().map(({ peer }) => peer), tookMs: now - start };
  }

  /** 8 random peers of each bucket, dead or not, and no spares; two at one position are in no bucket of each other. */
  #tableOf(member: Member): Contacts {
    const made = this.#tables.get(member.peer);
    if (made !== undefined) return made;
    const contacts = new Contacts(member.peer);
    contacts.locate(start, member.address);
    let [low, high] = [0, this.#sorted.length];
    for (let bits = 0; bits < 256 && high - low > 1; bits += 1) {
      const split = this.#split(low, high, bits);
      const isHigh = split < high && (this.#sorted[split]!.peer === member.peer || commonBits(this.#sorted[split]!.position, member.position) > bits);
      const others = isHigh ? ([low, split] as const) : ([split, high] as const);
      for (const other of this.#some(...others)) contacts.seen(start, other.peer, other.address);
      [low, high] = isHigh ? [split, high] : [low, split];
    }
    this.#tables.set(member.peer, contacts);
    return contacts;
  }

  /** Where among these, who have `bits` bits in common, the first stands whose next bit is 1. */
  #split(low: number, high: number, bits: number): number {
    while (low < high) {
      const middle = (low + high) >>> 1;
      const digit = Number.parseInt(this.#sorted[middle]!.position[bits >>> 2]!, 16);
      if ((digit & (8 >>> (bits & 3))) !== 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #some(low: number, high: number): readonly Member[] {
    if (high - low <= bucketMax) return this.#sorted.slice(low, high);
    const chosen = new Set<Member>();
    while (chosen.size < bucketMax) chosen.add(this.#sorted[low + this.#random.below(high - low)]!);
    return [...chosen];
  }
}

/** Anywhere in IPv4, as long as it is public. */
export const randomAddress = (from: Random): Address => {
  const bytes = from.bytes(4);
  const first = 20 + ((bytes[0] ?? 0) % 80); // no private, shared or reserved range in there
  return makeAddress([first, ...bytes.subarray(1)].join('.'), 4711)!;
};
