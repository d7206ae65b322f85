/**
 * What the cache held of a topic when it was joined, on its way to the app a few objects at a time. SPEC, Order, S-28.
 *
 * ```
 *   ids ──open──▶ order ──▶ stream ──▶ app
 *                             ▲
 *   arrives meanwhile ──waits─┘
 * ```
 *
 * All of it has to be opened before the first can be shown: what an object names is sealed. A full cache takes a second or two, which
 * nobody else on the thread is to wait for.
 */
import type { Topic } from '@srp/identity';
import type { Bound, PacketId } from '@srp/machine';
import { type CausalItem, CausalOrder } from '@srp/stream';
import { type Content, openPacket, type Packet } from '@srp/wire';
import { meanwhileMax } from '../constants.js';
import type { Origin } from './joined-topic.js';

/** An object whose body was opened, and who brought it; `null` if the cache held it. */
export interface Opened {
  readonly packet: Packet;
  readonly content: Content;
  readonly from: Origin;
}

export class Recollection {
  readonly #ids: readonly PacketId[];
  readonly #topic: Topic;
  readonly #recall: (id: PacketId) => Packet | null;
  readonly #order = new CausalOrder<CausalItem & Opened>();
  readonly #meanwhile: Opened[] = [];
  #openedCount = 0;
  #isOver = false;

  /** `recall` answers with an object that the cache still holds. */
  constructor(ids: readonly PacketId[], topic: Topic, recall: (id: PacketId) => Packet | null) {
    this.#ids = ids;
    this.#topic = topic;
    this.#recall = recall;
  }

  /** Whether all of it has come out. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Keeps what arrived until its turn. False if nothing is before it, or too much waits already. */
  delays(arrived: Opened): boolean {
    if (this.#isOver || this.#meanwhile.length >= meanwhileMax) return false;
    this.#meanwhile.push(arrived);
    return true;
  }

  /** One step: opens an object, gives the next one, or finds that there is none. */
  step(): Opened | null {
    const id = this.#ids[this.#openedCount];
    if (id !== undefined) {
      this.#openedCount += 1;
      this.#open(id);
      return null;
    }
    const next = this.#order.next() ?? this.#meanwhile.shift();
    this.#isOver = next === undefined;
    return next ?? null;
  }

  bound(): Bound {
    return { name: 'peer objects that wait for those held', size: this.#meanwhile.length, max: meanwhileMax };
  }

  #open(id: PacketId): void {
    const packet = this.#recall(id);
    const content = packet === null ? null : openPacket(packet, this.#topic);
    if (packet === null || content?.ok !== true) return;
    const { parents, ms } = content.value;
    this.#order.add({ id, prev: packet.prev, parents, time: packet.time, ms, packet, content: content.value, from: null });
  }
}
