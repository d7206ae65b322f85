/** Objects that `composePacket` would not make: any plaintext, any header, still sealed and signed. */
import { type KeyPair, sealBody, type Topic } from '@srp/identity';
import { authorId, type Random } from '@srp/machine';
import { encodePacket, type PacketFields } from '@srp/wire';
import { associatedData } from '../../dist/object/open.js';
import { signInPlace } from '../../dist/object/signature.js';
import { packetHash } from '../../dist/object/view.js';

export interface RawObject extends Partial<Omit<PacketFields, 'author' | 'body' | 'signature'>> {
  readonly topic: Topic;
  readonly author: KeyPair;
  readonly plaintext: Uint8Array;
  readonly random: Random;
}

/** The bytes of an object with this plaintext. */
export const rawObject = ({ topic, author, plaintext, random, ...fields }: RawObject): Uint8Array => {
  const bytes = encodePacket({
    kind: 'message',
    life: 2,
    postage: 16,
    time: 1_764_000_000,
    tag: topic.tag,
    prev: null,
    next: null,
    ...fields,
    author: authorId(author.publicKey),
    signature: new Uint8Array(64),
    body: new Uint8Array(40 + plaintext.length),
  });
  bytes.set(sealBody(topic, associatedData(topic, bytes), plaintext, random), 134);
  signInPlace(bytes, packetHash(bytes), author);
  return bytes;
};

/** A copy of `bytes` with some of them replaced. */
export const withBytes = (bytes: Uint8Array, offset: number, ...values: readonly number[]): Uint8Array => {
  const copy = new Uint8Array(bytes);
  copy.set(values, offset);
  return copy;
};
