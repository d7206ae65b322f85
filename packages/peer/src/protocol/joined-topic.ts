/**
 * One topic the app has joined: its keys, its causal order, and what arrived but may not be delivered yet.
 *
 * The stream knows ids, this room knows contents. An object stays here from its arrival until the stream
 * delivers it. The room holds twice what the stream does; the oldest goes first.
 */
import type { Topic } from '@srp/identity';
import { type Address, type AuthorId, type Bound, BoundedMap, type Instant, type PacketId, type PeerId, type Random, type ShortId, shortIdOf, unreachable, wakeup } from '@srp/machine';
import { CausalStream, type DeliveryMode, type StreamOutput } from '@srp/stream';
import { type Content, type Packet } from '@srp/wire';
import { waitingMax } from '../constants.js';
import type { Delivery } from './contract.js';

/** Where an object came from: a neighbour, and the address its datagram had. */
export type Origin = { readonly peer: PeerId; readonly address: Address } | null;

/** Ids to ask for. */
export interface TopicWant {
  readonly ids: readonly ShortId[];
  /** Who named them; `null` if nobody did who is a neighbour. */
  readonly from: PeerId | null;
  /** 0 for the first question, 1 for the second, ... */
  readonly attempt: number;
}

/** What came of an input: objects to deliver, ids to ask for, forks to report. */
export interface TopicNews {
  readonly deliveries: readonly Delivery[];
  readonly wants: readonly TopicWant[];
  readonly forks: readonly Extract<StreamOutput, { kind: 'fork' }>[];
}

export class JoinedTopic {
  readonly topic: Topic;
  readonly #stream: CausalStream;
  /** What the stream answered after its last input: asked for after each datagram. */
  #dueAt: Instant | null = null;
  readonly #waiting = new BoundedMap<PacketId, Omit<Delivery, 'missing' | 'gap'>>(waitingMax);

  /** `own` is the author who publishes here. */
  constructor(topic: Topic, mode: DeliveryMode, own: AuthorId, random: Random) {
    this.topic = topic;
    this.#stream = new CausalStream({ mode, random, own });
  }

  /** Takes an object whose body was opened with this topic's key. */
  take(now: Instant, packet: Packet, content: Content, from: Origin, isRestored: boolean): TopicNews {
    this.#waiting.set(packet.id, {
      id: packet.id,
      topic: this.topic.id,
      author: packet.author,
      sentAtMs: packet.time * 1000 + content.ms,
      payload: content.payload,
      previous: packet.prev,
      parents: content.parents,
      from,
    });
    return this.#carryOut(
      this.#stream.handle(now, {
        kind: 'object',
        id: packet.id,
        author: packet.author,
        prev: packet.prev,
        next: packet.next,
        parents: content.parents,
        time: packet.time,
        ms: content.ms,
        from: from?.peer ?? null,
        restored: isRestored,
      }),
    );
  }

  /** Time has passed: retries and give-ups. */
  wake(now: Instant): TopicNews {
    return this.#carryOut(this.#stream.handle(now, wakeup));
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** What the next object of `author` must point at: its own last, and the heads of the others. */
  links(author: AuthorId): { readonly prev: PacketId | null; readonly parents: readonly PacketId[] } {
    return { prev: this.#stream.lastOf(author), parents: this.#stream.heads(author) };
  }

  bounds(): readonly Bound[] {
    return this.#stream.bounds();
  }

  /** Ids known to exist, and not here. */
  missing(): readonly PacketId[] {
    return this.#stream.missing();
  }

  #carryOut(outputs: readonly StreamOutput[]): TopicNews {
    this.#dueAt = this.#stream.deadline();
    const news = { deliveries: [] as Delivery[], wants: [] as TopicNews['wants'][number][], forks: [] as TopicNews['forks'][number][] };
    for (const output of outputs) {
      switch (output.kind) {
        case 'deliver': {
          const held = this.#waiting.get(output.id);
          this.#waiting.delete(output.id);
          if (held !== undefined) news.deliveries.push({ ...held, missing: output.missing, gap: output.gap });
          break;
        }
        case 'want':
          // A member may name two ids that begin alike; a WANT names none twice.
          news.wants.push({ ...output, ids: [...new Set(output.ids.map(shortIdOf))] });
          break;
        case 'want-next':
          news.wants.push(output);
          break;
        case 'fork':
          news.forks.push(output);
          break;
        case 'gave-up':
          break; // what waited for it comes out with a gap
        default:
          unreachable(output);
      }
    }
    return news;
  }
}
