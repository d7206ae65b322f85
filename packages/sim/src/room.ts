/** A topic as an app sees it: what it was shown, and publishing. One join, so it ends with the peer's process. */
import type { Topic } from '@srp/identity';
import { type PacketId, utf8, utf8Text } from '@srp/machine';
import type { Delivery, DeliveryCause, PeerOutput } from '@srp/peer/protocol';
import { SimError } from './errors.js';
import type { Process } from './process.js';

/** How long an object may live: 0 two minutes, 1 six hours, 2 a day, 3 a week. */
export type Life = 0 | 1 | 2 | 3;

/** A delivery, why it came, and when: milliseconds since the start of the network. */
export interface Delivered extends Delivery {
  readonly how: DeliveryCause;
  readonly atMs: number;
  /** The payload as text, or `null` if it is not valid UTF-8. */
  readonly text: string | null;
}

/** How far a topic is known to be whole. */
export type TopicStatus = Extract<PeerOutput, { kind: 'status' }>['status'];

/** Two objects of one author with the same predecessor. */
export type Fork = Omit<Extract<PeerOutput, { kind: 'forked' }>, 'kind' | 'topic'>;

export class SimRoom {
  readonly topic: Topic;
  /** Called with each delivery, own ones too. It may publish, and do whatever an app does. */
  onDelivery: ((delivered: Delivered) => void) | null = null;
  readonly #process: Process;
  readonly #deliveries: Delivered[] = [];
  readonly #ids = new Set<PacketId>();
  readonly #forks: Fork[] = [];
  #status: TopicStatus = { state: 'synced', missing: 0, lost: 0 };

  constructor(topic: Topic, process: Process) {
    this.topic = topic;
    this.#process = process;
  }

  /** Everything the app was shown, in order: others' and its own, new and restored. */
  get deliveries(): readonly Delivered[] {
    return this.#deliveries;
  }

  get forks(): readonly Fork[] {
    return this.#forks;
  }

  /** How far the topic is known to be whole. */
  get status(): TopicStatus {
    return this.#status;
  }

  has(id: PacketId): boolean {
    return this.#ids.has(id);
  }

  /** The payloads in order of delivery, as text. */
  texts(): readonly string[] {
    return this.#deliveries.map(({ text }) => text ?? '(not a text)');
  }

  /** Publishes text or bytes, for a day unless told otherwise. Throws PEER_DOWN, and what the machine throws for a payload too long. */
  publish(message: string | Uint8Array, { life = 2 }: { readonly life?: Life } = {}): PacketId {
    const payload = typeof message === 'string' ? utf8(message) : message;
    const outputs = this.#process.input({ kind: 'publish', topic: this.topic.id, payload, life });
    for (const output of outputs) if (output.kind === 'delivered' && output.how === 'published') return output.delivery.id;
    throw new SimError('INVARIANT_BROKEN', `${this.#process.name} published, and its machine did not show the object to its own app`, { invariant: 'delivered-true' });
  }

  /** The app no longer wants the topic. */
  leave(): void {
    this.#process.leave(this);
  }

  /** Hands a delivery to the app. For the process alone. */
  show(delivery: Delivery, how: DeliveryCause, atMs: number): void {
    const delivered: Delivered = {
      ...delivery,
      how,
      atMs,
      get text() {
        return utf8Text(delivery.payload);
      },
    };
    this.#ids.add(delivered.id);
    this.#deliveries.push(delivered);
    this.onDelivery?.(delivered);
  }

  /** Hands a fork to the app. For the process alone. */
  showFork(fork: Fork): void {
    this.#forks.push(fork);
  }

  /** Tells the app how far the topic is known to be whole. For the process alone. */
  showStatus(status: TopicStatus): void {
    this.#status = status;
  }
}
