/**
 * What this peer does so that others learn whom their NAT lets in. SPEC, Filtering.
 *
 * As an observer: a neighbour says KNOCK in its session and sends a PUNCH by another socket. It is answered once, and what is said back proves
 * where that socket is; then one PUNCH goes there from another port of this peer, and a neighbour is asked to send one from its own host.
 * As that neighbour: one PUNCH leaves for where the observer says, within what nobody asked for may use.
 *
 * Nothing goes to a host where the asker has no session, and all of it is 9 bytes long: an asker gets no more than it sends.
 */
import { type Address, after, BoundedMap, earliest, familyOf, hostOf, type Instant, type PeerId, type Random, sample, toHex } from '@srp/machine';
import type { Knock } from '@srp/wire';
import { knockAnswersMax, knockersMax, knockSocketMs, knockWaitMs } from './constants.js';
import type { Observer } from './filtering.js';
import { refusalOf } from './rules.js';

export type Family = 4 | 6;

/** Gives the first of so many numbers for sockets, which nobody else of this peer has. */
export type SocketTaker = (count: number) => number;

/** What leaves this file. */
export type KnockOutput =
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Knock }
  | { readonly kind: 'punch'; readonly to: Address; readonly token: string; readonly socket?: number }
  | { readonly kind: 'open-sockets'; readonly first: number; readonly count: number; readonly family: Family }
  | { readonly kind: 'close-sockets'; readonly sockets: readonly number[] };

/** What somebody wants to know. */
interface Asked {
  readonly token: string;
  readonly until: Instant;
  /** The asker's other socket, and what it must say to prove that it is there. */
  at: { readonly address: Address; readonly nonce: string } | null;
  answersLeft: number;
}

/** The other port of this peer. */
interface Alternate {
  readonly socket: number;
  isOpen: boolean;
  until: Instant;
}

export class Knocks {
  readonly #random: Random;
  readonly #takeSockets: SocketTaker;
  readonly #asked = new BoundedMap<PeerId, Asked>(knockersMax);
  readonly #alternates = new Map<Family, Alternate>();

  constructor(random: Random, takeSockets: SocketTaker) {
    this.#random = random;
    this.#takeSockets = takeSockets;
  }

  get size(): number {
    return this.#asked.size;
  }

  /** A neighbour asks, or proves where its other socket is; `others` may be asked to send something there. */
  knocked(now: Instant, { peer, address }: Pick<Observer, 'peer' | 'address'>, token: string, others: readonly Observer[], out: KnockOutput[]): void {
    const asked = this.#asked.get(peer);
    if (asked?.at?.nonce === token) {
      if (now < asked.until) this.#answer(asked, asked.at.address, peer, others, out);
    } else if (asked?.token !== token) {
      this.#asked.set(peer, { token, until: after(now, knockWaitMs), at: null, answersLeft: knockAnswersMax });
      this.#open(now, familyOf(address), out);
    }
  }

  /** The driver has opened the other socket, or not. Answers whether it was asked for here. */
  opened(first: number, count: number): boolean {
    for (const [family, alternate] of this.#alternates) {
      if (alternate.socket !== first) continue;
      alternate.isOpen = count > 0;
      if (count === 0) this.#alternates.delete(family);
      return true;
    }
    return false;
  }

  /** A PUNCH came from somewhere: from the other socket of an asker whose session is at the same host? Answers where a PUNCH may go, with what token. */
  punched(now: Instant, from: Address, token: string, observers: () => readonly Observer[]): { readonly to: Address; readonly token: string } | null {
    const [asker, asked] = [...this.#asked.entries()].find(([, one]) => one.token === token && now < one.until) ?? [];
    if (asker === undefined || asked === undefined || refusalOf(from) !== null) return null;
    const all = observers();
    if (!all.some(({ peer, address }) => peer === asker && hostOf(address) === hostOf(from))) return null;
    if (thirdsFor(asker, from, all).length === 0) return null; // who cannot do its part must not look as if it had
    asked.at ??= { address: from, nonce: toHex(this.#random.bytes(8)) };
    return asked.at.address === from ? { to: from, token: asked.at.nonce } : null;
  }

  /** Does what is due. */
  wake(now: Instant, out: KnockOutput[]): void {
    for (const [family, { socket, until }] of this.#alternates) {
      if (now < until) continue;
      this.#alternates.delete(family);
      out.push({ kind: 'close-sockets', sockets: [socket] });
    }
  }

  deadline(): Instant | null {
    return [...this.#alternates.values()].reduce<Instant | null>((first, { until }) => earliest(first, until), null);
  }

  #answer(asked: Asked, to: Address, asker: PeerId, others: readonly Observer[], out: KnockOutput[]): void {
    if (asked.answersLeft === 0 || asked.at === null) return;
    asked.answersLeft -= 1;
    const { nonce: token } = asked.at;
    const alternate = this.#alternates.get(familyOf(to));
    if (alternate?.isOpen === true) out.push({ kind: 'punch', to, token, socket: alternate.socket });
    for (const { peer } of sample(this.#random, thirdsFor(asker, to, others), 1)) out.push({ kind: 'frame', to: peer, frame: { kind: 'knock', token, address: to } });
  }

  #open(now: Instant, family: Family, out: KnockOutput[]): void {
    const known = this.#alternates.get(family);
    const until = after(now, knockSocketMs);
    if (known !== undefined) {
      known.until = until;
      return;
    }
    const socket = this.#takeSockets(1);
    this.#alternates.set(family, { socket, isOpen: false, until });
    out.push({ kind: 'open-sockets', first: socket, count: 1, family });
  }
}

/** Who may send something there for the asker: neighbours elsewhere, that have such addresses, although their session may go by others. */
const thirdsFor = (asker: PeerId, to: Address, others: readonly Observer[]): readonly Observer[] =>
  others.filter(({ peer, address, named }) => {
    const own = [address, ...named.addresses];
    return peer !== asker && own.some((one) => familyOf(one) === familyOf(to)) && own.every((one) => hostOf(one) !== hostOf(to));
  });
