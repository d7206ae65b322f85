/**
 * When something is due next in each session, in one list of numbers: it is searched for each wakeup, and to look into every
 * session instead would cost more than what is done then. Sessions come in the order in which they were added.
 */
import type { Instant } from '@srp/machine';
import type { Session } from './session.js';

export class Plans {
  readonly #sessions: Session[] = [];
  /** Of the session at the same place; `Infinity` if nothing is due in it. */
  readonly #times: number[] = [];
  #firstAt = Infinity;

  /** When the first thing is due in any of them. */
  get firstAt(): Instant | null {
    return this.#firstAt === Infinity ? null : (this.#firstAt as Instant);
  }

  add(session: Session, at: Instant | null): void {
    this.#sessions.push(session);
    this.#times.push(Infinity);
    this.set(session, at);
  }

  /** Something else is due in a session, or at another time. It does nothing for one that has gone. */
  set(session: Session, at: Instant | null): void {
    const place = this.#sessions.indexOf(session);
    if (place < 0) return;
    const before = this.#times[place];
    this.#times[place] = at ?? Infinity;
    if (at !== null && at <= this.#firstAt) this.#firstAt = at;
    else if (before === this.#firstAt) this.#findFirst();
  }

  delete(session: Session): void {
    const place = this.#sessions.indexOf(session);
    if (place < 0) return;
    this.#sessions.splice(place, 1);
    this.#times.splice(place, 1);
    this.#findFirst();
  }

  /** Those in which something is due. */
  due(now: Instant): readonly Session[] {
    return this.#sessions.filter((_, place) => (this.#times[place] as number) <= now);
  }

  #findFirst(): void {
    let first = Infinity;
    for (const time of this.#times) if (time < first) first = time;
    this.#firstAt = first;
  }
}
