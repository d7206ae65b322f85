/**
 * Names of things, each a branded string of lowercase hex, so that an id compares with `===`, is a key
 * of a `Map` and prints as itself. ADR 3. Bytes exist only on the wire.
 *
 * | brand    | bytes | names                                                        |
 * | -------- | ----- | ------------------------------------------------------------ |
 * | PeerId   | 32    | an installation: its Ed25519 link key                        |
 * | AuthorId | 32    | who signs objects: an Ed25519 key                            |
 * | TopicId  | 32    | a topic, derived from its key                                |
 * | TopicTag | 8     | the topic on the wire: the first 8 bytes of its id           |
 * | PacketId | 16    | an object: the first 16 bytes of its hash                    |
 * | ShortId  | 8     | an object in hints and queries: the first 8 bytes of its id  |
 */
import { fromHex, toHex } from './bytes.js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An installation, by its Ed25519 link key: 64 hex characters. */
export type PeerId = Branded<'PeerId'>;
/** A signer of objects, by its Ed25519 key: 64 hex characters. */
export type AuthorId = Branded<'AuthorId'>;
/** A topic: 64 hex characters. */
export type TopicId = Branded<'TopicId'>;
/** A topic as relays see it: 16 hex characters. */
export type TopicTag = Branded<'TopicTag'>;
/** An object: 32 hex characters. */
export type PacketId = Branded<'PacketId'>;
/** The front of a {@link PacketId}: 16 hex characters. A hint, never a proof. */
export type ShortId = Branded<'ShortId'>;

const idOf = <Id extends string>(name: string, length: number) => (bytes: Uint8Array): Id => {
  if (bytes.length !== length) {
    throw new RangeError(`Cannot make a ${name}: it has ${length} bytes, got ${bytes.length}`);
  }
  return toHex(bytes) as Id;
};

/** A peer id from the 32 bytes of its key. */
export const peerId: (bytes: Uint8Array) => PeerId = idOf('PeerId', 32);
/** An author id from the 32 bytes of its key. */
export const authorId: (bytes: Uint8Array) => AuthorId = idOf('AuthorId', 32);
/** A topic id from its 32 bytes. */
export const topicId: (bytes: Uint8Array) => TopicId = idOf('TopicId', 32);
/** A topic tag from its 8 bytes. */
export const topicTag: (bytes: Uint8Array) => TopicTag = idOf('TopicTag', 8);
/** A packet id from its 16 bytes. */
export const packetId: (bytes: Uint8Array) => PacketId = idOf('PacketId', 16);
/** A short id from its 8 bytes. */
export const shortId: (bytes: Uint8Array) => ShortId = idOf('ShortId', 8);

/** The bytes of any id, fresh. */
export const idBytes = (id: PeerId | AuthorId | TopicId | TopicTag | PacketId | ShortId): Uint8Array => fromHex(id);
/** The tag under which a topic travels. */
export const tagOf = (topic: TopicId): TopicTag => topic.slice(0, 16) as TopicTag;
/** The short form of a packet id. */
export const shortIdOf = (id: PacketId): ShortId => id.slice(0, 16) as ShortId;
