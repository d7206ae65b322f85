/**
 * Whether this peer keeps objects for others, and says so in its HELLO. SPEC, Keepers (M-56).
 *
 * ```
 *   it is open ──2 s──▶ do those near it keep? ── no ──▶ keeps
 *                              └─ yes ──1 min──▶ do they still? ... ──30 min after its start──▶ keeps
 * ```
 *
 * Who comes for two minutes so takes no place of one who stays; and where few keep, in a young network or a small one, who can does
 * at once. A peer behind a NAT that others are introduced to does not decide: it keeps the topics of which it is asked.
 */
import { after, instant, type Instant, jittered, type PeerId, type Random } from '@srp/machine';
import type { Hello } from '@srp/wire';
import { dutyAgainMs, dutyDecidesMaxMs, dutyDecidesMs, dutyNearestEnough, dutyUptimeMs, nearestWanted, pauseJitter } from '../constants.js';
import type { Contacts } from '../routing/contacts.js';

/** How others reach this peer: unasked, through an introducer, or not by any sure way. */
export type Reach = 'open' | 'introduced' | 'hard';

/** What a peer's HELLO says about that. */
export const reachOf = ({ mapping, filtering }: Pick<Hello, 'mapping' | 'filtering'>): Reach => (mapping !== 'independent' ? 'hard' : filtering === 'independent' ? 'open' : 'introduced');

export interface DutyOptions {
  readonly random: Random;
  readonly isWilling: boolean;
  readonly contacts: Contacts;
  readonly nearest: () => readonly PeerId[];
}

export class Duty {
  /** Whether this peer keeps objects for others at all. */
  readonly isWilling: boolean;
  readonly #random: Random;
  readonly #contacts: Contacts;
  readonly #nearest: () => readonly PeerId[];
  #reach: Reach = 'hard';
  #begunAt: Instant | null = null;
  /** When it found out how it is reached. */
  #reachedAt: Instant = instant(0);
  #looksAt: Instant | null = null;
  #keeps = false;

  /** `nearest`: those whom it found near its own position. */
  constructor({ random, isWilling, contacts, nearest }: DutyOptions) {
    this.#random = random;
    this.isWilling = isWilling;
    this.#contacts = contacts;
    this.#nearest = nearest;
  }

  /** Whether it keeps objects: as an open peer, or (M-57) of the topics of which it is asked. */
  get keeps(): boolean {
    return this.#reach === 'introduced' ? this.isWilling : this.#keeps;
  }

  get isOpen(): boolean {
    return this.#reach === 'open';
  }

  /** Whether others might take it for a keeper, if it did not say otherwise. */
  get mustDeny(): boolean {
    return this.#reach !== 'hard' && !this.keeps;
  }

  deadline(): Instant | null {
    return this.#looksAt;
  }

  /** How this peer is reached, as far as it knows now. */
  describe(now: Instant, reach: Reach): void {
    this.#begunAt ??= now;
    if (reach === this.#reach) return;
    this.#keeps = false;
    this.#reach = reach;
    this.#reachedAt = now;
    this.#looksAt = reach !== 'open' || !this.isWilling ? null : after(now, jittered(this.#random, dutyDecidesMs, pauseJitter));
  }

  /** Decides, if it is time to. Answers whether that changed what it does. */
  wake(now: Instant): boolean {
    if (this.#looksAt === null || now < this.#looksAt || this.#begunAt === null) return false;
    if (!this.#hasLooked(now)) {
      this.#looksAt = after(now, jittered(this.#random, dutyDecidesMs, pauseJitter));
      return false;
    }
    this.#keeps = !this.#doNearestKeep() || now >= after(this.#begunAt, dutyUptimeMs);
    this.#looksAt = this.#keeps ? null : after(now, jittered(this.#random, dutyAgainMs, pauseJitter));
    return this.#keeps;
  }

  /** Whether those keep whom this peer found where it stands itself. */
  #doNearestKeep(): boolean {
    return this.#nearest().filter((peer) => this.#contacts.isKeeper(peer)).length >= dutyNearestEnough;
  }

  /** Whether the lookup for those near it is over: it may take longer where many have gone. */
  #hasLooked(now: Instant): boolean {
    return this.#contacts.size < nearestWanted || this.#nearest().length >= nearestWanted || now - this.#reachedAt >= dutyDecidesMaxMs;
  }
}
