/**
 * What becomes of a datagram. SPEC, Link.
 *
 * ```
 *   INIT ───▶ Responder ──▶ RESP         RESP ──▶ Initiator ──▶ session, first DATA
 *   DATA ───▶ owner of its index: session ──▶ frames;  an answer's way ──▶ session ──▶ frames
 * ```
 *
 * Two handshakes that cross: each side answers the other's INIT, so that both have a session after one round trip, open with
 * either keys, and seal with those of the lower one's handshake as soon as they have both: so they never part. Only an INIT that
 * comes when the lower one's handshake has just ended is not answered: it was overtaken. Every function here answers why its datagram
 * goes no further, or `null`. Nothing a remote sends throws.
 */
import { type Address, type Instant, type PeerId, unreachable } from '@srp/machine';
import { type CookieDatagram, type DataDatagram, decodeDatagram, type InitDatagram, type RelayDatagram, type ResponseDatagram } from './codec.js';
import { bundleLengthBytes, bundleTypeBytes, crossingMs, frameBytesMax, pingBytes, responseOverheadBytes } from './constants.js';
import { isEarlyFrame, pongFrame, readLinkFrame, splitFrames } from './frames.js';
import { isForbidden, isRelayed, type Path, remoteOf, socketOf } from './path.js';
import { isRelayable } from './relays.js';
import type { Answer, Way, Words } from './responder.js';
import { closeSession, drop, type Rooms } from './rooms.js';
import type { Session } from './session.js';
import { untold } from './silence.js';
import { TransportKeys } from './transport.js';
import type { DropReason, PathOutput } from './types.js';

const nothing = new Uint8Array(0);

/** Takes one datagram that came by a path. Returns why it goes no further, or `null`. */
export const receive = (rooms: Rooms, now: Instant, from: Path, bytes: Uint8Array, out: PathOutput[]): DropReason | null => {
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
    case 'relay':
      return isRelayed(from) || socketOf(from) !== 0 ? 'no-channel' : onRelay(rooms, now, remoteOf(from), datagram, bytes, out);
    case 'punch':
      out.push({ kind: 'punched', from, token: datagram.token });
      return null;
    default:
      return unreachable(datagram);
  }
};

/** By a channel of this peer's own it is passed on as it is; by one that a relay offered it is opened. */
const onRelay = (rooms: Rooms, now: Instant, from: Address, { channel, inner }: RelayDatagram, bytes: Uint8Array, out: PathOutput[]): DropReason | null => {
  const { relays } = rooms;
  if (!isRelayable(inner)) return 'no-channel';
  const to = relays.passOn(now, from, channel, bytes.length);
  if (to === 'refused') return 'channel-refused';
  if (to !== null) {
    out.push({ kind: 'transmit', to, bytes });
    return null;
  }
  const path = relays.wayFrom(now, from, channel);
  return path === null ? 'no-channel' : receive(rooms, now, path, inner, out);
};

const onData = (rooms: Rooms, now: Instant, from: Path, data: DataDatagram, length: number, out: PathOutput[]): DropReason | null => {
  const owner = rooms.indices.get(data.to);
  if (owner === undefined || owner.kind === 'attempt') return 'unknown-session';
  if (owner.kind === 'way') return onFirstData(rooms, now, from, owner.answer, owner.way, data, length, out);
  const { session, keys } = owner;
  const opened = keys.open(now, data);
  if (!opened.ok) return opened.reason;
  rooms.sessions.heard(now, session, from, length, opened.value.isNewest && keys === session.keys, out);
  return deliver(rooms, now, session, from, opened.value.frames, out);
};

/** The first DATA under an answer's keys: its sender got our RESP, so it is there, and it is who it says. */
const onFirstData = (
  rooms: Rooms,
  now: Instant,
  from: Path,
  answer: Answer,
  way: Way,
  data: DataDatagram,
  length: number,
  out: PathOutput[],
): DropReason | null => {
  const { peer } = answer;
  const keys = new TransportKeys('responder', answer.keys, way.index, way.remoteIndex, answer.madeAt);
  const opened = keys.open(now, data);
  if (!opened.ok) return opened.reason;
  const session = confirm(rooms, now, answer, way, keys, out);
  if (session === null) return 'unknown-session';
  const handshake = rooms.initiator.get(peer);
  if (handshake !== undefined) rooms.initiator.end(handshake);
  for (const frame of answer.left) out.push({ kind: 'received', peer, from: way.address, frame });
  session.expect({ tx: answer.tx, sentAt: way.sentAt, to: way.address });
  // By a relay it may have been held back until other keys were in use; where it came straight the session is wanted.
  rooms.sessions.heard(now, session, from, length, !isRelayed(from) || keys === session.keys, out);
  const reason = deliver(rooms, now, session, from, opened.value.frames, out);
  flush(rooms, now, session, [...(handshake?.queue.frames ?? []), ...answer.queue.frames], out);
  return reason;
};

/** The session that an answer's keys belong to, now that they are confirmed; `null` if there is none any more. */
const confirm = ({ self, sessions, responder }: Rooms, now: Instant, answer: Answer, way: Way, keys: TransportKeys, out: PathOutput[]): Session | null => {
  const { peer, continued } = answer;
  const session = sessions.get(peer);
  if (continued !== null && session !== continued) {
    responder.end(answer); // the other side believes that its session goes on; let its PINGs tell it
    return null;
  }
  responder.end(answer, way);
  if (session !== undefined && session.keys !== answer.keysBefore) {
    // Our own handshake ended in between: both sides have both keys, and seal with those of the lower PeerId's.
    if (peer < self) sessions.renew(now, session, keys);
    else sessions.keepForReading(now, session, keys);
    return session;
  }
  if (session === undefined || continued === null) return sessions.open(now, peer, way.address, keys, answer.said, out);
  sessions.renew(now, session, keys);
  sessions.move(now, session, way.address, out);
  return session;
};

const onInit = (rooms: Rooms, now: Instant, from: Path, datagram: InitDatagram, out: PathOutput[]): DropReason | null => {
  const { self, responder, sessions, relays } = rooms;
  const seen = relays.addressOf(from);
  if (isForbidden(seen)) return 'forbidden-source';
  const init = responder.admit(now, from, seen, datagram, out);
  if (init === null || typeof init === 'string') return init;
  const { peer, continues } = init;
  if (peer === self) return 'own-key';
  if (isRelayed(from) && relays.peerOf(from) !== peer) return 'no-channel';
  const session = sessions.get(peer) ?? null;
  if (self < peer && isJustMade(now, session)) return 'crossed';
  const frames = splitFrames(init.frames);
  if (frames === null) return 'malformed';
  const isContinued = continues !== 0 && (session?.keys.localIndex === continues || session?.keyring.previous?.localIndex === continues);
  const ping = frames.map(readLinkFrame).find((frame) => frame.kind === 'ping');
  const silence = rooms.silence.toldTo(now, untold);
  const pongs = ping === undefined ? [] : [pongFrame(now, ping.tx, seen, silence)];
  for (const frame of frames) if (!isEarlyFrame(frame)) drop(out, 'early-refused', from);
  const words = frames.filter((frame) => isEarlyFrame(frame) && readLinkFrame(frame).kind === 'other');
  const { said, left } = answerEarly(rooms, now, peer, seen, words, datagram.length);
  const continued = isContinued ? session : null;
  return responder.answer(now, from, init, { continued, session, silence, pongs, said, left }, out) ? null : 'forged';
};

/** What the RESP says besides our own, never more than the INIT has room for, and what is left for the session. */
const answerEarly = (rooms: Rooms, now: Instant, peer: PeerId, from: Address, words: readonly Uint8Array[], initBytes: number): Pick<Words, 'said' | 'left'> => {
  if (words.length === 0) return { said: [], left: [] };
  const bytesMax = initBytes - responseOverheadBytes - bundleTypeBytes - 2 * (bundleLengthBytes + pingBytes);
  const { frames: said, left } = rooms.answerEarly(now, { peer, from, frames: words, bytesMax });
  const bytes = said.reduce((sum, frame) => sum + bundleLengthBytes + frame.length, 0);
  if (bytes > bytesMax) throw new RangeError(`Cannot answer an INIT: there is room for ${bytesMax} bytes, got ${bytes}`);
  return { said, left };
};

/** Whether these are keys of our own handshake that the other side may not have taken up yet. */
const isJustMade = (now: Instant, session: Session | null): boolean =>
  session !== null && session.keys.role === 'initiator' && !session.keys.isHeard && now - session.keys.madeAt < crossingMs;

const onResponse = (rooms: Rooms, now: Instant, datagram: ResponseDatagram, out: PathOutput[]): DropReason | null => {
  const { indices, initiator, sessions } = rooms;
  const owner = indices.get(datagram.to);
  if (owner?.kind !== 'attempt') return 'unknown-session';
  const { handshake, attempt } = owner;
  const answered = initiator.onResponse(now, handshake, datagram);
  if (typeof answered === 'string') return answered;
  const { peer, isRenewal } = handshake;
  const before = sessions.get(peer) ?? null;
  initiator.end(handshake, attempt);
  if (isRenewal && before === null) {
    indices.release(attempt.index); // what was to be renewed is closed
    return 'unwanted';
  }
  const keys = new TransportKeys('initiator', answered.keys, attempt.index, answered.remoteIndex, now);
  // The index tells which address received our INIT; where the RESP claims to come from tells nothing.
  const { address } = attempt;
  let session = before;
  if (session !== null && isRenewal && answered.isContinued) {
    sessions.renew(now, session, keys);
    sessions.move(now, session, address, out);
  } else {
    session = sessions.open(now, peer, address, keys, handshake.said, out);
  }
  session.expect({ tx: handshake.tx, sentAt: attempt.firstSentAt ?? now, to: address });
  const reason = deliver(rooms, now, session, address, answered.frames, out);
  flush(rooms, now, session, handshake.queue.frames, out);
  // The responder waits for a first DATA; let there be one.
  if (keys.sentCount === 0 && session.canSend(now)) session.send(now, nothing, out);
  return reason;
};

const onCookie = ({ indices, initiator }: Rooms, now: Instant, datagram: CookieDatagram, out: PathOutput[]): DropReason | null => {
  const owner = indices.get(datagram.to);
  if (owner?.kind !== 'attempt') return 'unknown-session';
  return initiator.onCookie(now, owner.handshake, owner.attempt, datagram, out) ? null : 'unwanted';
};

/** Hands on the frames of a session, and does what the link's own ones ask. What is due in it has changed by then. */
const deliver = (rooms: Rooms, now: Instant, session: Session, from: Path, bytes: Uint8Array, out: PathOutput[]): DropReason | null => {
  const reason = read(rooms, now, session, from, bytes, out);
  rooms.sessions.touch(session);
  return reason;
};

const read = (rooms: Rooms, now: Instant, session: Session, from: Path, bytes: Uint8Array, out: PathOutput[]): DropReason | null => {
  const frames = splitFrames(bytes);
  if (frames === null) return 'malformed';
  let isAnswered = false;
  for (const frame of frames) {
    if (frame.length > frameBytesMax) {
      drop(out, 'malformed', from);
      continue;
    }
    const said = readLinkFrame(frame);
    switch (said.kind) {
      case 'other':
        out.push({ kind: 'received', peer: session.peer, from, frame });
        break;
      case 'ping':
        // One answer a datagram: many PINGs in a bundle would make us send more than we got.
        session.tell(said.silence);
        if (isAnswered) drop(out, 'unwanted', from);
        else if (!session.pong(now, said.tx, from, rooms.relays.addressOf(from), out)) drop(out, 'unproved-path', from);
        isAnswered = true;
        break;
      case 'pong': {
        session.tell(said.pong.silence);
        const settled = session.settle(now, said.pong.tx);
        if (settled === null) {
          drop(out, 'unwanted', from);
          break;
        }
        const { path, rttMs } = settled;
        if (session.mayMoveTo(now, path)) rooms.sessions.move(now, session, path, out);
        // Through a relay nobody sees where we are, and what was seen by a path that is not used is of no use.
        if (path === session.address && !isRelayed(path)) out.push({ kind: 'observed', by: session.peer, address: said.pong.observed, rttMs, theirTime: said.pong.time });
        break;
      }
      case 'bye':
        closeSession(rooms, session, said.isUnneeded ? 'unneeded' : 'bye', out);
        return null;
      case 'malformed':
        drop(out, 'malformed', from);
    }
  }
  return null;
};

const flush = ({ sessions }: Rooms, now: Instant, session: Session, frames: readonly Uint8Array[], out: PathOutput[]): void => {
  if (sessions.get(session.peer) !== session) return; // its first words were BYE
  for (const frame of frames) session.send(now, frame, out);
  sessions.touch(session);
};
