/**
 * The keys of one session: those it seals with, and for a minute those before them. SPEC, Rekey.
 *
 * ```
 *   made ──1 h──▶ renewal wanted ──failed──▶ wanted again a minute later ── 5 min ──▶ worth nothing any more
 *                     └──▶ new keys; the old ones still open what was under way
 * ```
 */
import { after, earliest, type Instant } from '@srp/machine';
import { previousKeysMs, rejectAfterMs, rekeyAfterMs, rekeyPauseMs, rekeyResponderShare } from './constants.js';
import type { TransportKeys } from './transport.js';

export class Keyring {
  #current: TransportKeys;
  #previous: TransportKeys | null = null;
  #previousUntil: Instant | null = null;
  #rekeyAt: Instant;
  #postponedUntil: Instant | null = null;

  constructor(keys: TransportKeys) {
    this.#current = keys;
    this.#rekeyAt = renewalOf(keys);
  }

  get current(): TransportKeys {
    return this.#current;
  }

  get previous(): TransportKeys | null {
    return this.#previous;
  }

  /** Keys that came second in a crossing: they open what the other side may seal with them, and seal nothing. Returns the keys that nothing opens any more. */
  keepForReading(now: Instant, keys: TransportKeys): TransportKeys | null {
    const retired = this.#previous;
    this.#previous = keys;
    this.#previousUntil = after(now, previousKeysMs);
    return retired;
  }

  /** New keys, same session. Returns the keys that nothing opens any more. */
  renew(now: Instant, keys: TransportKeys): TransportKeys | null {
    const retired = this.keepForReading(now, this.#current);
    this.#current = keys;
    this.#postponedUntil = null;
    this.#rekeyAt = renewalOf(keys);
    return retired;
  }

  /** The previous keys, once their time is over. */
  retire(now: Instant): TransportKeys | null {
    if (this.#previousUntil === null || now < this.#previousUntil) return null;
    const retired = this.#previous;
    this.#previous = null;
    this.#previousUntil = null;
    return retired;
  }

  /** A renewal began, or failed while the keys still do: the next one not before a minute. */
  postpone(now: Instant): void {
    this.#postponedUntil = after(now, rekeyPauseMs);
  }

  /** Whether new keys are wanted. */
  wantsRekey(now: Instant, packetsMax: number): boolean {
    if (this.#postponedUntil !== null && now < this.#postponedUntil) return false;
    return now >= this.#rekeyAt || this.#current.sentCount >= packetsMax;
  }

  /** When a renewal or the end of the keys is due. */
  get dueAt(): Instant | null {
    return earliest(this.#postponedUntil ?? this.#rekeyAt, after(this.#current.madeAt, rejectAfterMs), this.#previousUntil);
  }
}

/** When keys are to be renewed: by the responder a little later, so that not both begin. */
const renewalOf = ({ role, madeAt }: TransportKeys): Instant => after(madeAt, rekeyAfterMs * (role === 'responder' ? 1 + rekeyResponderShare : 1));
