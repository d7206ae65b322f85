/**
 * The heads of the topic: delivered objects that no delivered object names. A new object names them as
 * its parents, and so says what its author had seen. SPEC, Order.
 */
import { BoundedMap, type PacketId } from '@srp/machine';
import { headsMax, namedMax } from './constants.js';

export class Heads {
  /** Oldest delivery first; the oldest goes when there are too many. */
  readonly #heads = new BoundedMap<PacketId, true>(headsMax);
  /** Named by a delivered object before they came themselves: no heads when they come. */
  readonly #named = new BoundedMap<PacketId, true>(namedMax);

  /** An object was delivered that names `past`, of which `missing` was not. */
  add(id: PacketId, past: readonly PacketId[], missing: readonly PacketId[]): void {
    for (const named of past) this.#heads.delete(named);
    for (const named of missing) this.#named.set(named, true);
    if (!this.#named.delete(id)) this.#heads.set(id, true);
  }

  /** At most `max` heads other than `except`, the latest delivery first. */
  latest(except: PacketId | null, max: number): readonly PacketId[] {
    return [...this.#heads.keys()]
      .reverse()
      .filter((id) => id !== except)
      .slice(0, max);
  }
}
