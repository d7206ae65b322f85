/**
 * The handshakes that we began. SPEC, Handshake.
 *
 * Owns their states, their indices and the times of our INITs; `handshake.ts` is one of them. It does not know
 * sessions: what becomes of a RESP is decided in `link.ts`.
 */
import { after, earliest, idBytes, type Instant, type PeerId, type Random, toHex, TokenBucket } from '@srp/machine';
import type { CookieDatagram, ResponseDatagram, SessionIndex } from './codec.js';
import * as limit from './constants.js';
import { joinFrames, pingFrame } from './frames.js';
import { Handshake, type Attempt } from './handshake.js';
import type { IndexSpace } from './indices.js';
import { isMac1Right, macKeysOf, type MacKeys } from './macs.js';
import { freshEphemeral, readResponse, type SplitKeys, type StaticKeys, writeInit } from './noise.js';
import type { Owner } from './owner.js';
import { isRelayed, type Path } from './path.js';
import { decodeResponsePayload, encodeInitPayload, type ResponsePayload } from './payload.js';
import type { PathOutput } from './types.js';

/** What a caller wants of a new handshake. */
export interface Wish {
  readonly peer: PeerId;
  /** Single frames that ride in INIT. */
  readonly early: readonly Uint8Array[];
  /** The index that the peer knows the session under that shall be renewed, or 0. */
  readonly continues: SessionIndex;
  /** What its PING tells, see silence.ts. */
  readonly silence: number;
}

/** What a RESP leaves. */
export interface Answered extends ResponsePayload {
  readonly keys: SplitKeys;
  readonly remoteIndex: SessionIndex;
}

export class Initiator {
  readonly #random: Random;
  readonly #keys: StaticKeys;
  readonly #macKeys: MacKeys;
  readonly #indices: IndexSpace<Owner>;
  readonly #handshakes = new Map<PeerId, Handshake>();
  readonly #responses = new TokenBucket(limit.responsesPerSecondMax, limit.responsesPerSecondMax);
  #lastMs = -1;

  constructor(random: Random, keys: StaticKeys, indices: IndexSpace<Owner>) {
    this.#random = random;
    this.#keys = keys;
    this.#macKeys = macKeysOf(keys.publicKey);
    this.#indices = indices;
  }

  get(peer: PeerId): Handshake | undefined {
    return this.#handshakes.get(peer);
  }

  values(): IterableIterator<Handshake> {
    return this.#handshakes.values();
  }

  get size(): number {
    return this.#handshakes.size;
  }

  /** Begins a handshake, without an address yet; or says why not. */
  begin(now: Instant, wish: Wish): Handshake | 'overloaded' | 'invalid' {
    if (this.#handshakes.size >= limit.handshakesMax) return 'overloaded';
    const remote = idBytes(wish.peer);
    const ms = Math.max(Math.floor(now), this.#lastMs + 1);
    this.#lastMs = ms;
    const tx = toHex(this.#random.bytes(limit.pingTokenBytes));
    const frames = joinFrames([pingFrame(tx, wish.silence), ...wish.early]);
    const asksForNames = wish.early.some((frame) => frame[0] === limit.linkFrameType.find);
    const payload = encodeInitPayload({ ms, continues: wish.continues, frames }, asksForNames ? limit.initFindBytesMin : limit.initBytesMin);
    const written = writeInit(this.#keys, remote, freshEphemeral(this.#random, now, remote), payload);
    if (written === null) return 'invalid';
    const handshake = new Handshake({
      peer: wish.peer,
      state: written.state,
      noise: written.message,
      macKeys: macKeysOf(remote),
      tx,
      said: wish.early,
      startedAt: now,
      isRenewal: wish.continues !== 0,
    });
    this.#handshakes.set(wish.peer, handshake);
    return handshake;
  }

  /** Tries an address, at once or a little later; an address that is tried already is not tried twice. */
  tryAddress(now: Instant, handshake: Handshake, address: Path, waitMs: number, out: PathOutput[]): void {
    const known = attemptAt(handshake, address);
    if (known !== undefined) known.isScheduled = true; // somebody else had named it before the user did
    if (known !== undefined || this.#add(after(now, waitMs), handshake, address, true) !== null) this.act(now, handshake, out);
  }

  /** Sends one INIT to an address, the first of which may be left out; no more than three in all. */
  sendOne(now: Instant, handshake: Handshake, address: Path, isFirstLeftOut: boolean, out: PathOutput[]): void {
    const known = attemptAt(handshake, address);
    // One that was made for an address the user named may be long: it goes nowhere else.
    if (known === undefined && handshake.initBytes > limit.initProbeBytesMax) return;
    const attempt = known ?? this.#add(now, handshake, address, false);
    if (attempt === null || (known === undefined && isFirstLeftOut)) return;
    if (handshake.takeOne(attempt)) this.#send(now, handshake, attempt, out);
  }

  /** Sends what is due. */
  act(now: Instant, handshake: Handshake, out: PathOutput[]): void {
    for (const attempt of handshake.takeDue(now)) this.#send(now, handshake, attempt, out);
  }

  /** A COOKIE came back: the same INIT again, with the cookie's mac. */
  onCookie(now: Instant, handshake: Handshake, attempt: Attempt, datagram: CookieDatagram, out: PathOutput[]): boolean {
    if (!handshake.take(attempt, datagram)) return false;
    this.#send(now, handshake, attempt, out);
    return true;
  }

  /** Reads a RESP; a reason if it does not answer this handshake, which then waits on. */
  onResponse(now: Instant, handshake: Handshake, datagram: ResponseDatagram): Answered | 'wrong-mac' | 'overloaded' | 'forged' | 'malformed' {
    if (!isMac1Right(datagram, this.#macKeys)) return 'wrong-mac';
    if (!this.#responses.take(now)) return 'overloaded';
    const read = readResponse(handshake.state, datagram.noise);
    if (read === null) return 'forged';
    const payload = decodeResponsePayload(read.payload);
    return payload.ok ? { ...payload.value, keys: read.keys, remoteIndex: datagram.from } : payload.reason;
  }

  /** Forgets a handshake and its indices, but for one that lives on in a session. */
  end(handshake: Handshake, keep: Attempt | null = null): void {
    this.#handshakes.delete(handshake.peer);
    for (const attempt of handshake.attempts) if (attempt !== keep) this.#indices.release(attempt.index);
  }

  get dueAt(): Instant | null {
    if (this.#handshakes.size === 0) return null;
    let due: Instant | null = null;
    for (const handshake of this.#handshakes.values()) due = earliest(due, handshake.dueAt);
    return due;
  }

  #add(startsAt: Instant, handshake: Handshake, address: Path, isScheduled: boolean): Attempt | null {
    const isThroughRelay = isRelayed(address);
    const alike = handshake.attempts.filter((attempt) => isRelayed(attempt.address) === isThroughRelay);
    if (alike.length >= (isThroughRelay ? limit.handshakeChannelsMax : limit.handshakeAddressesMax)) return null;
    const attempt = handshake.add(address, startsAt, isScheduled);
    attempt.index = this.#indices.claim({ kind: 'attempt', handshake, attempt });
    return attempt;
  }

  #send(now: Instant, handshake: Handshake, attempt: Attempt, out: PathOutput[]): void {
    out.push({ kind: 'transmit', to: attempt.address, bytes: handshake.init(now, attempt) });
  }
}

const attemptAt = (handshake: Handshake, address: Path): Attempt | undefined => handshake.attempts.find((attempt) => attempt.address === address);
