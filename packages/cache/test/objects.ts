/** Objects for tests: real ones, and cheap ones that nobody signed. */
import { keyPairOf, publicTopic } from '@srp/identity';
import { type AuthorId, type Instant, instant, type PacketId, type TopicTag } from '@srp/machine';
import { composePacket, decodePacket, encodePacket, type Life, type Packet } from '@srp/wire';
import { randomOf } from './helpers.js';

/** The instant at which tests begin. */
export const start: Instant = instant(1_800_000_000_000);
/** {@link start} in Unix seconds. */
export const startSeconds = 1_800_000_000;

export const tagOf = (n: number): TopicTag => n.toString(16).padStart(16, '0') as TopicTag;
export const authorOf = (n: number): AuthorId => n.toString(16).padStart(16, '0').padEnd(64, '0') as AuthorId;

export interface Cheap {
  readonly n: number;
  readonly author?: number;
  readonly topic?: number;
  readonly life?: Life;
  readonly time?: number;
  readonly prev?: PacketId | null;
  readonly bodyBytes?: number;
  readonly postage?: number;
}

/** An object nobody signed; `n` makes it differ from others. */
export const cheap = ({ n, author = 1, topic = 1, life = 2, time = startSeconds, prev = null, bodyBytes = 100, postage = 16 }: Cheap): Packet => {
  const body = new Uint8Array(bodyBytes);
  new DataView(body.buffer).setUint32(0, n);
  const bytes = encodePacket({
    kind: 'message',
    life,
    postage,
    time,
    tag: tagOf(topic),
    prev,
    next: null,
    author: authorOf(author),
    signature: new Uint8Array(64),
    body,
  });
  const read = decodePacket(bytes);
  if (!read.ok) throw new Error(read.reason);
  return read.value;
};

export const topic = publicTopic('cache tests');
export const ada = keyPairOf(new Uint8Array(32).fill(7));

/** A signed object that says `text`. */
export const signed = (text: string, now: Instant = start, life: Life = 2): Packet =>
  composePacket({ topic, author: ada, now, life, prev: null, payload: new TextEncoder().encode(text), random: randomOf(text.length) });
