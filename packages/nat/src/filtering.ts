/**
 * Whom the NAT or firewall before this peer lets in: found out with ordinary peers, when the user wants to know. SPEC, Filtering.
 *
 * ```
 *   this peer ── KNOCK t ──▶ R          in the session
 *       S ══ PUNCH t ══════▶ R          by a socket S of its own, whose mapping has written to R alone
 *       S ◀═════ PUNCH n ═══ R          R takes part; that n is known proves S to it
 *   this peer ── KNOCK n ──▶ R
 *       S ◀═════ PUNCH n ═══ R'         from R's other port: lets in a host that it wrote to
 *       S ◀═════ PUNCH n ═══ T          from somebody else's host: lets in everybody
 * ```
 *
 * What comes in proves that it is let in, whoever lies: so one such packet decides. That nothing came proves little, and counts when
 * peers of three networks took part. This is the asking side; the others are in `knocks.ts`.
 */
import { type Address, after, earliest, familyOf, hostOf, type Instant, type PeerId, type Random, scopeOf, toHex } from '@srp/machine';
import type { Knock } from '@srp/wire';
import type { Named } from './candidates.js';
import { filterAgainMs, filterMs, filterObserversMax, filterObserversMin } from './constants.js';
import type { Family, SocketTaker } from './knocks.js';

/** Whom a NAT or firewall lets in, in the words of RFC 4787: everybody, a host that was written to, an address and port that was written to. */
export type Filtering = 'unknown' | 'independent' | 'address' | 'address-and-port';

/** What leaves this file. */
export type FilteringOutput =
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Knock }
  | { readonly kind: 'punch'; readonly to: Address; readonly token: string; readonly socket: number }
  | { readonly kind: 'open-sockets'; readonly first: number; readonly count: number; readonly family: Family }
  | { readonly kind: 'close-sockets'; readonly sockets: readonly number[] };

/** Somebody who may take part: a direct session with a public address. */
export interface Observer {
  readonly peer: PeerId;
  readonly address: Address;
  /** Where it says to listen. */
  readonly named: Pick<Named, 'addresses'>;
}

/** What one observer is asked, by one socket. */
interface Question extends Omit<Observer, 'named'> {
  readonly family: Family;
  readonly socket: number;
  readonly token: string;
  isOpen: boolean;
  /** What the observer wants to hear back; `null` before it took part. */
  nonce: string | null;
  /** What came from other ports or hosts. */
  heard: Exclude<Filtering, 'unknown'>;
}

/** One examination. */
interface Run {
  readonly questions: readonly Question[];
  /** When those that have not done all they can are asked once more. */
  againAts: readonly Instant[];
  readonly until: Instant;
}

const families = [4, 6] as const;

export class FilterTest {
  readonly #random: Random;
  readonly #takeSockets: SocketTaker;
  #run: Run | null = null;
  readonly #found = new Map<Family, Filtering>();

  constructor(random: Random, takeSockets: SocketTaker) {
    this.#random = random;
    this.#takeSockets = takeSockets;
  }

  /** What is known: of IPv4, or of IPv6 if nothing is known of that. */
  get filtering(): Filtering {
    return this.#found.get(4) ?? this.#found.get(6) ?? 'unknown';
  }

  /** Asks the first few of `observers`, who are of networks of their own, the best first. While one examination runs no other begins. */
  begin(now: Instant, observers: readonly Observer[], out: FilteringOutput[]): void {
    if (this.#run !== null) return;
    const questions = families.flatMap((family) => {
      const asked = observers.filter(({ address }) => familyOf(address) === family).slice(0, filterObserversMax);
      const first = asked.length === 0 ? 0 : this.#takeSockets(asked.length);
      if (asked.length > 0) out.push({ kind: 'open-sockets', first, count: asked.length, family });
      return asked.map(({ peer, address }, place): Question => ({ peer, address, family, socket: first + place, token: toHex(this.#random.bytes(8)), isOpen: false, nonce: null, heard: 'address-and-port' }));
    });
    if (questions.length > 0) this.#run = { questions, againAts: filterAgainMs.map((ms) => after(now, ms)), until: after(now, filterMs) };
  }

  /** The driver has opened `count` of the sockets from `first` on. Answers whether they were asked for here. */
  opened(first: number, count: number, out: FilteringOutput[]): boolean {
    const questions = this.#run?.questions ?? [];
    const family = questions.find(({ socket }) => socket === first)?.family;
    for (const question of questions) {
      if (question.family !== family || question.socket >= first + count) continue;
      question.isOpen = true;
      ask(question, out);
    }
    return family !== undefined;
  }

  /** A PUNCH came to a socket of this peer, which others see at `own`: what turned round in the own NAT says nothing. */
  punched(from: Address, token: string, socket: number, own: readonly Address[], out: FilteringOutput[]): void {
    const question = this.#run?.questions.find((one) => one.socket === socket && one.isOpen);
    if (question === undefined || scopeOf(from) !== 'public' || own.some((one) => hostOf(one) === hostOf(from))) return;
    if (question.nonce === null && from === question.address) {
      question.nonce = token;
      ask(question, out);
    } else if (token === question.nonce && from !== question.address) {
      question.heard = hostOf(from) === hostOf(question.address) ? 'address' : 'independent';
      if (this.#verdicts().every((verdict) => verdict === 'independent')) this.#end(out); // nothing better is to be heard
    }
  }

  /** Another network is before this peer. */
  forget(out: FilteringOutput[]): void {
    if (this.#run !== null) this.#end(out);
    this.#found.clear();
  }

  /** Does what is due. */
  wake(now: Instant, out: FilteringOutput[]): void {
    const run = this.#run;
    if (run === null) return;
    const [againAt, ...later] = run.againAts;
    if (now >= run.until) this.#end(out);
    else if (againAt !== undefined && now >= againAt) {
      run.againAts = later;
      for (const question of run.questions) if (question.isOpen && question.heard !== 'independent') ask(question, out);
    }
  }

  deadline(): Instant | null {
    const run = this.#run;
    return run === null ? null : earliest(run.againAts[0] ?? null, run.until);
  }

  /** Of the families that were asked about. */
  #verdicts(): readonly Filtering[] {
    return families.flatMap((family) => {
      const asked = this.#run?.questions.filter((question) => question.family === family) ?? [];
      return asked.length === 0 ? [] : [verdictOf(asked)];
    });
  }

  #end(out: FilteringOutput[]): void {
    const questions = this.#run?.questions ?? [];
    for (const family of families) {
      const asked = questions.filter((question) => question.family === family);
      const verdict = verdictOf(asked);
      if (verdict !== 'unknown') this.#found.set(family, verdict);
      if (asked.length > 0) out.push({ kind: 'close-sockets', sockets: asked.map(({ socket }) => socket) });
    }
    this.#run = null;
  }
}

/** Begins, or goes on: an observer that took part wants its own token back. */
const ask = ({ peer, address, token, nonce, socket }: Question, out: FilteringOutput[]): void => {
  out.push({ kind: 'frame', to: peer, frame: { kind: 'knock', token: nonce ?? token, address: null } });
  if (nonce === null) out.push({ kind: 'punch', to: address, token, socket });
};

const verdictOf = (asked: readonly Question[]): Filtering => {
  if (asked.some(({ heard }) => heard === 'independent')) return 'independent';
  const tookPart = asked.filter(({ nonce }) => nonce !== null);
  if (tookPart.length < filterObserversMin) return 'unknown';
  return tookPart.some(({ heard }) => heard === 'address') ? 'address' : 'address-and-port';
};
