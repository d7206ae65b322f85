/**
 * The handshakes that others began, until their first DATA. SPEC, Handshake, Load, Replay.
 *
 * ```
 *   INIT ─▶ mac1 ─▶ copy of one that is answered? ─▶ load: free, cookie, or COOKIE ─▶ Noise ─▶ ms newer? ─▶ RESP
 *           4 us     yes: the same RESP once more            15 us                     2 DH
 * ```
 *
 * Each address that an INIT or a copy of it came from gets a RESP with another index of ours. The index in the first
 * DATA therefore tells which address received a RESP: that address is proved, and the session opens there. Until
 * then an answer costs one entry of 64, delivers nothing but early frames, and leaves an open session alone: an INIT
 * that somebody held back and sends on later cannot take its place.
 */
import { type Address, after, BoundedMap, encodeAddress, familyOf, hostOf, type Instant, peerId, type PeerId, type Random, scopeOf, TokenBucket, toHex } from '@srp/machine';
import { suite } from '@srp/identity';
import { encodeResponseHead, type InitDatagram, type SessionIndex } from './codec.js';
import * as limit from './constants.js';
import { joinFrames, pingFrame } from './frames.js';
import type { IndexSpace } from './indices.js';
import { CookieJar, finishResponse, isMac1Right, macKeysOf, type MacKeys } from './macs.js';
import { freshEphemeral, readInit, type ResponderState, type SplitKeys, type StaticKeys, writeResponse } from './noise.js';
import type { Owner } from './owner.js';
import { decodeInitPayload, encodeResponsePayload, type InitPayload } from './payload.js';
import type { Path } from './path.js';
import { FrameQueue } from './queue.js';
import type { Session } from './session.js';
import type { TransportKeys } from './transport.js';
import type { DropReason, PathOutput } from './types.js';

/** One address that a RESP went to. */
export interface Way {
  readonly address: Path;
  /** Ours, in that RESP. */
  index: SessionIndex;
  /** Theirs, in the INIT from there. */
  readonly remoteIndex: SessionIndex;
  readonly sentAt: Instant;
  sentCount: number;
}

/** One handshake that was answered and not yet confirmed. */
export interface Answer {
  readonly peer: PeerId;
  readonly keys: SplitKeys;
  readonly madeAt: Instant;
  /** The session that goes on, or `null` for a new one. */
  readonly continued: Session | null;
  /** The keys in use with that peer when it was answered, or `null`. If there are others by then, two handshakes crossed. */
  readonly keysBefore: TransportKeys | null;
  /** Token of the PING inside. */
  readonly tx: string;
  /** Frames of the caller that ride in RESP. */
  readonly said: readonly Uint8Array[];
  /** Frames of the INIT that are delivered when the session opens. */
  readonly left: readonly Uint8Array[];
  readonly ways: Way[];
  /** Frames for the peer that wait for its first DATA. */
  readonly queue: FrameQueue;
  readonly noise: Uint8Array;
  readonly macKeys: MacKeys;
  readonly digest: string;
}

/** An INIT that is authentic, new, and not yet answered. */
export interface Admitted extends InitPayload {
  readonly peer: PeerId;
  readonly remoteIndex: SessionIndex;
  readonly state: ResponderState;
  readonly digest: string;
}

/** What an INIT is answered with. */
export interface Words {
  /** The session that goes on, or `null` for a new one. */
  readonly continued: Session | null;
  /** What our PING tells, see silence.ts. */
  readonly silence: number;
  /** The session there is, or `null`. */
  readonly session: Session | null;
  /** Answers to the PINGs of the INIT. */
  readonly pongs: readonly Uint8Array[];
  readonly said: readonly Uint8Array[];
  readonly left: readonly Uint8Array[];
}

export class Responder {
  readonly #random: Random;
  readonly #keys: StaticKeys;
  readonly #macKeys: MacKeys;
  readonly #indices: IndexSpace<Owner>;
  readonly #jar: CookieJar;
  readonly #answers = new BoundedMap<PeerId, Answer>(limit.unconfirmedMax);
  /** The same, by the hash of the Noise message that is answered. */
  readonly #byDigest = new Map<string, Answer>();
  readonly #initTimes = new BoundedMap<PeerId, { readonly ms: number; readonly at: Instant }>(limit.initTimesMax);
  readonly #freeInits: TokenBucket;
  readonly #cookieInits: TokenBucket;
  readonly #cookieInitsBySource = new BoundedMap<string, TokenBucket>(limit.cookieSourcesMax);
  readonly #cookies = new TokenBucket(limit.cookiesPerSecondMax, limit.cookiesPerSecondMax);

  constructor(random: Random, keys: StaticKeys, indices: IndexSpace<Owner>, freeInitsPerSecond: number) {
    this.#random = random;
    this.#keys = keys;
    this.#macKeys = macKeysOf(keys.publicKey);
    this.#indices = indices;
    this.#jar = new CookieJar(random, this.#macKeys);
    this.#freeInits = new TokenBucket(freeInitsPerSecond, freeInitsPerSecond);
    const inAll = freeInitsPerSecond * limit.cookieInitsFactor;
    this.#cookieInits = new TokenBucket(inAll, inAll);
  }

  /** Answers that wait for their first DATA. */
  get size(): number {
    return Math.max(this.#answers.size, this.#byDigest.size);
  }

  get(peer: PeerId): Answer | undefined {
    return this.#answers.get(peer);
  }

  /** Reads an INIT that came by `from`, where this host sees it at `seen`. `null` if it was a copy that got its RESP again; else the INIT, or why it goes no further. */
  admit(now: Instant, from: Path, seen: Address, init: InitDatagram, out: PathOutput[]): Admitted | DropReason | null {
    if (!isMac1Right(init, this.#macKeys)) return 'wrong-mac';
    const digest = toHex(suite.sha256(init.noise));
    const answer = this.#byDigest.get(digest);
    if (answer !== undefined) return this.#respond(now, from, init.from, answer, out) ? null : 'unwanted';
    if (!this.#mayCompute(now, from, seen, init, out)) return 'overloaded';
    const read = readInit(this.#keys, init.noise);
    if (read === null) return 'forged';
    const payload = decodeInitPayload(read.payload);
    if (!payload.ok) return payload.reason;
    const peer = peerId(read.state.remotePublicKey);
    const last = this.#initTimes.get(peer);
    if (last !== undefined && payload.value.ms <= last.ms && now - last.at < limit.initTimeMs) return 'stale-init';
    return { ...payload.value, peer, remoteIndex: init.from, state: read.state, digest };
  }

  /** Answers an INIT: its RESP goes out, and its keys wait for the first DATA. */
  answer(now: Instant, from: Path, init: Admitted, { continued, session, silence, pongs, said, left }: Words, out: PathOutput[]): boolean {
    const tx = toHex(this.#random.bytes(limit.pingTokenBytes));
    const frames = joinFrames([...pongs, pingFrame(tx, silence), ...said]);
    const payload = encodeResponsePayload({ isContinued: continued !== null, frames });
    const written = writeResponse(init.state, freshEphemeral(this.#random, now, init.state.remoteEphemeral), payload);
    if (written === null) return false;
    const { peer, digest } = init;
    const before = this.#answers.get(peer);
    if (before !== undefined) this.end(before);
    this.#initTimes.set(peer, { ms: init.ms, at: now });
    const answer: Answer = {
      ...{ peer, digest, tx, said, left, continued, keys: written.keys, noise: written.message, madeAt: now },
      ...{ keysBefore: session?.keys ?? null, ways: [], queue: before?.queue ?? new FrameQueue(), macKeys: macKeysOf(init.state.remotePublicKey) },
    };
    const evicted = this.#answers.set(peer, answer);
    if (evicted !== null) this.#forget(evicted[1], null);
    this.#byDigest.set(digest, answer);
    return this.#respond(now, from, init.remoteIndex, answer, out);
  }

  /** Forgets an answer and its indices, but for one that lives on in a session. */
  end(answer: Answer, keep: Way | null = null): void {
    if (this.#answers.get(answer.peer) === answer) this.#answers.delete(answer.peer);
    this.#forget(answer, keep);
  }

  /** Forgets what nobody confirmed in time. */
  expire(now: Instant): void {
    if (this.#answers.size === 0) return;
    for (const answer of [...this.#answers.values()]) if (now >= expiresAt(answer)) this.end(answer);
  }

  /** Forgets all of them. */
  clear(): void {
    for (const answer of [...this.#answers.values()]) this.end(answer);
  }

  get dueAt(): Instant | null {
    if (this.#answers.size === 0) return null;
    const oldest = this.#answers.values().next(); // they all live equally long
    return oldest.done === true ? null : expiresAt(oldest.value);
  }

  /** One RESP to one address; false if that address had enough of them, or there are too many addresses. */
  #respond(now: Instant, to: Path, remoteIndex: SessionIndex, answer: Answer, out: PathOutput[]): boolean {
    let way = answer.ways.find((known) => known.address === to && known.remoteIndex === remoteIndex);
    if (way === undefined) {
      if (answer.ways.length >= limit.responseAddressesMax) return false;
      way = { address: to, index: 0, remoteIndex, sentAt: now, sentCount: 0 };
      way.index = this.#indices.claim({ kind: 'way', answer, way });
      answer.ways.push(way);
    }
    if (way.sentCount >= limit.responsesPerAddressMax) return false;
    way.sentCount += 1;
    const head = encodeResponseHead(way.index, remoteIndex, answer.noise);
    out.push({ kind: 'transmit', to, bytes: finishResponse(head, answer.macKeys) });
    return true;
  }

  /** Whether two Diffie-Hellmans are to be spent on this INIT. If not, a COOKIE may go out. */
  #mayCompute(now: Instant, from: Path, seen: Address, init: InitDatagram, out: PathOutput[]): boolean {
    if (this.#freeInits.take(now)) return true;
    if (this.#jar.proves(now, seen, init)) return this.#bucketOf(seen).take(now) && this.#cookieInits.take(now);
    if (this.#cookies.take(now)) out.push({ kind: 'transmit', to: from, bytes: this.#jar.answer(now, seen, init) });
    return false;
  }

  #bucketOf(from: Address): TokenBucket {
    const source = sourceOf(from);
    const known = this.#cookieInitsBySource.touch(source);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(limit.cookieInitsPerSecond, limit.cookieInitsPerSecond);
    this.#cookieInitsBySource.set(source, bucket);
    return bucket;
  }

  #forget(answer: Answer, keep: Way | null): void {
    this.#byDigest.delete(answer.digest);
    for (const way of answer.ways) if (way !== keep) this.#indices.release(way.index);
  }
}

const expiresAt = (answer: Answer): Instant => after(answer.madeAt, limit.unconfirmedMs);

/** Who pays for a handshake: an IPv4 address or an IPv6 /64; on loopback each port is a peer of its own. */
const sourceOf = (address: Address): string => {
  if (scopeOf(address) === 'loopback') return address;
  return familyOf(address) === 4 ? hostOf(address) : toHex(encodeAddress(address).subarray(1, 9));
};
