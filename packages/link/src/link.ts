/**
 * The link: sessions with peers over datagrams that anybody may send, drop, copy, hold back or forge. SPEC, Link.
 *
 * ```
 *            ┌─▶ Initiator ── Handshake ─┐
 *   Link ────┤                           ├─▶ Sessions ── Session ── TransportKeys, Probe
 *   inputs   └─▶ Responder ── Answer ────┘
 *   and time     one IndexSpace of all; `reception.ts` takes datagrams and joins the rooms
 * ```
 *
 * Invariants: frames are delivered from a session alone (early ones from an authentic INIT); an address gets frames
 * only after it was proved; every list a remote can make grow has a limit; nothing a remote sends throws.
 */
import { agreementSecretKey, type KeyPair, suite } from '@srp/identity';
import { type Address, type Bound, Counter, earliest, type Instant, type Machine, type PeerId, peerId, type Random, unreachable } from '@srp/machine';
import { encodePunch, encodeRelay } from './codec.js';
import * as limit from './constants.js';
import { LinkError } from './errors.js';
import { byeFrame, byeReason, isEarlyFrame, readLinkFrame } from './frames.js';
import type { Handshake } from './handshake.js';
import { IndexSpace } from './indices.js';
import { Initiator } from './initiator.js';
import type { Owner } from './owner.js';
import { receive } from './reception.js';
import { isForbidden, isRelayed, type Path, pathBy, relayOf, remoteOf, socketOf } from './path.js';
import { Relays } from './relays.js';
import { Responder } from './responder.js';
import { closeSession, drop, type Rooms } from './rooms.js';
import type { Session } from './session.js';
import { Sessions } from './sessions.js';
import { Silence, untold } from './silence.js';
import type { AnswerEarly, DropReason, LinkConfig, LinkInput, LinkOutput, PathOutput, SessionInfo } from './types.js';

/** What a link is made of. `random` is its own: it makes keys, so nobody else may have its seed. */
export interface LinkOptions {
  /** The installation's key pair; its public key is the PeerId. */
  readonly keys: KeyPair;
  readonly random: Random;
  readonly config?: LinkConfig;
  /** Answers what comes with an INIT; if absent, it is delivered when the session opens, like any frame. */
  readonly answerEarly?: AnswerEarly;
}

export class Link implements Machine<LinkInput, LinkOutput> {
  readonly #rooms: Rooms;
  readonly #rekeyAfterPackets: number;
  readonly #drops = new Counter<DropReason>();
  /** What {@link deadline} answers: found once for each input. */
  #dueAt: Instant | null = null;

  /** Throws {@link LinkError} LINK_CONFIG_INVALID. */
  constructor({ keys, random, config = {}, answerEarly = answerNothing }: LinkOptions) {
    const free = suite.name === 'node' ? limit.freeInitsPerSecondNative : limit.freeInitsPerSecondScript;
    const { freeInitsPerSecond = free, rekeyAfterPackets = limit.rekeyAfterPackets } = config;
    checkConfig('freeInitsPerSecond', freeInitsPerSecond, limit.freeInitsPerSecondMax);
    checkConfig('rekeyAfterPackets', rekeyAfterPackets, limit.rekeyAfterPackets);
    const own = { publicKey: keys.publicKey, agreementSecret: agreementSecretKey(keys.privateKey) };
    const indices = new IndexSpace<Owner>(random);
    const silence = new Silence();
    const sessions = new Sessions(random, indices, silence);
    this.#rooms = {
      self: peerId(keys.publicKey),
      indices,
      sessions,
      silence,
      initiator: new Initiator(random, own, indices),
      responder: new Responder(random, own, indices, freeInitsPerSecond),
      relays: new Relays(sessions),
      answerEarly,
    };
    this.#rekeyAfterPackets = rekeyAfterPackets;
  }

  /** Who we are. */
  get self(): PeerId {
    return this.#rooms.self;
  }

  /** Throws {@link LinkError} for a caller's mistake, and for nothing a remote sent. */
  handle(now: Instant, input: LinkInput): readonly LinkOutput[] {
    const out: PathOutput[] = [];
    this.#noticeSleep(now, out);
    this.#dispatch(now, input, out);
    this.#dueAt = this.#firstDue();
    const seen: LinkOutput[] = [];
    for (const output of out) {
      if (output.kind === 'dropped') this.#drops.add(output.reason);
      this.#showOutside(now, output, seen);
    }
    return seen;
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** How many sessions are open. */
  get sessionCount(): number {
    return this.#rooms.sessions.size;
  }

  /** Every open session. */
  sessions(): readonly SessionInfo[] {
    return [...this.#rooms.sessions.values()].map((session) => this.#infoOf(session));
  }

  /** The open session with a peer, or `null`. */
  sessionOf(peer: PeerId): SessionInfo | null {
    const session = this.#rooms.sessions.get(peer);
    return session === undefined ? null : this.#infoOf(session);
  }

  /** How full what others can fill is. */
  bounds(): readonly Bound[] {
    const { sessions, initiator, responder, indices, relays } = this.#rooms;
    const indicesMax = 2 * limit.sessionsMax + limit.handshakesMax * (limit.handshakeAddressesMax + limit.handshakeChannelsMax) + limit.unconfirmedMax * limit.responseAddressesMax;
    return [
      { name: 'link sessions', size: sessions.size, max: limit.sessionsMax },
      { name: 'link handshakes', size: initiator.size, max: limit.handshakesMax },
      { name: 'link answers', size: responder.size, max: limit.unconfirmedMax },
      { name: 'link indices', size: indices.size, max: indicesMax },
      { name: 'link channels', size: relays.channelCount, max: limit.relayOffersMax },
      { name: 'link channels in use', size: relays.usedCount, max: limit.relayChannelsMax },
      { name: 'link ways through relays', size: relays.wayCount, max: limit.relayedPathsMax },
    ];
  }

  /** How many datagrams and frames were dropped, by reason. */
  drops(): Readonly<Partial<Record<DropReason, number>>> {
    return this.#drops.snapshot();
  }

  #dispatch(now: Instant, input: LinkInput, out: PathOutput[]): void {
    switch (input.kind) {
      case 'datagram': {
        const reason = receive(this.#rooms, now, pathBy(input.socket ?? 0, input.from), input.bytes, out);
        if (reason !== null) drop(out, reason, input.from);
        break;
      }
      case 'connect':
        this.#connect(now, input, out);
        break;
      case 'connect-relayed':
        this.#connectRelayed(now, input, out);
        break;
      case 'relay':
        this.#rooms.relays.offer(now, input.channel, input.ends);
        break;
      case 'accept':
        this.#rooms.relays.accept(now, input.relay, input.channel, input.peer);
        break;
      case 'send':
        this.#send(now, input.peer, [input.frame], out);
        break;
      case 'send-all':
        this.#send(now, input.peer, input.frames, out);
        break;
      case 'punch':
        checkToken(input.token);
        out.push({ kind: 'transmit', to: pathBy(input.socket ?? 0, input.to), bytes: encodePunch(input.token) });
        break;
      case 'disconnect':
        this.#disconnect(now, input.peer, input.why ?? 'leaving', out);
        break;
      case 'network-changed':
        this.#rooms.silence.forget();
        for (const session of this.#rooms.sessions.values()) this.#ask(now, session, out);
        break;
      case 'ask':
        for (const peer of input.peers) {
          const session = this.#rooms.sessions.get(peer);
          if (session !== undefined && now - session.heardAt >= input.silentMs) this.#ask(now, session, out);
        }
        break;
      case 'free':
        this.#rooms.silence.free(input.isFree);
        break;
      case 'wakeup':
        this.#act(now, out);
        break;
      default:
        unreachable(input);
    }
  }

  #ask(now: Instant, session: Session, out: PathOutput[]): void {
    session.ask(now, out);
    this.#rooms.sessions.touch(session);
  }

  #connect(now: Instant, { peer, address: remote, socket = 0, early = [], isPaced = false }: Extract<LinkInput, { kind: 'connect' }>, out: PathOutput[]): void {
    const { self, sessions, silence, initiator, responder } = this.#rooms;
    checkEarly(early);
    const address = pathBy(socket, remote);
    const isPossible = peer !== self && !isForbidden(address);
    const session = sessions.get(peer);
    if (session !== undefined) {
      if (isPossible) session.probe(now, address, isPaced, out);
      sessions.touch(session);
      return;
    }
    const known = initiator.get(peer);
    const handshake = known ?? (isPossible ? initiator.begin(now, { peer, early: fitting(early, isPaced ? limit.probeEarlyBytesMax : limit.earlyBytesMax), continues: 0, silence: silence.toldTo(now, untold) }) : 'invalid');
    if (typeof handshake === 'string') {
      out.push({ kind: 'closed', peer, reason: handshake });
    } else if (isPossible) {
      // Its own INIT is being answered: give that a round trip before ours crosses it.
      const answer = responder.get(peer);
      const isAnswered = answer !== undefined && now - answer.madeAt < limit.initDeferMs;
      if (isPaced) initiator.sendOne(now, handshake, address, isAnswered, out);
      else initiator.tryAddress(now, handshake, address, isAnswered ? limit.initDeferMs : 0, out);
    }
  }

  #connectRelayed(now: Instant, { peer, early = [] }: Extract<LinkInput, { kind: 'connect-relayed' }>, out: PathOutput[]): void {
    const { sessions, initiator, responder, relays } = this.#rooms;
    checkEarly(early);
    const path = relays.pathTo(now, peer);
    if (path === null) return;
    const session = sessions.get(peer);
    if (session !== undefined) {
      session.offer(now, path, out);
      sessions.touch(session);
      return;
    }
    if (responder.get(peer) !== undefined) return; // its own INIT is here, and was answered
    const handshake = initiator.get(peer) ?? initiator.begin(now, { peer, early: fitting(early, limit.earlyBytesMax), continues: 0, silence: this.#rooms.silence.toldTo(now, untold) });
    if (typeof handshake !== 'string') initiator.tryAddress(now, handshake, path, 0, out);
  }

  #send(now: Instant, peer: PeerId, frames: readonly Uint8Array[], out: PathOutput[]): void {
    for (const frame of frames) checkFrame(frame);
    const { sessions, initiator, responder } = this.#rooms;
    const session = sessions.get(peer);
    if (session?.canSend(now) === true) {
      session.sendAll(now, frames, out);
      if (session.keyring.wantsRekey(now, this.#rekeyAfterPackets)) this.#renew(now, session, out);
      sessions.touch(session);
      return;
    }
    const queue = initiator.get(peer)?.queue ?? responder.get(peer)?.queue;
    for (const frame of frames) {
      if (queue === undefined) drop(out, 'no-session', null);
      else if (!queue.push(frame)) drop(out, 'queue-full', null);
    }
  }

  #disconnect(now: Instant, peer: PeerId, why: 'leaving' | 'unneeded', out: PathOutput[]): void {
    const { sessions, initiator, responder } = this.#rooms;
    const session = sessions.get(peer);
    const handshake = initiator.get(peer);
    const answer = responder.get(peer);
    if (answer !== undefined) responder.end(answer);
    if (session !== undefined) {
      if (session.canSend(now)) session.send(now, byeFrame(byeReason[why]), out);
      closeSession(this.#rooms, session, 'disconnected', out);
    } else if (handshake !== undefined) {
      initiator.end(handshake);
      out.push({ kind: 'closed', peer, reason: 'disconnected' });
    }
  }

  /** A path is the link's own affair: what goes by a channel leaves for its relay, and who is heard by one is heard at the relay's address. */
  #showOutside(now: Instant, output: PathOutput, seen: LinkOutput[]): void {
    const { relays } = this.#rooms;
    switch (output.kind) {
      case 'transmit': {
        const { to, bytes } = output;
        if (!isRelayed(to)) {
          seen.push(bySocket(socketOf(to), remoteOf(to), bytes));
          break;
        }
        const way = relays.wayTo(now, to);
        if (way !== null) seen.push(bySocket(0, way.address, encodeRelay(way.channel, bytes)));
        break;
      }
      case 'opened':
      case 'moved':
        seen.push({ ...output, address: relays.addressOf(output.address), relay: relayOf(output.address), ...socketIn(output.address) });
        break;
      case 'received':
        seen.push({ kind: 'received', peer: output.peer, from: relays.addressOf(output.from), frame: output.frame });
        break;
      case 'punched':
        seen.push({ ...output, from: relays.addressOf(output.from), ...socketIn(output.from) });
        break;
      case 'dropped':
        seen.push({ ...output, from: output.from === null ? null : relays.addressOf(output.from) });
        break;
      default:
        seen.push(output);
    }
  }

  #infoOf({ info, address }: Session): SessionInfo {
    const { relays } = this.#rooms;
    return { ...info, address: relays.addressOf(address), relay: relayOf(address) };
  }

  /** Does what is due, if anything is. */
  #act(now: Instant, out: PathOutput[]): void {
    if (this.#dueAt === null || now < this.#dueAt) return;
    const { sessions, initiator, responder } = this.#rooms;
    for (const session of sessions.due(now)) {
      this.#actSession(now, session, out);
      sessions.touch(session);
    }
    for (const handshake of [...initiator.values()]) {
      if (now >= handshake.giveUpAt) this.#giveUp(now, handshake, out);
      else initiator.act(now, handshake, out);
    }
    responder.expire(now);
  }

  #actSession(now: Instant, session: Session, out: PathOutput[]): void {
    this.#rooms.sessions.retire(now, session);
    if (!session.keys.isUsable(now)) {
      closeSession(this.#rooms, session, 'expired', out);
      return;
    }
    if (session.keyring.wantsRekey(now, this.#rekeyAfterPackets)) this.#renew(now, session, out);
    if (!session.act(now, out)) closeSession(this.#rooms, session, 'unreachable', out);
  }

  /** Begins to renew a session's keys, unless that is under way. */
  #renew(now: Instant, session: Session, out: PathOutput[]): void {
    const { initiator, silence } = this.#rooms;
    if (initiator.get(session.peer) !== undefined) return;
    const handshake = initiator.begin(now, { peer: session.peer, early: [], continues: session.keys.remoteIndex, silence: silence.toldTo(now, untold) });
    session.keyring.postpone(now); // whatever comes of it
    if (typeof handshake !== 'string') initiator.tryAddress(now, handshake, session.address, 0, out);
  }

  #giveUp(now: Instant, handshake: Handshake, out: PathOutput[]): void {
    const { initiator, sessions } = this.#rooms;
    initiator.end(handshake);
    const session = sessions.get(handshake.peer);
    if (session === undefined) {
      if (!handshake.isRenewal) out.push({ kind: 'closed', peer: handshake.peer, reason: 'unreachable' });
    } else {
      session.keyring.postpone(now); // the old keys still do, and its PINGs tell whether anybody is there
    }
  }

  /** Whoever missed his deadline by 10 s slept, or is a copy of one who runs on: no key is used again, and who is there still is not known. */
  #noticeSleep(now: Instant, out: PathOutput[]): void {
    if (this.#dueAt === null || now - this.#dueAt < limit.sleptMs) return;
    this.#rooms.responder.clear();
    this.#rooms.silence.forget();
    for (const session of [...this.#rooms.sessions.values()]) closeSession(this.#rooms, session, 'slept', out);
    this.#act(now, out);
    this.#dueAt = this.#firstDue();
  }

  #firstDue(): Instant | null {
    const { sessions, initiator, responder } = this.#rooms;
    return earliest(sessions.dueAt, initiator.dueAt, responder.dueAt);
  }
}

const checkConfig = (name: string, value: number, max: number): void => {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new LinkError('LINK_CONFIG_INVALID', `Cannot make a link: ${name} must be an integer 1..${max}, got ${value}`);
};

const checkFrame = (frame: Uint8Array): void => {
  if (frame.length >= 1 && frame.length <= limit.frameBytesMax) return;
  throw new LinkError('LINK_FRAME_LENGTH', `Cannot send: a frame has 1..${limit.frameBytesMax} bytes, got ${frame.length}`);
};

const checkToken = (token: string): void => {
  if (/^[0-9a-f]{16}$/.test(token)) return;
  throw new LinkError('LINK_TOKEN_INVALID', `Cannot punch: token must be 16 lowercase hex characters, got ${JSON.stringify(token)}`);
};

const checkEarly = (early: readonly Uint8Array[]): void => {
  if (early.every((frame) => isEarlyFrame(frame) && readLinkFrame(frame).kind === 'other')) return;
  throw new LinkError('LINK_EARLY_REFUSED', 'Cannot connect: early frames must be FIND and HELLO');
};

/** The first of these, as many as there is room for. */
const fitting = (early: readonly Uint8Array[], bytesMax: number): readonly Uint8Array[] => {
  let room = bytesMax;
  const tooLong = early.findIndex((frame) => (room -= limit.bundleLengthBytes + frame.length) < 0);
  return tooLong < 0 ? early : early.slice(0, tooLong);
};

/** Named only where it is not the one that everything goes by. */
const socketIn = (path: Path): { readonly socket?: number } => (socketOf(path) === 0 ? {} : { socket: socketOf(path) });

/** Most of what a link says, so it is made in one piece. */
const bySocket = (socket: number, to: Address, bytes: Uint8Array): LinkOutput => (socket === 0 ? { kind: 'transmit', to, bytes } : { kind: 'transmit', to, bytes, socket });

const answerNothing: AnswerEarly = (_now, { frames }) => ({ frames: [], left: frames });
