/** Two objects of one author with one predecessor, as a proof. SPEC, Ids and links; Order, Forks. */
import { verifyPacket } from './signature.js';
import { decodePacket } from './view.js';

/**
 * Whether these bytes are two different objects that one author signed in one topic behind one object of his: a second device, or a
 * lie. Whoever has both needs no topic key and nobody's word.
 */
export const provesFork = (one: Uint8Array, other: Uint8Array): boolean => {
  const [a, b] = [decodePacket(one), decodePacket(other)];
  if (!a.ok || !b.ok) return false;
  const { author, tag, prev, fullId } = a.value;
  const isFork = prev !== null && b.value.prev === prev && b.value.author === author && b.value.tag === tag && b.value.fullId !== fullId;
  return isFork && verifyPacket(a.value) && verifyPacket(b.value);
};
