/**
 * Which datagrams have objects in them. Sessions are sealed, so the machine that seals one says so, and what it says
 * goes with the datagram, out of sight of whoever gets it.
 */
import type { PacketId } from '@srp/machine';
import type { SimPeer } from './sim-peer.js';

/** A datagram with an object in it, as a peer puts it out, or as it arrives at one. */
export interface CarriedObject {
  readonly kind: 'sent' | 'received';
  readonly peer: SimPeer;
  readonly id: PacketId;
  /** Of the whole datagram. */
  readonly byteCount: number;
}

export class Carried {
  readonly #ids = new WeakMap<Uint8Array, PacketId>();
  readonly #tell: (passage: CarriedObject) => void;

  constructor(tell: (passage: CarriedObject) => void) {
    this.#tell = tell;
  }

  /** The machine that made the datagram says what is in it. */
  note(datagram: Uint8Array, id: PacketId): void {
    this.#ids.set(datagram, id);
  }

  passes(kind: CarriedObject['kind'], peer: SimPeer, datagram: Uint8Array): void {
    const id = this.#ids.get(datagram);
    if (id !== undefined) this.#tell({ kind, peer, id, byteCount: datagram.length });
  }
}
