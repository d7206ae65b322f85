/**
 * Reading objects as a member of their topic. SPEC, Envelope.
 *
 * Whoever holds the topic's key opens every body; nobody else can open one, or make one that opens.
 */
import { openBody, type Topic } from '@srp/identity';
import { type Decoded, decoded, refused, utf8 } from '@srp/machine';
import { writeHex } from '../hex.js';
import { type Content, decodeContent } from './envelope.js';
import { authorAt, headAt, nextAt, postageAt, signatureAt, timeAt } from './layout.js';
import type { Packet } from './packet.js';
import type { ContentRefusal } from './refusal.js';

const aadPrefix = utf8('srp1 aad');
const topicBytes = 32;
const aadBytes = aadPrefix.length + topicBytes + (postageAt - headAt) + (nextAt - timeAt) + (signatureAt - authorAt);

/**
 * What a member of `topic` reads in an object. Verify the object first: the seal says that a member wrote it, the
 * signature says which author.
 *
 * Never throws. The payload is a view into bytes of its own. One sealed to a recipient is still so: `openSealed` of
 * @srp/identity opens it.
 */
export const openPacket = (packet: Packet, topic: Topic): Decoded<Content, ContentRefusal> => {
  if (packet.tag !== topic.tag) return refused('content-tag-wrong');
  const plaintext = openBody(topic, associatedData(topic, packet.bytes), packet.body);
  if (plaintext === null) return refused('content-seal-broken');
  return packet.kind === 'part' ? decoded({ parents: [], ms: 0, payload: plaintext }) : decodeContent(plaintext);
};

/**
 * What the seal of a body covers besides the body: the whole topic id, and of the header all that the id covers.
 * A body cannot be moved to another topic, author, time or place in a chain.
 */
export const associatedData = (topic: Topic, bytes: Uint8Array): Uint8Array => {
  const data = new Uint8Array(aadBytes);
  data.set(aadPrefix);
  let at = aadPrefix.length;
  writeHex(data, at, topic.id, topicBytes);
  at += topicBytes;
  for (const part of [bytes.subarray(headAt, postageAt), bytes.subarray(timeAt, nextAt), bytes.subarray(authorAt, signatureAt)]) {
    data.set(part, at);
    at += part.length;
  }
  return data;
};
