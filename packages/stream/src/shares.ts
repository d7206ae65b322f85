/**
 * Who caused what, so that when something must go it is the oldest of whoever caused the most: a flooder
 * competes with itself. Oldest means added first. The owner of the ids bounds their number.
 */
import { type AuthorId, type PacketId } from '@srp/machine';

export class Shares {
  readonly #caused = new Map<AuthorId, Set<PacketId>>();

  add(author: AuthorId, id: PacketId): void {
    const caused = this.#caused.get(author);
    if (caused === undefined) this.#caused.set(author, new Set([id]));
    else caused.add(id);
  }

  delete(author: AuthorId, id: PacketId): void {
    const caused = this.#caused.get(author);
    caused?.delete(id);
    if (caused?.size === 0) this.#caused.delete(author);
  }

  countOf(author: AuthorId): number {
    return this.#caused.get(author)?.size ?? 0;
  }

  oldestOf(author: AuthorId): PacketId | null {
    return firstOf(this.#caused.get(author));
  }

  /** The oldest id of the author with the most; of two with as many, of the one who came first. */
  oldestOfLargest(): PacketId | null {
    let largest: ReadonlySet<PacketId> | undefined;
    for (const caused of this.#caused.values()) if (caused.size > (largest?.size ?? 0)) largest = caused;
    return firstOf(largest);
  }
}

const firstOf = (ids: ReadonlySet<PacketId> | undefined): PacketId | null => {
  for (const id of ids ?? []) return id;
  return null;
};
