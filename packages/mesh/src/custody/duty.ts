/**
 * Whether this peer keeps objects for others, and says so in its HELLO. SPEC, Keepers (M-56).
 *
 * ```
 *   others reach it ──2 s──▶ four others keep? ── no ──▶ keeps
 *                                  └─ yes ──1 min──▶ eight? ── no ──▶ keeps
 *                                                       └─ yes ──30 min after its start──▶ keeps
 * ```
 *
 * Who comes for two minutes so takes no place of one who stays. Where few keep, everyone who can does at once: a young network, or a
 * small one. A peer behind a NAT that others are introduced to keeps only while fewer than eight open ones do.
 */
import { after, type Instant, jittered, type Random } from '@srp/machine';
import type { Hello } from '@srp/wire';
import { dutyAgainMs, dutyDecidesMs, dutyOthersAtOnce, dutyUptimeMs, keepersWanted, pauseJitter } from '../constants.js';
import type { Neighbours } from '../neighbours.js';
import type { Contacts } from '../routing/contacts.js';

/** How others reach this peer: unasked, through an introducer, or not by any sure way. */
export type Reach = 'open' | 'introduced' | 'hard';

/** What a peer's HELLO says about that. */
export const reachOf = ({ mapping, filtering }: Pick<Hello, 'mapping' | 'filtering'>): Reach => (mapping !== 'independent' ? 'hard' : filtering === 'independent' ? 'open' : 'introduced');

export class Duty {
  readonly #random: Random;
  readonly #isWilling: boolean;
  readonly #contacts: Contacts;
  readonly #neighbours: Neighbours;
  #reach: Reach = 'hard';
  #begunAt: Instant | null = null;
  #looksAt: Instant | null = null;
  #isFirstLook = true;
  #keeps = false;

  /** `isWilling`: it keeps objects for others at all. */
  constructor(random: Random, isWilling: boolean, contacts: Contacts, neighbours: Neighbours) {
    this.#random = random;
    this.#isWilling = isWilling;
    this.#contacts = contacts;
    this.#neighbours = neighbours;
  }

  get keeps(): boolean {
    return this.#keeps;
  }

  get isOpen(): boolean {
    return this.#reach === 'open';
  }

  /** Whether others might take it for a keeper, if it did not say otherwise. */
  get mustDeny(): boolean {
    return this.#reach !== 'hard' && !this.#keeps;
  }

  deadline(): Instant | null {
    return this.#looksAt;
  }

  /** How this peer is reached, as far as it knows now. */
  describe(now: Instant, reach: Reach): void {
    this.#begunAt ??= now;
    if (reach === this.#reach) return;
    if (reach === 'hard') this.#keeps = false;
    this.#reach = reach;
    this.#isFirstLook = true;
    this.#looksAt = reach === 'hard' || !this.#isWilling ? null : after(now, jittered(this.#random, dutyDecidesMs, pauseJitter));
  }

  /** Decides, if it is time to. Answers whether that changed what it does. */
  wake(now: Instant): boolean {
    if (this.#looksAt === null || now < this.#looksAt || this.#begunAt === null) return false;
    const kept = this.#keeps;
    const open = this.#contacts.keeperCount();
    const isNeeded = this.isOpen || open < keepersWanted;
    const known = this.isOpen ? open : open + this.#neighbours.all().filter(({ keeps, isIntroduced }) => keeps && isIntroduced).length;
    const enough = this.#isFirstLook ? dutyOthersAtOnce : keepersWanted;
    this.#isFirstLook = false;
    this.#keeps = isNeeded && (kept || known < enough || now >= after(this.#begunAt, dutyUptimeMs));
    this.#looksAt = this.#keeps && this.isOpen ? null : after(now, jittered(this.#random, dutyAgainMs, pauseJitter));
    return this.#keeps !== kept;
  }
}
