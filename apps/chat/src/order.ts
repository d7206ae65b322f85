/**
 * Shows messages after those they follow, as far as that costs little.
 *
 * The room is joined in live mode, where a packet arrives as soon as it is here, even before its past. A packet whose past is
 * on the way waits here for it, but never longer than `orderHoldMs`: in a chat a late word is worse than a word out of
 * order. (Causal mode waits 30 s for a past that may have expired.) The past that counts is the author's packet before it
 * and what the author had seen, as far as the packet says that it is missing, or as it waits here itself.
 */
import type { Packet } from '@srp/peer';
import { heldMax, orderHoldMs } from './constants.js';

interface Held {
  readonly packet: Packet;
  readonly waitsFor: Set<Packet['id']>;
  readonly timer: NodeJS.Timeout;
}

export class Order {
  readonly #show: (packet: Packet) => void;
  /** The one that came first stands first. */
  readonly #held = new Map<Packet['id'], Held>();

  constructor(show: (packet: Packet) => void) {
    this.#show = show;
  }

  take(packet: Packet): void {
    const past = [...(packet.previous === null ? [] : [packet.previous]), ...packet.parents];
    const waitsFor = new Set(past.filter((id) => packet.missing.includes(id) || this.#held.has(id)));
    if (waitsFor.size === 0) {
      this.#release(packet);
      return;
    }
    const timer = setTimeout(() => this.#giveUp(packet.id), orderHoldMs);
    this.#held.set(packet.id, { packet, waitsFor, timer });
    if (this.#held.size > heldMax) for (const id of [...this.#held.keys()].slice(0, 1)) this.#giveUp(id);
  }

  /** Shows all that waits. */
  close(): void {
    for (const id of [...this.#held.keys()]) this.#giveUp(id);
  }

  #giveUp(id: Packet['id']): void {
    const held = this.#held.get(id);
    if (held !== undefined) this.#release(held.packet);
  }

  /** Shows a packet, and then what waited for nothing but it. */
  #release(first: Packet): void {
    const ready = [first];
    for (let packet = ready.shift(); packet !== undefined; packet = ready.shift()) {
      clearTimeout(this.#held.get(packet.id)?.timer);
      this.#held.delete(packet.id);
      this.#show(packet);
      for (const held of this.#held.values()) {
        if (held.waitsFor.delete(packet.id) && held.waitsFor.size === 0) ready.push(held.packet);
      }
    }
  }
}
