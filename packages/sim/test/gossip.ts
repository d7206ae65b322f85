/**
 * The smallest machine with the contract of a peer: it greets whom its app names, floods objects in the clear to
 * whoever it heard, and forgets nobody. It tests the simulator, so it must be obvious rather than good.
 */
import type { Topic } from '@srp/identity';
import { type Address, after, Counter, type Instant, type PacketId, type PeerId, peerId, type TopicId } from '@srp/machine';
import type { Delivery, DeliveryCause, PeerDrop, PeerInput, PeerOutput, PeerProtocolOptions } from '@srp/peer/protocol';
import type { MachineMaker, PeerMachine } from '@srp/sim';
import { composePacket, decodePacket, openPacket, type Packet, postageMax, restamp } from '@srp/wire';

const greeting = Uint8Array.of(1);
const answer = Uint8Array.of(2);
const greetEveryMs = 1_000;

export class Gossip implements PeerMachine {
  readonly id: PeerId;
  readonly dropped = new Counter<PeerDrop>();
  readonly #options: PeerProtocolOptions;
  readonly #named = new Set<Address>();
  readonly #heard = new Set<Address>();
  readonly #topics = new Map<TopicId, Topic>();
  readonly #packets = new Map<PacketId, Packet>();
  #last: PacketId | null = null;
  #greetAt: Instant | null = null;

  constructor(options: PeerProtocolOptions) {
    this.#options = options;
    this.id = peerId(options.keys.publicKey);
  }

  handle(now: Instant, input: PeerInput): readonly PeerOutput[] {
    switch (input.kind) {
      case 'connect':
      case 'found':
        this.#named.add(input.address);
        return this.#greet(now);
      case 'wakeup':
        return this.#greetAt !== null && this.#greetAt <= now ? this.#greet(now) : [];
      case 'datagram':
        this.#heard.add(input.from);
        if (input.bytes[0] === 1) return [{ kind: 'transmit', to: input.from, bytes: answer }];
        return input.bytes[0] === 2 ? [] : this.#object(now, input.from, input.bytes);
      case 'restore':
        for (const { bytes } of input.records) this.#keep(bytes);
        return [];
      case 'join':
        this.#topics.set(input.topic.id, input.topic);
        return [...this.#packets.values()].flatMap((packet) => this.#show(packet, 'restored'));
      case 'leave':
        this.#topics.delete(input.topic);
        return [];
      case 'publish': {
        const topic = this.#topics.get(input.topic);
        if (topic === undefined) throw new RangeError('Cannot publish: join first');
        const { author, random } = this.#options;
        const { bytes } = composePacket({ topic, author, now, prev: this.#last, life: input.life, payload: input.payload, random });
        const packet = this.#keep(bytes);
        this.#last = packet.id;
        return [...this.#show(packet, 'published'), ...this.#store(now, packet), ...this.#flood(packet, null)];
      }
      default:
        return [];
    }
  }

  deadline(): Instant | null {
    return this.#greetAt;
  }

  neighbours(): readonly { readonly peer: PeerId; readonly address: Address }[] {
    return [...this.#heard].map((address) => ({ peer: this.id, address }));
  }

  book(): unknown {
    return [...this.#heard];
  }

  #greet(now: Instant): PeerOutput[] {
    this.#greetAt = after(now, greetEveryMs);
    return [...this.#named].map((to) => ({ kind: 'transmit', to, bytes: greeting }));
  }

  #object(now: Instant, from: Address, bytes: Uint8Array): PeerOutput[] {
    const parsed = decodePacket(bytes);
    if (!parsed.ok || this.#packets.has(parsed.value.id)) return [];
    const packet = this.#keep(restamp(bytes, Math.max(0, parsed.value.postage - 1)));
    return [...this.#show(packet, 'arrived'), ...this.#store(now, packet), ...this.#flood(packet, from)];
  }

  #keep(bytes: Uint8Array): Packet {
    const parsed = decodePacket(bytes);
    if (!parsed.ok) throw new RangeError(parsed.reason);
    this.#packets.set(parsed.value.id, parsed.value);
    return parsed.value;
  }

  #store(now: Instant, { id, bytes }: Packet): PeerOutput[] {
    return [{ kind: 'put', record: { id, pool: 'subscribed', keptAt: now, ingress: null, bytes } }];
  }

  #flood({ bytes, postage }: Packet, from: Address | null): PeerOutput[] {
    if (postage === 0) return [];
    return [...this.#heard].filter((to) => to !== from).map((to) => ({ kind: 'transmit', to, bytes }));
  }

  #show(packet: Packet, how: DeliveryCause): PeerOutput[] {
    const topic = [...this.#topics.values()].find(({ tag }) => tag === packet.tag);
    const content = topic === undefined ? undefined : openPacket(packet, topic);
    if (topic === undefined || content?.ok !== true) return [];
    const { payload, ms, parents } = content.value;
    const delivery: Delivery = { id: packet.id, topic: topic.id, author: packet.author, sentAtMs: packet.time * 1000 + ms, payload, previous: packet.prev, parents, missing: [], gap: false, from: null };
    return [{ kind: 'delivered', delivery, how }];
  }
}

export const gossip: MachineMaker = (options) => new Gossip(options);

/** A gossip machine whose outputs are bent before anybody carries them out. */
export const bent =
  (bend: (outputs: readonly PeerOutput[], input: PeerInput, self: PeerMachine) => readonly PeerOutput[]): MachineMaker =>
  (options) => {
    const machine = new Gossip(options);
    return {
      id: machine.id,
      dropped: machine.dropped,
      handle: (now, input) => bend(machine.handle(now, input), input, machine),
      deadline: () => machine.deadline(),
      neighbours: () => machine.neighbours(),
      book: () => machine.book(),
    };
  };

/** The object as its author sends it. */
export const freshlyStamped = (bytes: Uint8Array): Uint8Array => restamp(bytes, postageMax);
