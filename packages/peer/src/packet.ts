/** What an app gets to see of an object. */
import { type AuthorId, type PacketId, type TopicId, utf8Text } from '@srp/machine';
import { type FileLink, fileLinkIn } from './file-link.js';
import type { Delivery } from './protocol/index.js';

/** A packet of a joined topic: its signature was checked, its body opened. */
export class Packet {
  readonly id: PacketId;
  readonly topic: TopicId;
  /** The room's name, as this app gave it. */
  readonly clusterId: string;
  /** Who signed it: 64 hex characters of an Ed25519 key. */
  readonly author: AuthorId;
  /** When its author says it was published: milliseconds since the Unix epoch. Authors may lie. */
  readonly sentAtMs: number;
  /** The bytes that were published, at most 61 440. */
  readonly message: Uint8Array;
  /** The author's own packet before this one; `null` for the first. */
  readonly previous: PacketId | null;
  /** Other authors' latest packets that the author had seen. */
  readonly parents: readonly PacketId[];
  /** Packets before this one that had not arrived when it was delivered. */
  readonly missing: readonly PacketId[];
  /** It was held for a past that did not come. Only in causal mode. */
  readonly gap: boolean;
  /** This peer published it. */
  readonly mine: boolean;

  constructor(delivery: Delivery, clusterId: string, self: AuthorId) {
    this.id = delivery.id;
    this.topic = delivery.topic;
    this.clusterId = clusterId;
    this.author = delivery.author;
    this.sentAtMs = delivery.sentAtMs;
    this.message = delivery.payload;
    this.previous = delivery.previous;
    this.parents = delivery.parents;
    this.missing = delivery.missing;
    this.gap = delivery.gap;
    this.mine = delivery.author === self;
  }

  /** The file that this message offers, or `null`: `peer.fetchFile` brings it here. */
  get file(): FileLink | null {
    return fileLinkIn(this.text);
  }

  /** The message as text, or `null` if it is not valid UTF-8. */
  get text(): string | null {
    return utf8Text(this.message);
  }
}
