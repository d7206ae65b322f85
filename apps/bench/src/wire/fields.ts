/** The fields of an object: read from a packet, and read and written by the least code that gives the same values. */
import type { AuthorId, PacketId, ShortId, TopicTag } from '@srp/machine';
import type { Packet, PacketFields } from '@srp/wire';

/** An object as full as one can be: 1024 bytes of plaintext, sealed. */
export const sampleFields: PacketFields = {
  kind: 'message',
  life: 2,
  postage: 16,
  time: 1_800_000_000,
  tag: 'a0'.repeat(8) as TopicTag,
  prev: 'b1'.repeat(16) as PacketId,
  next: 'c2'.repeat(8) as ShortId,
  author: 'd3'.repeat(32) as AuthorId,
  signature: new Uint8Array(64).fill(4),
  body: new Uint8Array(1064).fill(5),
};

/** Reads what every receiver looks at. Answers something of each. */
export const readFront = (packet: Packet): number =>
  packet.kind.length + packet.life + packet.postage + packet.time + packet.tag.length + packet.signature.length + packet.body.length;

/** Reads every field but the id, which has to be hashed. */
export const readAll = (packet: Packet): number => readFront(packet) + (packet.prev?.length ?? 0) + (packet.next?.length ?? 0) + packet.author.length;

/** {@link readFront} at constant offsets of a Buffer, by its own methods. */
export const readFrontPlainly = (bytes: Buffer): number => {
  const head = bytes.readUInt8(0);
  return (
    (head & 3) + ((head >> 2) & 3) + bytes.readUInt8(1) + bytes.readUInt32BE(2) + bytes.toString('hex', 6, 14).length + bytes.subarray(70, 134).length + bytes.subarray(134).length
  );
};

/** {@link readAll} at constant offsets of a Buffer, by its own methods. */
export const readAllPlainly = (bytes: Buffer): number =>
  readFrontPlainly(bytes) + bytes.toString('hex', 14, 30).length + bytes.toString('hex', 30, 38).length + bytes.toString('hex', 38, 70).length;

/** The bytes of an object by a Buffer's own methods, unchecked. */
export const writePlainly = ({ postage, time, tag, prev, next, author, signature, body }: PacketFields): Buffer => {
  const bytes = Buffer.alloc(134 + body.length);
  bytes.writeUInt8(0x58, 0);
  bytes.writeUInt8(postage, 1);
  bytes.writeUInt32BE(time, 2);
  bytes.write(tag, 6, 'hex');
  bytes.write(prev ?? '', 14, 'hex');
  bytes.write(next ?? '', 30, 'hex');
  bytes.write(author, 38, 'hex');
  bytes.set(signature, 70);
  bytes.set(body, 134);
  return bytes;
};
