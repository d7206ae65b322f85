/**
 * Looks after own topics in which something goes on, until 10 s after the last object or word of one. SPEC, Passing on (M-59).
 *
 * ```
 *   heard ──2 s──▶ look ──2 s──▶ look ── ... ──▶ at rest, until something is heard
 *                   │ links that were silent for long are asked whether they are there
 *                   └ nothing heard for 2 s: somebody is asked what there is, and 4 s later again
 * ```
 *
 * Where objects go about, a link that is dead costs objects, and one look at it costs little beside them. And of the last objects all
 * word may have been lost on the way here: nothing comes after them that would tell.
 */
import { after, type Bound, earliest, type Instant, jittered, type Random, type TopicTag } from '@srp/machine';
import { busyMs, pauseJitter, pulseMs, silentAgainMs, silentAsks, silentMs, tagsMax } from '../constants.js';

interface Busy {
  heardAt: Instant;
  lookAt: Instant;
  /** How often somebody was asked since something was heard. */
  asked: number;
  /** When somebody was asked last; `null` if nobody was. */
  askedAt: Instant | null;
}

/** A busy topic that is due, and whether it has fallen silent. */
export interface Beat {
  readonly tag: TopicTag;
  readonly isSilent: boolean;
}

export class Pulse {
  readonly #random: Random;
  /** Own topics alone: at most 64. */
  readonly #busy = new Map<TopicTag, Busy>();
  /** No later than the first look that is due. */
  #dueAt: Instant | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  bounds(): readonly Bound[] {
    return [{ name: 'mesh busy topics', size: this.#busy.size, max: tagsMax }];
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** An object of an own topic came, or news of one. */
  heard(now: Instant, tag: TopicTag): void {
    const busy = this.#busy.get(tag);
    if (busy === undefined) {
      const lookAt = this.#nextLook(now);
      this.#busy.set(tag, { heardAt: now, lookAt, asked: 0, askedAt: null });
      this.#dueAt = earliest(this.#dueAt, lookAt);
    } else {
      busy.heardAt = now;
      busy.asked = 0;
    }
  }

  /** Whether anything of a topic was heard lately: where no objects go about, none is lost. */
  isBusy(now: Instant, tag: TopicTag): boolean {
    const busy = this.#busy.get(tag);
    return busy !== undefined && now - busy.heardAt < busyMs;
  }

  leave(tag: TopicTag): void {
    this.#busy.delete(tag);
  }

  /** The busy topics whose turn it is. */
  take(now: Instant): readonly Beat[] {
    if (this.#dueAt === null || now < this.#dueAt) return [];
    this.#dueAt = null;
    const due: Beat[] = [];
    for (const [tag, busy] of this.#busy) {
      if (now >= busy.lookAt) {
        const { asked, askedAt } = busy;
        const quietMs = now - busy.heardAt;
        if (quietMs >= busyMs) {
          this.#busy.delete(tag);
          continue;
        }
        const isSilent = quietMs >= silentMs && asked < silentAsks && (askedAt === null || now - askedAt >= silentAgainMs);
        if (isSilent) {
          busy.asked = asked + 1;
          busy.askedAt = now;
        }
        busy.lookAt = this.#nextLook(now);
        due.push({ tag, isSilent });
      }
      this.#dueAt = earliest(this.#dueAt, busy.lookAt);
    }
    return due;
  }

  #nextLook(now: Instant): Instant {
    return after(now, jittered(this.#random, pulseMs, pauseJitter));
  }
}
