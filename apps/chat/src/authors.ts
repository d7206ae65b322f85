/**
 * Whom we have heard, and under which names. A name may be used by anybody; the key behind it is what counts.
 */
import { fingerprintOf, type Packet } from '@srp/peer';
import { authorsMax } from './constants.js';

/** Who signs: a public key. */
export type AuthorId = Packet['author'];

export interface Known {
  readonly author: AuthorId;
  readonly name: string;
  readonly heardAt: Date;
}

export class Authors {
  /** The one heard last stands last. */
  readonly #known = new Map<AuthorId, Known>();

  /** Notes that an author was heard under a name. Returns the name used before if it was another one. */
  heard(author: AuthorId, name: string, heardAt: Date): string | null {
    const before = this.#known.get(author);
    this.#known.delete(author);
    this.#known.set(author, { author, name, heardAt });
    if (this.#known.size > authorsMax) for (const [oldest] of this.#known) {
      this.#known.delete(oldest);
      break;
    }
    return before !== undefined && before.name !== name ? before.name : null;
  }

  /** Whether an author other than this one goes by the same name, capitals aside. */
  isShared(author: AuthorId, name: string): boolean {
    const folded = name.toLowerCase();
    return [...this.#known.values()].some((other) => other.author !== author && other.name.toLowerCase() === folded);
  }

  /** The last heard first. */
  list(): readonly Known[] {
    return [...this.#known.values()].reverse();
  }
}

/** Two words of a fingerprint: enough to tell two equal names apart, not to prove who somebody is. */
export function markOf(author: AuthorId): string {
  return fingerprintOf(author).split('-').slice(0, 2).join('-');
}
