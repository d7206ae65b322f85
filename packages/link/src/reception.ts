/**
 * What becomes of a datagram. SPEC, Link.
 *
 * ```
 *   INIT ───▶ Responder ──▶ RESP         RESP ──▶ Initiator ──▶ session, first DATA
 *   DATA ───▶ owner of its index: session ──▶ frames;  an answer's way ──▶ session ──▶ frames
 * ```
 *
 * Which of two crossing handshakes goes on: that of the lower PeerId. The higher one answers, sends no INIT any
 * more and takes no RESP, so that both never end with different keys. Every function here answers why its datagram
 * goes no further, or `null`. Nothing a remote sends throws.
 */
import { type Address, type Instant, scopeOf, unreachable } from '@srp/machine';
import { type CookieDatagram, type DataDatagram, decodeDatagram, type InitDatagram, type ResponseDatagram } from './codec.js';
import { sessionsMax } from './constants.js';
import { isEarlyFrame, pongFrame, readLinkFrame, splitFrames } from './frames.js';
import type { Answer, Way } from './responder.js';
import { closeSession, drop, type Rooms } from './rooms.js';
import type { Session } from './session.js';
import { TransportKeys } from './transport.js';
import type { DropReason, LinkOutput } from './types.js';

const nothing = new Uint8Array(0);

/** Takes one datagram. Returns why it goes no further, or `null`. */
export const receive = (rooms: Rooms, now: Instant, from: Address, bytes: Uint8Array, out: LinkOutput[]): DropReason | null => {
  const read = decodeDatagram(bytes);
  if (!read.ok) return read.reason;
  const datagram = read.value;
  switch (datagram.kind) {
    case 'data':
      return onData(rooms, now, from, datagram, bytes.length, out);
    case 'init':
      return onInit(rooms, now, from, datagram, out);
    case 'response':
      return onResponse(rooms, now, datagram, out);
    case 'cookie':
      return onCookie(rooms, now, datagram, out);
    case 'relay': // no channel is open: relaying is not part of this version
      return 'unwanted';
    case 'punch':
      out.push({ kind: 'punched', from, token: datagram.token });
      return null;
    default:
      return unreachable(datagram);
  }
};

const onData = (rooms: Rooms, now: Instant, from: Address, data: DataDatagram, length: number, out: LinkOutput[]): DropReason | null => {
  const owner = rooms.indices.get(data.to);
  if (owner === undefined || owner.kind === 'attempt') return 'unknown-session';
  if (owner.kind === 'way') return onFirstData(rooms, now, from, owner.answer, owner.way, data, length, out);
  const { session, keys } = owner;
  const opened = keys.open(now, data);
  if (!opened.ok) return opened.reason;
  session.heard(now, from, length, opened.value.isNewest && keys === session.keys, out);
  return deliver(rooms, now, session, from, opened.value.frames, out);
};

/** The first DATA under an answer's keys: its sender got our RESP, so it is there, and it is who it says. */
const onFirstData = (
  rooms: Rooms,
  now: Instant,
  from: Address,
  answer: Answer,
  way: Way,
  data: DataDatagram,
  length: number,
  out: LinkOutput[],
): DropReason | null => {
  const { peer, continued } = answer;
  const keys = new TransportKeys(answer.keys, way.index, way.remoteIndex, answer.madeAt);
  const opened = keys.open(now, data);
  if (!opened.ok) return opened.reason;
  if (continued !== null && rooms.sessions.get(peer) !== continued) {
    rooms.responder.end(answer); // the other side believes that nothing ended; let its PINGs tell it
    return 'unknown-session';
  }
  const handshake = rooms.initiator.get(peer);
  if (handshake !== undefined) rooms.initiator.end(handshake);
  rooms.responder.end(answer, way);
  const session = rooms.sessions.finish(now, { peer, role: 'responder', address: way.address, keys, continued }, out);
  session.expect({ tx: answer.tx, sentAt: way.sentAt, to: way.address });
  session.heard(now, from, length, true, out);
  const reason = deliver(rooms, now, session, from, opened.value.frames, out);
  flush(rooms, now, session, [...(handshake?.queue.frames ?? []), ...answer.queue.frames], out);
  return reason;
};

const onInit = (rooms: Rooms, now: Instant, from: Address, datagram: InitDatagram, out: LinkOutput[]): DropReason | null => {
  if (scopeOf(from) === 'forbidden') return 'forbidden-source';
  const { self, initiator, responder, sessions } = rooms;
  const init = responder.admit(now, from, datagram, out);
  if (init === null || typeof init === 'string') return init;
  const { peer, continues } = init;
  if (peer === self) return 'own-key';
  const ours = initiator.get(peer);
  if (ours !== undefined && !ours.isYielded && self < peer) {
    initiator.cross(now, ours, from, datagram.length, out);
    return 'crossed';
  }
  const frames = splitFrames(init.frames);
  if (frames === null) return 'malformed';
  const session = sessions.get(peer) ?? null;
  const isContinued = continues !== 0 && (session?.keys.localIndex === continues || session?.previousKeys?.localIndex === continues);
  const ping = frames.map(readLinkFrame).find((frame) => frame.kind === 'ping');
  const pong = ping === undefined ? null : pongFrame(now, ping.tx, from, loadOf(rooms));
  if (!responder.answer(now, from, init, isContinued ? session : null, pong, out)) return 'forged';
  if (ours !== undefined) ours.isYielded = true;
  for (const frame of frames) {
    if (!isEarlyFrame(frame)) drop(out, 'early-refused', from);
    else if (readLinkFrame(frame).kind === 'other') out.push({ kind: 'received', peer, from, frame, early: true });
  }
  return null;
};

const onResponse = (rooms: Rooms, now: Instant, datagram: ResponseDatagram, out: LinkOutput[]): DropReason | null => {
  const { indices, initiator, responder, sessions } = rooms;
  const owner = indices.get(datagram.to);
  if (owner?.kind !== 'attempt') return 'unknown-session';
  const { handshake, attempt } = owner;
  const answered = initiator.onResponse(handshake, datagram);
  if (typeof answered === 'string') return answered;
  const { peer, isRenewal } = handshake;
  const before = sessions.get(peer) ?? null;
  initiator.end(handshake, attempt);
  if (isRenewal && before === null) {
    indices.release(attempt.index); // what was to be renewed is closed
    return 'unwanted';
  }
  const answer = responder.get(peer);
  if (answer !== undefined) responder.end(answer);
  const keys = new TransportKeys(answered.keys, attempt.index, answered.remoteIndex, now);
  const continued = answered.isContinued && isRenewal ? before : null;
  // The index tells which address received our INIT; where the RESP claims to come from tells nothing.
  const { address } = attempt;
  const session = sessions.finish(now, { peer, role: 'initiator', address, keys, continued }, out);
  session.expect({ tx: handshake.tx, sentAt: attempt.firstSentAt ?? now, to: address });
  const reason = deliver(rooms, now, session, address, answered.frames, out);
  flush(rooms, now, session, handshake.queue.frames, out);
  // The responder waits for a first DATA; let there be one.
  if (keys.sentCount === 0 && session.canSend(now)) session.send(now, nothing, out);
  return reason;
};

const onCookie = ({ indices, initiator }: Rooms, now: Instant, datagram: CookieDatagram, out: LinkOutput[]): DropReason | null => {
  const owner = indices.get(datagram.to);
  if (owner?.kind !== 'attempt') return 'unknown-session';
  return initiator.onCookie(now, owner.handshake, owner.attempt, datagram, out) ? null : 'unwanted';
};

/** Hands on the frames of a session, and does what the link's own ones ask. */
const deliver = (rooms: Rooms, now: Instant, session: Session, from: Address, bytes: Uint8Array, out: LinkOutput[]): DropReason | null => {
  rooms.sessions.touch(session);
  const frames = splitFrames(bytes);
  if (frames === null) return 'malformed';
  for (const frame of frames) {
    const read = readLinkFrame(frame);
    switch (read.kind) {
      case 'other':
        out.push({ kind: 'received', peer: session.peer, from, frame, early: false });
        break;
      case 'ping':
        if (!session.pong(now, read.tx, from, loadOf(rooms), out)) drop(out, 'unproved-path', from);
        break;
      case 'pong': {
        const proved = session.settle(now, read.pong, out);
        if (proved === null) drop(out, 'unwanted', from);
        else if (session.isProbing(proved)) rooms.sessions.move(session, proved, out);
        break;
      }
      case 'bye':
        closeSession(rooms, session, 'bye', out);
        return null;
      case 'malformed':
        drop(out, 'malformed', from);
    }
  }
  return null;
};

const flush = ({ sessions }: Rooms, now: Instant, session: Session, frames: readonly Uint8Array[], out: LinkOutput[]): void => {
  if (sessions.get(session.peer) !== session) return; // its first words were BYE
  for (const frame of frames) session.send(now, frame, out);
  sessions.touch(session);
};

/** How busy we are, 0..255. */
const loadOf = ({ sessions }: Rooms): number => Math.floor((255 * sessions.size) / sessionsMax);
