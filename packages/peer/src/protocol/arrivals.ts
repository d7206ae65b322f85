/**
 * Whose affair it is what a neighbour says in its session: each frame goes to the machine that knows it. SPEC, Frames.
 *
 * ```
 *   object ─▶ objects      block, PULL, NO-BLOCK ─▶ files      chunk, ASK, OPEN, RESET ─▶ streams      message ─▶ the app
 *   HELLO, FIND, PEERS, IHAVE, GRAFT, PRUNE ─▶ mesh      INTRODUCE, CALL, PORTS, KNOCK ─▶ nat      WANT, OFFER, SYNC ─▶ reconciler
 * ```
 */
import type { LinkOutput } from '@srp/link';
import { type Instant, type PeerId, unreachable } from '@srp/machine';
import { decodeBlock, decodeChunk, decodeFrame, decodeMessage, type Frame, isBlock, isChunk, isMessage, isObject } from '@srp/wire';
import type { Exchange } from './exchange.js';

/** Something came in a session. What cannot be read is counted. */
export const receive = (exchange: Exchange, now: Instant, { peer, from, frame: bytes }: Extract<LinkOutput, { kind: 'received' }>): void => {
  const answers = exchange.answersInstead(peer, bytes);
  if (answers !== null) {
    for (const answer of answers) exchange.bulk.say(peer, answer);
    return;
  }
  if (isObject(bytes)) {
    exchange.objects.arrived(now, { peer, address: from }, bytes);
    return;
  }
  if (isBlock(bytes)) {
    const block = decodeBlock(bytes);
    if (block.ok) exchange.bulk.block(peer, block.value);
    else exchange.dropped.add(block.reason);
    return;
  }
  if (isChunk(bytes)) {
    const chunk = decodeChunk(bytes);
    if (chunk.ok) exchange.bulk.chunk(peer, chunk.value);
    else exchange.dropped.add(chunk.reason);
    return;
  }
  if (isMessage(bytes)) {
    const message = decodeMessage(bytes);
    if (message.ok) exchange.tell({ kind: 'message', peer, bytes: message.value });
    else exchange.dropped.add(message.reason);
    return;
  }
  const parsed = decodeFrame(bytes);
  if (!parsed.ok) exchange.dropped.add(parsed.reason);
  else frameArrived(exchange, now, peer, parsed.value);
};

const frameArrived = (exchange: Exchange, now: Instant, peer: PeerId, frame: Frame): void => {
  switch (frame.kind) {
    case 'hello':
      exchange.toNat(now, { kind: 'behaviour', peer, mapping: frame.mapping, filtering: frame.filtering });
      exchange.toNat(now, { kind: 'named', peer, addresses: frame.addresses });
      exchange.toMesh(now, { kind: 'frame', peer, frame });
      break;
    case 'find':
    case 'peers':
    case 'prune':
      exchange.toMesh(now, { kind: 'frame', peer, frame });
      break;
    case 'ihave':
      exchange.toCache(now, { kind: 'taken', ids: frame.ids });
      exchange.toMesh(now, { kind: 'frame', peer, frame });
      break;
    case 'graft':
      exchange.toMesh(now, { kind: 'frame', peer, frame });
      if (frame.ids.length > 0) exchange.toReconciler(now, { kind: 'frame', peer, frame: { kind: 'want', ids: frame.ids } });
      break;
    case 'introduce':
    case 'call':
    case 'ports':
    case 'knock':
      exchange.toNat(now, { kind: 'frame', peer, frame });
      break;
    case 'want':
    case 'want-after':
    case 'offer':
    case 'sync-request':
    case 'sync-symbols':
    case 'sync-ids':
      exchange.toReconciler(now, { kind: 'frame', peer, frame });
      break;
    case 'pull':
    case 'no-block':
    case 'holds':
      exchange.toFiles(now, { kind: 'frame', peer, frame });
      break;
    case 'ask':
    case 'open':
    case 'reset':
      exchange.toStreams(now, { kind: 'frame', peer, frame });
      break;
    case 'ping':
    case 'pong':
    case 'bye':
      break; // the link has dealt with them
    default:
      unreachable(frame);
  }
};
