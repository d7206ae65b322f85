/**
 * One topic the app has joined: its keys, its causal order, and what arrived but may not be delivered yet. What the cache held of it
 * comes first, a few objects at a time: recollection.ts.
 *
 * ```
 *   message ──▶ waiting ─────────────── the stream delivers it ─────────────────▶ app
 *   part ─────▶ parts ───────────────────────────────────┐
 *   manifest ─▶ waiting ─── the stream says: all is here ──┴─ put together ───────▶ app
 * ```
 *
 * The stream knows ids, this room knows contents. An object stays here from its arrival until the stream
 * delivers it. The room holds more than the stream does; the oldest goes first.
 */
import type { Topic } from '@srp/identity';
import { type Address, after, type AuthorId, type Bound, BoundedMap, type Decoded, decoded, earliest, type Instant, type PacketId, type PeerId, type Random, refused, type ShortId, shortIdOf, unreachable, wakeup } from '@srp/machine';
import { CausalStream, type DeliveryMode, type Part, Parts, putTogether, type StreamOutput, type TopicStatus, type WholeRefusal } from '@srp/stream';
import { decodeManifest, type ManifestRefusal, openPacket, type Packet } from '@srp/wire';
import { recallEveryMs, waitingMax } from '../constants.js';
import type { Delivery, DeliveryCause, Fork, MessageProgress } from './contract.js';
import { type Opened, Recollection } from './recollection.js';

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

/** Why a long message never came to be: its manifest lists nothing or what is not its own, a part is gone, or too many wait for parts. */
export type MessageRefusal = ManifestRefusal | WholeRefusal | 'manifest-abandoned';

/** What came of an input: objects to deliver, ids to ask for, forks to report. */
export interface TopicNews {
  readonly deliveries: readonly Delivery[];
  readonly wants: readonly TopicWant[];
  readonly forks: readonly Fork[];
  readonly progress: readonly MessageProgress[];
  readonly drops: readonly MessageRefusal[];
  /** How far the topic is known to be whole, if that has changed. */
  readonly status: TopicStatus | null;
}

/** What came of an object of the recollection. */
export interface Recalled {
  readonly id: PacketId;
  readonly news: TopicNews;
  readonly how: Exclude<DeliveryCause, 'published'>;
}

/** The same while it grows. */
type News = { -readonly [Field in keyof TopicNews]: TopicNews[Field] extends readonly (infer Item)[] ? Item[] : TopicNews[Field] };

/** What waits for the stream. */
interface Waiting {
  readonly delivery: Omit<Delivery, 'missing' | 'gap'>;
  /** What a manifest lists; none for a message. */
  readonly parts: readonly PacketId[];
}

export class JoinedTopic {
  readonly topic: Topic;
  readonly #stream: CausalStream;
  /** What the stream answered after its last input: asked for after each datagram. */
  #dueAt: Instant | null = null;
  readonly #waiting = new BoundedMap<PacketId, Waiting>(waitingMax);
  readonly #parts = new Parts();
  readonly #recall: (id: PacketId) => Packet | null;
  readonly #recollection: Recollection;
  #recallAt: Instant | null = null;
  /** What came last: the cache may not have it yet. */
  #inHand: Packet | null = null;
  #status: TopicStatus;

  /** `own` is the author who publishes here; `held` are the objects of the topic that the cache holds, with any of which `recall` answers. */
  constructor(topic: Topic, mode: DeliveryMode, own: AuthorId, random: Random, held: readonly PacketId[], recall: (id: PacketId) => Packet | null) {
    this.topic = topic;
    this.#recall = recall;
    this.#recollection = new Recollection(held, topic, recall);
    this.#stream = new CausalStream({ mode, random, own });
    this.#status = this.#stream.status();
  }

  /** Takes an object whose body was opened with this topic's key. While what the cache held is not all out, it waits for its turn. */
  take(now: Instant, opened: Opened): TopicNews {
    return this.#recollection.delays(opened) ? newsOf([]) : this.#take(now, opened, false);
  }

  /** More of what the cache held, and what arrived meanwhile: so many steps, each of which opens an object or takes one. `null` if all was out before. */
  recall(now: Instant, stepCount: number): readonly Recalled[] | null {
    if (this.isRecalled) return null;
    const recalled: Recalled[] = [];
    for (let left = stepCount; left > 0 && !this.#recollection.isOver; left -= 1) {
      const next = this.#recollection.step();
      if (next === null) continue;
      const isRestored = next.from === null;
      recalled.push({ id: next.packet.id, news: this.#take(now, next, isRestored), how: isRestored ? 'restored' : 'arrived' });
    }
    this.#recallAt = this.#recollection.isOver ? null : after(now, recallEveryMs);
    return recalled;
  }

  /** Whether all that the cache held when the topic was joined has come out. */
  get isRecalled(): boolean {
    return this.#recollection.isOver;
  }

  #take(now: Instant, { packet, content, from }: Opened, isRestored: boolean): TopicNews {
    const { id, author, kind, prev, next, time, bytes } = packet;
    const { parents, ms, payload } = content;
    this.#inHand = packet;
    const listed = kind === 'manifest' ? decodeManifest(payload) : decoded([]);
    const isSilent = kind === 'part' || !listed.ok;
    const parts = listed.ok ? listed.value : [];
    const news = newsOf(listed.ok ? [] : [listed.reason]);
    if (kind === 'part') this.#parts.add(now, { id, author, prev, payload });
    if (!isSilent) this.#waiting.set(id, { delivery: { id, topic: this.topic.id, author, sentAtMs: time * 1000 + ms, payload, previous: prev, parents, from }, parts });
    const object = { id, author, prev, next, parents, time, ms, parts, isSilent, bytes: bytes.length };
    this.#carryOut(this.#stream.handle(now, { kind: 'object', ...object, from: from?.peer ?? null, restored: isRestored }), news);
    // Until the manifest is here nobody knows how many there will be.
    if (kind === 'part' && news.progress.length === 0 && this.#parts.get(id) !== undefined) news.progress.push({ topic: this.topic.id, author, id: null, here: this.#parts.countOf(author), of: null });
    return news;
  }

  /** Time has passed: retries and give-ups. */
  wake(now: Instant): TopicNews {
    this.#parts.wake(now);
    return this.#carryOut(this.#stream.handle(now, wakeup), newsOf([]));
  }

  deadline(): Instant | null {
    return earliest(this.#dueAt, this.#recallAt);
  }

  /** What the next object of `author` must point at: its own last, and the heads of the others. */
  links(author: AuthorId): { readonly prev: PacketId | null; readonly parents: readonly PacketId[] } {
    return { prev: this.#stream.lastOf(author), parents: this.#stream.heads(author) };
  }

  bounds(): readonly Bound[] {
    return [...this.#stream.bounds(), ...this.#parts.bounds(), this.#recollection.bound()];
  }

  /** Ids known to exist, and not here. */
  missing(): readonly PacketId[] {
    return this.#stream.missing();
  }

  /** How far the topic is known to be whole. */
  status(): TopicStatus {
    return this.#status;
  }

  #carryOut(outputs: readonly StreamOutput[], news: News): TopicNews {
    for (const output of outputs) {
      switch (output.kind) {
        case 'deliver':
          this.#deliver(output, news);
          break;
        case 'want':
          // A member may name two ids that begin alike; a WANT names none twice.
          news.wants.push({ ...output, ids: [...new Set(output.ids.map(shortIdOf))] });
          break;
        case 'want-next':
          news.wants.push(output);
          break;
        case 'fork':
          news.forks.push({ topic: this.topic.id, author: output.author, ids: output.ids, packets: output.ids.flatMap((id) => this.#packetOf(id)?.bytes ?? []) });
          break;
        case 'progress':
          news.progress.push({ topic: this.topic.id, author: output.author, id: output.id, here: output.here, of: output.of });
          break;
        case 'abandoned':
          this.#waiting.delete(output.id);
          news.drops.push('manifest-abandoned');
          break;
        case 'gave-up':
          break; // what waited for it comes out with a gap
        default:
          unreachable(output);
      }
    }
    this.#dueAt = earliest(this.#stream.deadline(), this.#parts.deadline());
    const status = this.#stream.status();
    if (status.missing !== this.#status.missing || status.lost !== this.#status.lost) news.status = this.#status = status;
    return news;
  }

  #deliver({ id, missing, gap }: Extract<StreamOutput, { kind: 'deliver' }>, news: News): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const { delivery, parts } = waiting;
    if (parts.length === 0) {
      news.deliveries.push(deliveryOf(delivery, missing, gap));
      return;
    }
    const whole = putTogether({ author: delivery.author, prev: delivery.previous, parts }, (part) => this.#partOf(part));
    if (whole.ok) news.deliveries.push({ ...delivery, ...whole.value, missing, gap });
    else news.drops.push(whole.reason);
    for (const part of parts) if (this.#parts.get(part)?.author === delivery.author) this.#parts.delete(part);
  }

  #packetOf(id: PacketId): Packet | null {
    return this.#inHand?.id === id ? this.#inHand : this.#recall(id);
  }

  #partOf(id: PacketId): Decoded<Part, WholeRefusal> {
    const kept = this.#parts.get(id);
    if (kept !== undefined) return decoded(kept);
    const packet = this.#packetOf(id);
    if (packet === null) return refused('part-gone');
    const content = packet.kind === 'part' ? openPacket(packet, this.topic) : null;
    return content?.ok === true ? decoded({ id, author: packet.author, prev: packet.prev, payload: content.value.payload }) : refused('manifest-alien');
  }
}

const newsOf = (drops: MessageRefusal[]): News => ({ deliveries: [], wants: [], forks: [], progress: [], drops, status: null });

/** Field by field: a spread takes ten times as long, and this is done for each message. */
const deliveryOf = ({ id, topic, author, sentAtMs, payload, previous, parents, from }: Waiting['delivery'], missing: Delivery['missing'], gap: boolean): Delivery => ({
  id, topic, author, sentAtMs, payload, previous, parents, from, missing, gap,
});
