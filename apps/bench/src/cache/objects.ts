/** Objects for the benchmarks of the cache: nobody signed them, and each is made when it is needed, so that none of them is in the heap that is measured. */
import { seededRandom } from '@srp/identity';
import { type AuthorId, instant, type Instant, type PacketId, type Random, type TopicTag } from '@srp/machine';
import type { PacketRecord } from '@srp/cache';
import { decodePacket, encodePacket, type Packet } from '@srp/wire';

export const start: Instant = instant(1_800_000_000_000);

export const randomOf = (seed: number): Random => seededRandom(new Uint8Array(32).fill(seed));

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

/** Who wrote it and where, and when. */
export interface Shape {
  readonly author?: number;
  readonly topic?: number;
  readonly bodyBytes?: number;
  /** After {@link start}. */
  readonly seconds?: number;
}

/** Object number `n`. */
export const objectOf = (n: number, { author = n % 200, topic = n % 20, bodyBytes = 400, seconds = 0 }: Shape = {}): Packet => {
  const body = new Uint8Array(bodyBytes);
  new DataView(body.buffer).setUint32(0, n);
  const read = decodePacket(
    encodePacket({
      kind: 'message',
      life: 2,
      postage: 16,
      time: start / 1000 + seconds,
      tag: hex(topic + 1, 16) as TopicTag,
      prev: null,
      next: null,
      author: hex(author, 16).padEnd(64, '0') as AuthorId,
      signature: new Uint8Array(64),
      body,
    }),
  );
  if (!read.ok) throw new Error(read.reason);
  return read.value;
};

const noise = randomOf(1).bytes(0x1_0000 + 2048);

/** A record of the log, which does not look into it. Sealed bodies do not compress. */
export const recordOf = (n: number, byteCount = 1158): PacketRecord => {
  const from = Math.imul(n, 0x9e37) & 0xffff;
  return { id: idOf(n), pool: 'stranger', keptAt: instant(n), ingress: '4:192.0.2', bytes: noise.slice(from, from + byteCount) };
};

/** Scattered, as ids are. */
export const idOf = (n: number): PacketId => `${hex(Math.imul(n, 0x9e37_79b1) >>> 0, 8)}${hex(n, 24)}` as PacketId;
