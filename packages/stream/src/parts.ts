/**
 * The parts of long messages whose manifest has not come, and how they are put together. SPEC, Order: Messages above one packet.
 *
 * ```
 *   part ──▶ waits here ──manifest──▶ message         10 min, 1 MiB, or the author who has most of them brings more: gone
 * ```
 *
 * What is gone from here is not lost: its object may be in the cache, and the caller says so. Whoever brings parts without end pushes
 * out his own.
 */
import { after, type AuthorId, type Bound, type Decoded, decoded, type Instant, type PacketId, refused } from '@srp/machine';
import { partsBytesMax, partsForMs, partsKeptMax } from './constants.js';
import { Shares } from './shares.js';

/** One part, opened. */
export interface Part {
  readonly id: PacketId;
  readonly author: AuthorId;
  readonly prev: PacketId | null;
  readonly payload: Uint8Array;
}

/** A manifest: its author, and what it lists, in order. */
export interface Manifest {
  readonly author: AuthorId;
  readonly prev: PacketId | null;
  readonly parts: readonly PacketId[];
}

/** A message put together, and the author's object before its first part. */
export interface Whole {
  readonly payload: Uint8Array;
  readonly previous: PacketId | null;
}

/** Why a manifest makes no message: it lists something else than the run before it, or a part that was here is so no longer. */
export type WholeRefusal = 'manifest-alien' | 'part-gone';

interface Kept {
  readonly part: Part;
  readonly endsAt: Instant;
}

export class Parts {
  /** The one that came first stands first. */
  readonly #kept = new Map<PacketId, Kept>();
  readonly #shares = new Shares<PacketId>();
  #bytes = 0;

  add(now: Instant, part: Part): void {
    if (this.#kept.has(part.id)) return;
    this.#kept.set(part.id, { part, endsAt: after(now, partsForMs) });
    this.#shares.add(part.author, part.id);
    this.#bytes += part.payload.length;
    while (this.#bytes > partsBytesMax || this.#kept.size > partsKeptMax) {
      const crowding = this.#shares.oldestOfLargest();
      if (crowding === null) return;
      this.delete(crowding);
    }
  }

  get(id: PacketId): Part | undefined {
    return this.#kept.get(id)?.part;
  }

  /** How many parts of an author wait. */
  countOf(author: AuthorId): number {
    return this.#shares.countOf(author);
  }

  delete(id: PacketId): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.#shares.delete(kept.part.author, id);
    this.#bytes -= kept.part.payload.length;
  }

  /** Lets go of what waited too long. */
  wake(now: Instant): void {
    for (const [id, { endsAt }] of this.#kept) {
      if (endsAt > now) return;
      this.delete(id);
    }
  }

  deadline(): Instant | null {
    for (const { endsAt } of this.#kept.values()) return endsAt;
    return null;
  }

  bounds(): readonly Bound[] {
    return [
      { name: 'stream parts', size: this.#kept.size, max: partsKeptMax },
      { name: 'stream parts, bytes', size: this.#bytes, max: partsBytesMax },
    ];
  }
}

/** Puts a message together, if its parts are the run of the same author that ends where the manifest begins. `partOf` answers with a part, or why there is none. */
export const putTogether = ({ author, prev, parts }: Manifest, partOf: (id: PacketId) => Decoded<Part, WholeRefusal>): Decoded<Whole, WholeRefusal> => {
  if (parts.at(-1) !== prev) return refused('manifest-alien');
  const found: Part[] = [];
  for (const id of parts) {
    const part = partOf(id);
    if (!part.ok) return part;
    const before = found.at(-1);
    if (part.value.author !== author || (before !== undefined && part.value.prev !== before.id)) return refused('manifest-alien');
    found.push(part.value);
  }
  const payload = new Uint8Array(found.reduce((sum, part) => sum + part.payload.length, 0));
  let at = 0;
  for (const part of found) {
    payload.set(part.payload, at);
    at += part.payload.length;
  }
  return decoded({ payload, previous: found[0]?.prev ?? null });
};
