/**
 * One pair of keys and its counters: turns frames into DATA and back. SPEC, Datagrams, Replay, Rekey.
 *
 * The counter is the nonce, so it never repeats under one key; what is opened is fresh and authentic. There is
 * no associated data: type, index and counter each lead to another key or nonce if they are changed.
 */
import { suite } from '@srp/identity';
import { type Decoded, decoded, type Instant, refused } from '@srp/machine';
import { type DataDatagram, type SessionIndex, writeDataHead } from './codec.js';
import { dataHeadBytes, keyBytes, rejectAfterMs, rejectAfterPackets } from './constants.js';
import { noiseNonce, type SplitKeys } from './noise.js';
import { ReplayWindow } from './replay.js';
import type { LinkRole } from './types.js';

const nothing = new Uint8Array(0);

/** Frames out of a DATA, and whether no later one was seen. */
export interface OpenedData {
  readonly frames: Uint8Array;
  readonly isNewest: boolean;
}

export class TransportKeys {
  /** Under which the other side reaches us. */
  readonly localIndex: SessionIndex;
  /** Under which we reach the other side. */
  readonly remoteIndex: SessionIndex;
  readonly madeAt: Instant;
  /** Whether we sent the INIT they come from. */
  readonly role: LinkRole;
  readonly #keys: SplitKeys;
  readonly #window = new ReplayWindow();
  #sent: number;

  /** `sent` packets went out before: 0, but for tests of the limit. */
  constructor(role: LinkRole, keys: SplitKeys, localIndex: SessionIndex, remoteIndex: SessionIndex, madeAt: Instant, sent = 0) {
    this.role = role;
    this.#keys = keys;
    this.localIndex = localIndex;
    this.remoteIndex = remoteIndex;
    this.madeAt = madeAt;
    this.#sent = sent;
  }

  /** Packets sealed so far. */
  get sentCount(): number {
    return this.#sent;
  }

  /** Whether the other side has used them. */
  get isHeard(): boolean {
    return !this.#window.isEmpty;
  }

  /** Packets of the other side that have not come, while later ones have. */
  get missingCount(): number {
    return this.#window.missingCount;
  }

  /** Overwrites the keys; nothing is sealed or opened with them any more. */
  erase(): void {
    this.#keys.fill(0);
  }

  /** Whether these keys may still seal and open. */
  isUsable(now: Instant): boolean {
    return this.#sent < rejectAfterPackets && now - this.madeAt < rejectAfterMs;
  }

  /** A whole DATA. The caller has asked {@link isUsable}. */
  seal(frames: Uint8Array): Uint8Array {
    if (this.#sent >= rejectAfterPackets) throw new RangeError('Cannot seal: this key has no counter left');
    const counter = this.#sent;
    this.#sent += 1;
    return writeDataHead(suite.chachaSeal(this.#key(true), noiseNonce(counter), nothing, frames, dataHeadBytes), this.remoteIndex, counter);
  }

  /** The frames in a DATA, once. */
  open(now: Instant, data: DataDatagram): Decoded<OpenedData, 'replayed' | 'forged' | 'unknown-session'> {
    if (now - this.madeAt >= rejectAfterMs) return refused('unknown-session');
    if (!this.#window.isFresh(data.counter)) return refused('replayed');
    const frames = suite.chachaOpen(this.#key(false), noiseNonce(data.counter), nothing, data.sealed);
    if (frames === null) return refused('forged');
    return decoded({ frames, isNewest: this.#window.mark(data.counter) });
  }
  /** The key of our packets, or of theirs. Cut out at each use: two more views a session would cost 200 bytes. */
  #key(isOurs: boolean): Uint8Array {
    return isOurs === (this.role === 'initiator') ? this.#keys.subarray(0, keyBytes) : this.#keys.subarray(keyBytes);
  }
}
