/**
 * Who caused what, so that when something must go it is the oldest of whoever caused the most: a flooder
 * competes with itself. Oldest means added first. The owner of the ids bounds their number.
 */
import { type AuthorId } from '@srp/machine';

export class Shares<Id extends string> {
  readonly #caused = new Map<AuthorId, Set<Id>>();

  add(author: AuthorId, id: Id): void {
    const caused = this.#caused.get(author);
    if (caused === undefined) this.#caused.set(author, new Set([id]));
    else caused.add(id);
  }

  delete(author: AuthorId, id: Id): void {
    const caused = this.#caused.get(author);
    caused?.delete(id);
    if (caused?.size === 0) this.#caused.delete(author);
  }

  countOf(author: AuthorId): number {
    return this.#caused.get(author)?.size ?? 0;
  }

  oldestOf(author: AuthorId): Id | null {
    return firstOf(this.#caused.get(author));
  }

  /** The oldest id of the author with the most; of two with as many, of the one who came first. */
  oldestOfLargest(): Id | null {
    let largest: ReadonlySet<Id> | undefined;
    for (const caused of this.#caused.values()) if (caused.size > (largest?.size ?? 0)) largest = caused;
    return firstOf(largest);
  }
}

const firstOf = <Id>(ids: ReadonlySet<Id> | undefined): Id | null => {
  for (const id of ids ?? []) return id;
  return null;
};
