/** The topics the app has joined: which there are, and what is published into them. */
import type { KeyPair, Topic } from '@srp/identity';
import { authorId, earliest, type Instant, type PacketId, type Random, tagOf, type TopicId, type TopicTag } from '@srp/machine';
import type { DeliveryMode } from '@srp/stream';
import { composePacket, composeRun, cutIntoParts, encodeManifest, idBytes, type Life, type Packet } from '@srp/wire';
import { topicsMax } from '../constants.js';
import { PeerError } from '../errors.js';
import { fittingEnvelope, packetMessageBytesMax } from './envelope.js';
import { JoinedTopic } from './joined-topic.js';

export class Topics {
  readonly #joined = new Map<TopicTag, JoinedTopic>();
  readonly #author: KeyPair;
  readonly #random: Random;

  readonly #recall: (id: PacketId) => Packet | null;

  /** `recall` answers with an object that the cache holds. */
  constructor(author: KeyPair, random: Random, recall: (id: PacketId) => Packet | null) {
    this.#author = author;
    this.#random = random;
    this.#recall = recall;
  }

  /** The joined topic of a tag, or `undefined`. */
  get(tag: TopicTag): JoinedTopic | undefined {
    return this.#joined.get(tag);
  }

  /** The joined topic. Throws TOPIC_NOT_JOINED. */
  of(topic: TopicId): JoinedTopic {
    const joined = this.#joined.get(tagOf(topic));
    if (joined === undefined) throw new PeerError('TOPIC_NOT_JOINED', `Cannot use topic ${topic}: join it first`);
    return joined;
  }

  all(): IterableIterator<JoinedTopic> {
    return this.#joined.values();
  }

  /** Joins a topic of which the cache holds `held`; `null` if it was joined before. Throws TOPICS_FULL. */
  join(topic: Topic, mode: DeliveryMode, held: readonly PacketId[]): JoinedTopic | null {
    if (this.#joined.has(topic.tag)) return null;
    if (this.#joined.size >= topicsMax) throw new PeerError('TOPICS_FULL', `Cannot join topic ${topic.tag}: at most ${topicsMax} topics a peer, leave one first`);
    const joined = new JoinedTopic(topic, mode, authorId(this.#author.publicKey), this.#random.fork(topic.tag), held, this.#recall);
    this.#joined.set(topic.tag, joined);
    return joined;
  }

  /** Answers whether it was joined. */
  leave(tag: TopicTag): boolean {
    return this.#joined.delete(tag);
  }

  deadline(): Instant | null {
    let first: Instant | null = null;
    for (const joined of this.#joined.values()) first = earliest(first, joined.deadline());
    return first;
  }

  /** A new message of this peer's author, after everything it knows of the topic: one object, or its parts and last their manifest. */
  compose(now: Instant, joined: JoinedTopic, payload: Uint8Array, life: Life): readonly Packet[] {
    const { prev, parents } = joined.links(authorId(this.#author.publicKey));
    const run = { topic: joined.topic, author: this.#author, now, life, prev, random: this.#random };
    if (payload.length <= packetMessageBytesMax) return [composePacket({ ...run, envelope: fittingEnvelope(payload.length, now, parents), payload })];
    const parts = cutIntoParts(payload);
    const envelope = fittingEnvelope(parts.length * idBytes, now, parents);
    return composeRun({ ...run, items: [...parts.map((part) => ({ kind: 'part' as const, payload: part })), { kind: 'manifest', envelope, payload: encodeManifest }] });
  }
}
