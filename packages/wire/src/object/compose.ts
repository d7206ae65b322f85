/**
 * Making objects: seal, hash, link, sign. SPEC, Ids and links.
 *
 * A run is composed forwards: each object takes the id of the one before it as `prev`; when all ids are there,
 * each takes the front of the next one's as `next`; then all are signed.
 *
 * ```
 *          prev        prev        prev
 *  ...  ◀──────── P1 ◀──────── P2 ◀──────── M         ids cover prev, never next: no cycle
 *                    ────────▶    ────────▶
 *                      next         next              signatures cover both
 * ```
 */
import { type KeyPair, sealBody, type Topic } from '@srp/identity';
import { authorId, type Instant, type PacketId, type Random, type ShortId, shortIdOf, unixSeconds } from '@srp/machine';
import { bodyBytesMin, lifeDefault, plaintextBytesMax, postageMax } from '../constants.js';
import { WireError } from '../errors.js';
import { writeHex } from '../hex.js';
import { encodePacket } from './encode.js';
import { encodeContent, type Envelope, tooLong } from './envelope.js';
import { bodyAt, type Life, nextAt, nextBytes, type PacketKind, signatureBytes } from './layout.js';
import { associatedData } from './open.js';
import type { Packet } from './packet.js';
import { signInPlace } from './signature.js';
import { packetHash, PacketView } from './view.js';

/** What a message, part or manifest says. */
export interface RunItem {
  /** Default: `message`. */
  readonly kind?: PacketKind;
  /** A message or manifest without `ms` gets that of `now`; a part has no envelope. */
  readonly envelope?: Envelope;
  /** At most `payloadBytesMax(envelope)` bytes, a part 1024; or made from the ids of the run's objects before this one. */
  readonly payload: Uint8Array | ((before: readonly PacketId[]) => Uint8Array);
}

/** A run of objects of one author in one topic, linked to each other. */
export interface RunDraft {
  readonly topic: Topic;
  readonly author: KeyPair;
  readonly now: Instant;
  /** Default: 2, a day. */
  readonly life?: Life;
  /** The author's object in this topic before the run; `null` if there is none. */
  readonly prev: PacketId | null;
  readonly items: readonly RunItem[];
  readonly random: Random;
}

/** One object. */
export interface PacketDraft extends Omit<RunDraft, 'items'>, RunItem {
  /** The author's object after this one, if it is known already. */
  readonly next?: ShortId | null;
  readonly payload: Uint8Array;
}

/**
 * One object, sealed and signed, with postage 16.
 *
 * Throws `WireError`: PACKET_FIELD_INVALID, ENVELOPE_FIELD_INVALID, PACKET_PAYLOAD_TOO_LONG.
 */
export const composePacket = ({ next = null, kind, envelope, payload, ...run }: PacketDraft): Packet => {
  const item = { payload, ...(kind === undefined ? {} : { kind }), ...(envelope === undefined ? {} : { envelope }) };
  const { bytes, hash } = sealed(run, item, run.prev, []);
  return signed(bytes, hash, next, run.author);
};

/**
 * Objects that know each other, in order: each has its `prev`, all but the last their `next`.
 *
 * Throws what {@link composePacket} throws; then there is no object at all.
 *
 * @example
 * const parts = composeRun({ topic, author, now, prev: null, random, items: [
 *   { kind: 'part', payload: first },
 *   { kind: 'part', payload: second },
 *   { kind: 'manifest', payload: (ids) => listOf(ids) },
 * ] });
 */
export const composeRun = (run: RunDraft): Packet[] => {
  const drafts: { bytes: Uint8Array; hash: Uint8Array }[] = [];
  const ids: PacketId[] = [];
  for (const item of run.items) {
    const draft = sealed(run, item, ids.at(-1) ?? run.prev, [...ids]);
    drafts.push(draft);
    ids.push(new PacketView(draft.bytes, draft.hash).id);
  }
  return drafts.map(({ bytes, hash }, i) => {
    const following = ids[i + 1];
    return signed(bytes, hash, following === undefined ? null : shortIdOf(following), run.author);
  });
};

/** An object in which `next` and the signature are still missing. */
const sealed = (run: Omit<RunDraft, 'items'>, item: RunItem, prev: PacketId | null, before: readonly PacketId[]): { bytes: Uint8Array; hash: Uint8Array } => {
  const { topic, author, now, life = lifeDefault } = run;
  const { kind = 'message', envelope, payload } = item;
  const plaintext = plaintextOf(kind, envelope, typeof payload === 'function' ? payload(before) : payload, now);
  const bytes = encodePacket({
    kind,
    life,
    postage: postageMax,
    time: unixSeconds(now),
    tag: topic.tag,
    prev,
    next: null,
    author: authorId(author.publicKey),
    signature: new Uint8Array(signatureBytes),
    body: new Uint8Array(bodyBytesMin + plaintext.length),
  });
  bytes.set(sealBody(topic, associatedData(topic, bytes), plaintext, run.random), bodyAt);
  return { bytes, hash: packetHash(bytes) };
};

const signed = (bytes: Uint8Array, hash: Uint8Array, next: ShortId | null, author: KeyPair): Packet => {
  if (next !== null && (!writeHex(bytes, nextAt, next, nextBytes) || /^0*$/.test(next))) {
    throw new WireError('PACKET_FIELD_INVALID', `Cannot compose packet: next must be ${2 * nextBytes} lowercase hex characters, not all zero, got ${next}`);
  }
  signInPlace(bytes, hash, author);
  return new PacketView(bytes, hash);
};

const plaintextOf = (kind: PacketKind, envelope: Envelope | undefined, payload: Uint8Array, now: Instant): Uint8Array => {
  if (kind !== 'part') return encodeContent({ ms: Math.floor(now) % 1000, ...envelope }, payload);
  if (envelope !== undefined) throw new WireError('ENVELOPE_FIELD_INVALID', 'Cannot compose packet: a part has no envelope, got one');
  if (payload.length > plaintextBytesMax) throw tooLong(plaintextBytesMax, payload.length);
  return payload;
};
