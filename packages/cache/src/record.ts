/** What the cache asks its driver to keep on disk, and gets back after a restart. SPEC, Cache. */
import type { Instant, PacketId } from '@srp/machine';

/**
 * On whose account an object is held.
 *
 * - `unsent`: this peer published it, and nobody else is known to have it. It gives way to nothing but its like.
 * - `own`: this peer published it.
 * - `subscribed`: its topic is subscribed to here.
 * - `duty`: this peer is one of those who keep its topic for others (a keeper), until whoever inserted it removes it.
 * - `stranger`: held for others, and let go after one custody period.
 */
export type Pool = 'unsent' | 'own' | 'subscribed' | 'duty' | 'stranger';

/** All of {@link Pool}; the position is what the log writes. */
export const pools: readonly Pool[] = ['own', 'subscribed', 'stranger', 'duty', 'unsent'];

/** A part of the budget; `topics` is that of a peer's own topics. */
export type Part = 'unsent' | 'topics' | 'duty' | 'strangers';

/** All of {@link Part}. */
export const parts: readonly Part[] = ['unsent', 'topics', 'duty', 'strangers'];

/** Which part of the budget an object is charged to. */
export const partOf: Readonly<Record<Pool, Part>> = { unsent: 'unsent', own: 'topics', subscribed: 'topics', duty: 'duty', stranger: 'strangers' };

/** One object as it lies on disk. Nothing in it is believed when it is read back. */
export interface PacketRecord {
  readonly id: PacketId;
  readonly pool: Pool;
  /** Since when it is held; the custody period counts from here. */
  readonly keptAt: Instant;
  /** Who is charged for it: the network of the neighbour that brought it, or `null` for this peer. At most 64 bytes of UTF-8. */
  readonly ingress: string | null;
  /** The whole object, 174..1198 bytes, with the postage it has left. Never written to. */
  readonly bytes: Uint8Array;
}
