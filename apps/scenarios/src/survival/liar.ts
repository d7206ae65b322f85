/**
 * A keeper that lies: it is found where keepers are sought and says that it has all that the asker has. It takes what it is sent and keeps none of it,
 * gives nothing, and answers each comparison and each offer with an offer of objects that do not exist.
 */
import { type Random, type ShortId, toHex, type TopicTag } from '@srp/machine';
import type { PeerProtocolOptions } from '@srp/peer/protocol';
import { decodeFrame, encodeFrame, isObject } from '@srp/wire';

/** How many ids that do not exist it offers at a time. */
const offeredIds = 60;

export const lies = (random: Random): NonNullable<PeerProtocolOptions['answersInstead']> => {
  const offer = (tag: TopicTag): Uint8Array => encodeFrame({ kind: 'offer', tag, ids: Array.from({ length: offeredIds }, () => toHex(random.bytes(8)) as ShortId) });
  return (_from, bytes) => {
    if (isObject(bytes)) return [];
    const parsed = decodeFrame(bytes);
    if (!parsed.ok) return null;
    const frame = parsed.value;
    switch (frame.kind) {
      case 'sync-request':
        return [encodeFrame({ kind: 'sync-symbols', tag: frame.tag, salt: '0'.repeat(16), state: 0, count: 0, from: 0, symbols: [] }), offer(frame.tag)];
      case 'offer':
      case 'ihave':
        return [offer(frame.tag)];
      case 'want':
      case 'want-after':
      case 'sync-symbols':
      case 'sync-ids':
        return [];
      default:
        return null;
    }
  };
};
