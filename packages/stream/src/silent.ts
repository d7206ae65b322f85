/**
 * What is here, has its place in the order, and is not for the application: parts of messages, and manifests that list nothing. Who
 * names one as his `prev` follows what is before it.
 */
import { BoundedMap, type PacketId } from '@srp/machine';
import { silentMax, silentRunMax } from './constants.js';

export class Silent {
  readonly #prevs = new BoundedMap<PacketId, PacketId | null>(silentMax);

  add(id: PacketId, prev: PacketId | null): void {
    this.#prevs.set(id, prev);
  }

  /** The object itself, or, if it is one of these, the last before it that is none, as far as is known. */
  resolved(id: PacketId | null): PacketId | null {
    let at = id;
    for (let step = 0; step < silentRunMax && at !== null; step += 1) {
      const before = this.#prevs.get(at);
      if (before === undefined) break;
      at = before;
    }
    return at;
  }
}
