/**
 * One open session: its keys, its proved path, and whether the peer is still there. SPEC, Paths, Liveness, Rekey.
 *
 * ```
 *             a frame of ours, a second of silence
 *      heard ──────────────────────────────────────▶ PING ──2 rtt──▶ PING ─rtt─▶ ... PING ──2 rtt──▶ dead
 *        ▲  └── silence for half its age, or for as ─▶ │               │               │
 *        │      long as either side may be left        │               │               │
 *        └───────────────── anything authentic ────────┴───────────────┴───────────────┘
 * ```
 *
 * Anything authentic proves that the peer is there: if only our packets were lost, its own PINGs would tell it.
 * Frames go to the proved path alone; `probe.ts` says what may go to another.
 */
import { type Address, after, earliest, familyOf, type Instant, type PeerId, type Random, toHex } from '@srp/machine';
import * as limit from './constants.js';
import { longPing, packed, pingFrame, pongFrame } from './frames.js';
import { LargeDatagrams } from './large.js';
import { chargedTo, isForbidden, isLoopback, isRelayed, type Path, type RelayedPath, remoteOf, socketOf } from './path.js';
import { Probe } from './probe.js';
import { type Silence, toldBy, untold } from './silence.js';
import type { TransportKeys } from './transport.js';
import type { PathOutput, LinkRole, SessionInfo } from './types.js';

/** A PING whose PONG is waited for. */
export interface OutstandingPing {
  readonly tx: string;
  readonly sentAt: Instant;
  readonly to: Path;
  /** Whether it was as long as a large datagram. */
  readonly isLong?: boolean;
}

/** Shared by all sessions that wait for none, which is most of them. */
const noPings: readonly OutstandingPing[] = [];

export class Session {
  readonly peer: PeerId;
  readonly role: LinkRole;
  readonly openedAt: Instant;
  readonly #random: Random;
  /** How long this peer may be left by anybody: one for all sessions. */
  readonly #silence: Silence;
  #keys: TransportKeys;
  #rekeyAt: Instant;
  #postponedUntil: Instant | null = null;
  #previous: TransportKeys | null = null;
  #previousUntil: Instant | null = null;
  #address: Path;
  /** When it left a relay for a direct path. */
  #leftRelayAt: Instant | null = null;
  /** A relay's channel that the session may move to. */
  #spare: RelayedPath | null = null;
  /** When the other side was last heard by the spare channel. */
  #spareHeardAt: Instant | null = null;
  /** Several PINGs were not answered, and nothing came by the session's own path since. */
  #isSeeking = false;
  #network: string;
  /** Of the path in use; `null` where datagrams are not large. */
  #large: LargeDatagrams | null;
  #probe: Probe | null = null;
  #pings = noPings;
  #heardAt: Instant;
  /** When the first frame since then was sent; `null` if none was. */
  #unansweredAt: Instant | null = null;
  /** The other side has not shown yet that it uses our new keys. */
  #unheardSince: Instant | null;
  /** How long the other side may be left, as it said last. */
  #told = untold;
  /** What we said last of ourselves, so that it asks by then; until we have said something it need not. */
  #saidMs = Infinity;
  /** By how much the next keepalive comes earlier: a little below 1. */
  #keepaliveFactor: number;
  /** After how long a silence we had to ask although the other side should have. */
  #suspectedMs: number | null = null;
  /** PINGs since the peer was heard, and the last of them. */
  #askCount = 0;
  #askedAt: Instant | null = null;
  /** When it was last asked because a frame of ours stayed without answer. */
  #doubtedAt: Instant | null = null;
  /** Of the path in use. */
  #rttMs: number | null = null;
  /** When something last came by it. */
  #heardHereAt: Instant;
  /** The last answer that came by another path. */
  #probed: { readonly path: Path; readonly rttMs: number } | null = null;
  /** The path it left for one that the caller named: what is still under way there says nothing about where the peer is. */
  #left: { readonly path: Path; readonly at: Instant } | null = null;
  /** The probe of an address that the caller named: there the peer may be as well, and is not known to have gone. */
  #named: Probe | null = null;

  constructor(random: Random, silence: Silence, now: Instant, peer: PeerId, address: Path, keys: TransportKeys) {
    this.#random = random;
    this.#silence = silence;
    this.peer = peer;
    this.role = keys.role;
    this.openedAt = now;
    this.#keys = keys;
    this.#address = address;
    this.#network = chargedTo(address);
    this.#large = isLoopback(address) ? new LargeDatagrams() : null;
    this.#heardAt = now;
    this.#keepaliveFactor = this.#drawFactor();
    this.#heardHereAt = now;
    this.#rekeyAt = this.#nextRekeyAt();
    this.#unheardSince = waitsToBeHeard(now, keys);
  }

  get address(): Path {
    return this.#address;
  }

  /** Who is charged for it. */
  get network(): string {
    return this.#network;
  }

  get heardAt(): Instant {
    return this.#heardAt;
  }

  get keys(): TransportKeys {
    return this.#keys;
  }

  get previousKeys(): TransportKeys | null {
    return this.#previous;
  }

  /** All but where the other end is, which only the relays know. */
  get info(): Omit<SessionInfo, 'address' | 'relay'> {
    const { peer, role, openedAt, heardAt } = this;
    return { peer, role, openedAt, heardAt, rttMs: this.#rttMs };
  }

  /** Whether it may move through a relay: its own path gave nothing back for several PINGs, or the other side has gone there. */
  #mayUseRelay(now: Instant): boolean {
    return this.#isSeeking || (this.#spareHeardAt !== null && now - this.#spareHeardAt < limit.probeGiveUpMs);
  }

  /** Whether a frame can be sealed now. */
  canSend(now: Instant): boolean {
    return this.#keys.isUsable(now);
  }

  /** Sends one frame, or nothing at all as proof of life. The caller has asked {@link canSend}. */
  send(now: Instant, frame: Uint8Array, out: PathOutput[]): void {
    out.push({ kind: 'transmit', to: this.#address, bytes: this.#keys.seal(frame) });
    this.#unansweredAt ??= now;
  }

  /** Sends frames in as few datagrams as the path carries. The caller has asked {@link canSend}. */
  sendAll(now: Instant, frames: readonly Uint8Array[], out: PathOutput[]): void {
    let count = 0;
    for (const one of packed(frames, this.#large?.roomBytes(now) ?? limit.frameBytesMax)) {
      this.send(now, one, out);
      count += 1;
    }
    if (count > 1 && this.#large?.takeQuestion(now) === true) this.#askLong(now, out);
  }

  /** Something authentic of `bytes` bytes came. Returns whether it says that our mappings live less long than was known. */
  heard(now: Instant, from: Path, bytes: number, out: PathOutput[]): boolean {
    const isLess = this.#learn(now, from);
    this.#heardNow(now);
    this.#unheardSince = null;
    if (from === this.#address) {
      this.#isSeeking = false;
      this.#heardHereAt = now;
    }
    if (this.#probe?.address !== from) return isLess;
    this.#probe.credit(bytes);
    this.#pushProbe(now, out);
    return isLess;
  }

  /** The other side said how long it may be left, 0..255 s. */
  tell(seconds: number): void {
    this.#told = toldBy(seconds);
  }

  /** Whether `from` is a path that nobody proved or tries, and there is room to try one. */
  isNewPath(now: Instant, from: Path): boolean {
    if (from === this.#address || isForbidden(from)) return false;
    if (isRelayed(from) && this.#leftRelayAt !== null && now - this.#leftRelayAt < limit.relayAfterglowMs) return false;
    if (this.#hasJustLeft(now, from)) return false;
    if (isRelayed(from)) return this.#spareHeardAt === null || now - this.#spareHeardAt >= limit.relayTryMs;
    return this.#probe === null || (this.#probe.address !== from && this.#probe.mayGiveWay(now));
  }

  /** Whether it was there until a moment ago, and left because the caller named another address. */
  #hasJustLeft(now: Instant, path: Path): boolean {
    return path === this.#left?.path && now - this.#left.at < limit.relayAfterglowMs;
  }

  /** Begins to try the path that `bytes` bytes came on. */
  tryPath(now: Instant, from: Path, bytes: number, out: PathOutput[]): void {
    if (isRelayed(from)) {
      this.#spareHeardAt = now;
      this.offer(now, from, out);
      return;
    }
    this.#probe = new Probe(from, now, limit.unprovedFactor * bytes, { isHeard: true });
    this.#pushProbe(now, out);
  }

  /** The caller names another address where the peer may be. */
  probe(now: Instant, address: Path, isPaced: boolean, out: PathOutput[]): void {
    if (address === this.#address) {
      this.ask(now, out);
      return;
    }
    // Where something came from is a better guess than anybody's word.
    if (this.#probe !== null && this.#probe.address !== address && !this.#probe.mayGiveWay(now)) return;
    if (this.#probe?.address !== address || this.#probe.isOver(now)) {
      const pingBytes = limit.sessionOverheadBytes + limit.pingBytes;
      this.#probe = new Probe(address, now, limit.probeScheduleMs.length * pingBytes, { isPaced });
    }
    if (this.#named !== this.#probe) {
      this.#named = this.#probe;
      if (!isRelayed(this.#address) && socketOf(this.#probe.address) === 0) this.ask(now, out); // the path in use races with it
    }
    this.#probe.want();
    this.#pushProbe(now, out);
  }

  /** The session may go on by this channel, if its own path is found dead, or was: then it asks whether it leads there. */
  offer(now: Instant, path: RelayedPath, out: PathOutput[]): void {
    if (path === this.#address) return;
    this.#spare = path;
    if (this.#mayUseRelay(now) && this.canSend(now)) this.#sendPing(now, path, out);
  }

  /** Asks whether the peer is there, unless that is being asked already. */
  ask(now: Instant, out: PathOutput[]): void {
    if (this.canSend(now) && this.#askCount === 0) this.#pingAgain(now, out);
  }

  /** Answers a PING where it came from. False if too little came from there. */
  pong(now: Instant, tx: string, from: Path, seen: Address, out: PathOutput[]): boolean {
    if (!this.canSend(now)) return true;
    const isPaid = from === this.#address || isRelayed(from) || this.#hasJustLeft(now, from) || (this.#probe?.address === from && this.#probe.spend(limit.sessionOverheadBytes + limit.pingBytes));
    if (!isPaid) return false;
    out.push({ kind: 'transmit', to: from, bytes: this.#keys.seal(pongFrame(now, tx, seen, this.#say(now))) });
    return true;
  }

  /** A PING went out with the handshake that made this session. */
  expect(ping: OutstandingPing): void {
    this.#pings = [...this.#pings.slice(1 - limit.pingsOutstandingMax), ping];
  }

  /** A PONG came. Returns the address its PING went to, which is now proved; `null` if nobody asked. */
  settle(now: Instant, pong: { readonly tx: string; readonly observed: Address; readonly time: number }, out: PathOutput[]): Path | null {
    const ping = this.#pings.find(({ tx }) => tx === pong.tx);
    if (ping === undefined) return null;
    this.#pings = this.#pings.length === 1 ? noPings : this.#pings.filter((other) => other !== ping);
    const rttMs = now - ping.sentAt;
    if (ping.isLong === true) {
      if (ping.to === this.#address) this.#large?.answered(ping.sentAt);
    } else if (ping.to === this.#address) this.#measure(rttMs);
    else this.#probed = { path: ping.to, rttMs };
    // Through a relay nobody sees where we are.
    if (!isRelayed(ping.to)) out.push({ kind: 'observed', by: this.peer, address: pong.observed, rttMs, theirTime: pong.time });
    return ping.to;
  }

  /** Whether the session may move to a path that was proved. A relay is no improvement unless nothing else is left. */
  mayMoveTo(now: Instant, path: Path): boolean {
    if (isRelayed(path)) return path === this.#spare && this.#mayUseRelay(now);
    return path === this.#probe?.address && (this.#probe !== this.#named || this.#isAsGood(now, path, this.#probe.startedAt));
  }

  /** Whether a path that answers is to be used instead of the one in use: that is silent or relayed, or not faster, and at a tie the new one is IPv6. */
  #isAsGood(now: Instant, path: Exclude<Path, RelayedPath>, probedAt: Instant): boolean {
    const here = this.#address;
    const isSilent = this.#heardHereAt < probedAt && now - probedAt >= this.#answerMs;
    if (isSilent || isRelayed(here) || this.#rttMs === null || this.#probed?.path !== path) return true;
    const margin = Math.max(limit.sameRttMs, limit.sameRttShare * this.#rttMs);
    const isStepBack = familyOf(remoteOf(here)) === 6 && familyOf(remoteOf(path)) === 4;
    return this.#probed.rttMs <= this.#rttMs + (isStepBack ? -margin : margin);
  }

  /** The session goes on at `address`, which was proved. */
  moveTo(now: Instant, address: Path, out: PathOutput[]): void {
    if (this.#probe?.address === address) {
      if (this.#probe === this.#named) this.#left = { path: this.#address, at: now };
      this.#probe = null;
    }
    if (this.#spare === address) this.#spare = null;
    if (address === this.#address) return;
    if (this.#probed?.path === address) this.#rttMs = this.#probed.rttMs;
    this.#isSeeking = false;
    this.#heardHereAt = now;
    this.#leftRelayAt = isRelayed(this.#address) && !isRelayed(address) ? now : null;
    if (isRelayed(this.#address) && !isRelayed(address)) {
      // What was asked by a relay before and is answered now is no reason to go back; but it may be asked again when this path dies.
      this.#spare = this.#address;
      this.#spareHeardAt = null;
    }
    this.#address = address;
    this.#network = chargedTo(address);
    this.#large = isLoopback(address) ? new LargeDatagrams() : null;
    out.push({ kind: 'moved', peer: this.peer, address, relay: null });
  }

  /** Keys that came second in a crossing: they open what the other side may seal with them, and seal nothing. */
  keepForReading(now: Instant, keys: TransportKeys): TransportKeys | null {
    const retired = this.#previous;
    this.#previous = keys;
    this.#previousUntil = after(now, limit.previousKeysMs);
    return retired;
  }

  /** New keys, same session. Returns the keys that nothing opens any more. */
  renew(now: Instant, keys: TransportKeys): TransportKeys | null {
    const retired = this.keepForReading(now, this.#keys);
    this.#keys = keys;
    this.#postponedUntil = null;
    this.#heardNow(now);
    this.#unheardSince = waitsToBeHeard(now, keys);
    this.#rekeyAt = this.#nextRekeyAt();
    return retired;
  }

  /** The previous keys, once their time is over. */
  retire(now: Instant): TransportKeys | null {
    if (this.#previousUntil === null || now < this.#previousUntil) return null;
    const retired = this.#previous;
    this.#previous = null;
    this.#previousUntil = null;
    return retired;
  }

  /** A renewal began, or failed while the keys still do: the next one not before a minute. */
  postpone(now: Instant): void {
    this.#postponedUntil = after(now, limit.rekeyPauseMs);
  }

  /** Whether new keys are wanted. */
  wantsRekey(now: Instant, packetsMax: number): boolean {
    if (this.#postponedUntil !== null && now < this.#postponedUntil) return false;
    return now >= this.#rekeyAt || this.#keys.sentCount >= packetsMax;
  }

  /** Does what is due. Answers whether the peer still counts as there. */
  act(now: Instant, out: PathOutput[]): boolean {
    this.#pushProbe(now, out);
    if (now < this.#livenessAt) return true;
    if (this.#askCount > limit.quickPingsMax) return false;
    const doubtedUntil = this.#unansweredUntil;
    if (this.#askCount === 0 && doubtedUntil !== null && now >= doubtedUntil) this.#doubtedAt = now;
    if (this.#askCount === 0) this.#suspect(now);
    this.#pingAgain(now, out);
    return true;
  }

  /** When {@link act}, a renewal or the end of the keys is due. */
  get dueAt(): Instant | null {
    const renewalAt = this.#postponedUntil ?? this.#rekeyAt;
    const expiryAt = after(this.#keys.madeAt, limit.rejectAfterMs);
    return earliest(this.#livenessAt, renewalAt, expiryAt, this.#previousUntil, this.#probe?.dueAt ?? null);
  }

  /** When the next PING is due, or the peer counts as gone. */
  get #livenessAt(): Instant {
    if (this.#askedAt !== null) return after(this.#askedAt, this.#askPauseMs);
    const silence = after(this.#heardAt, this.#silenceMs);
    const unheard = this.#unheardSince === null ? null : after(this.#unheardSince, this.#answerMs);
    return earliest(silence, unheard, this.#unansweredUntil) ?? silence;
  }

  /** How long the peer may be silent: no longer than either side may be left. Who is free asks first, so that the other one learns whether it comes through. */
  get #silenceMs(): number {
    const told = this.#told;
    // It asks by what we said last, which is what it waits for us after that.
    const allowedMs = isRelayed(this.#address) ? limit.keepaliveRelayedMs : Math.min(this.#silence.allowedMs(this.#heardAt, told), this.#saidMs);
    const askedMs = Math.min(this.#halfAgeMs, allowedMs);
    if (told.isFree && !this.#silence.isFree && !isRelayed(this.#address) && askedMs >= limit.keepaliveLeastMs) return Math.round(askedMs + limit.askGraceMs);
    return Math.round(Math.min(this.#keepaliveFactor * Math.min(this.#halfAgeMs, isRelayed(this.#address) ? allowedMs : told.ms), allowedMs + limit.askGraceMs));
  }

  /** Who has been there for long goes on being there. */
  get #halfAgeMs(): number {
    return Math.max((this.#heardAt - this.openedAt) / 2, limit.keepaliveMinMs);
  }

  /** From the last PING of an asking to the next one, or to the end. */
  get #askPauseMs(): number {
    if (this.#askCount === 1) return this.#answerMs;
    if (this.#askCount <= limit.quickPingsMax) return Math.round(this.#answerMs / 2);
    const silenceMs = this.#silenceMs;
    const lastMs = Math.round(limit.lastAnswerShare * silenceMs);
    if (this.#unansweredAt !== null || silenceMs < limit.keepaliveLeastMs) return Math.max(this.#answerMs, Math.min(lastMs, limit.answerMaxMs));
    return Math.max(this.#answerMs, lastMs + limit.askGraceMs); // where our PINGs do not come through, the other side asks a moment later
  }

  /** How long an answer may take: generously two round trips. */
  get #answerMs(): number {
    return Math.min(Math.max(limit.answerMinMs, limit.answerRtts * (this.#rttMs ?? limit.rttUnknownMs)), limit.answerMaxMs);
  }

  /** Until when an answer to what was sent may stay away. */
  get #unansweredUntil(): Instant | null {
    if (this.#unansweredAt === null) return null;
    const until = after(this.#unansweredAt, Math.max(limit.unansweredMinMs, 2 * this.#answerMs));
    const next = this.#doubtedAt === null ? until : after(this.#doubtedAt, limit.unansweredPauseMs);
    return next > until ? next : until;
  }

  #heardNow(now: Instant): void {
    this.#heardAt = now;
    this.#unansweredAt = null;
    this.#askCount = 0;
    this.#askedAt = null;
    this.#suspectedMs = null;
  }

  /** What came, or did not come before we asked, tells whether a mapping outlives such a silence. */
  #learn(now: Instant, from: Path): boolean {
    if (this.#suspectedMs !== null) {
      this.#silence.failed(now, this.#suspectedMs);
      return true;
    }
    const silentMs = now - this.#heardAt;
    if (silentMs >= limit.keepaliveLeastMs && from === this.#address && !isRelayed(from) && this.#isQuiet) this.#silence.heard(this.#network, silentMs);
    return false;
  }

  /** We are about to ask. If the other side should have done so before, its PINGs may not have come through. */
  #suspect(now: Instant): void {
    const askedMs = Math.min(this.#halfAgeMs, this.#saidMs);
    if (askedMs >= limit.keepaliveLeastMs && !isRelayed(this.#address) && this.#isQuiet && now - this.#heardAt >= askedMs + limit.askGraceMs) this.#suspectedMs = askedMs;
  }

  /** Whether we have sent nothing since the peer was heard, so that nothing has kept a mapping alive. */
  get #isQuiet(): boolean {
    return this.#unansweredAt === null && this.#askCount === 0 && this.#probe === null;
  }

  /** What a PING or PONG tells of us. */
  #say(now: Instant): number {
    this.#saidMs = this.#silence.allowedMs(now, this.#told);
    return this.#silence.toldTo(now, this.#told);
  }

  #drawFactor(): number {
    return 1 - (limit.keepaliveShare * this.#random.below(2 ** 32)) / 2 ** 32;
  }

  #measure(rttMs: number): void {
    this.#rttMs = this.#rttMs === null ? rttMs : this.#rttMs + limit.rttWeight * (rttMs - this.#rttMs);
  }

  #nextRekeyAt(): Instant {
    const share = this.#keys.role === 'responder' ? 1 + limit.rekeyResponderShare : 1;
    return after(this.#keys.madeAt, limit.rekeyAfterMs * share);
  }

  #pingAgain(now: Instant, out: PathOutput[]): void {
    if (this.#askCount === 0) this.#keepaliveFactor = this.#drawFactor();
    this.#sendPing(now, this.#address, out);
    this.#askCount += 1;
    this.#askedAt = now;
    if (this.#askCount < limit.doubtfulPings) return;
    if (!this.#isSeeking) out.push({ kind: 'doubted', peer: this.peer });
    this.#isSeeking = true;
    if (this.#spare !== null) this.#sendPing(now, this.#spare, out);
  }

  #pushProbe(now: Instant, out: PathOutput[]): void {
    const probe = this.#probe;
    if (probe === null) return;
    if (probe.isOver(now)) {
      this.#probe = null;
    } else if (this.canSend(now) && probe.takePing(now) && probe.spend(limit.sessionOverheadBytes + limit.pingBytes)) {
      this.#sendPing(now, probe.address, out);
    }
  }

  #sendPing(now: Instant, to: Path, out: PathOutput[]): void {
    const tx = this.#drawToken();
    this.expect({ tx, sentAt: now, to });
    out.push({ kind: 'transmit', to, bytes: this.#keys.seal(pingFrame(tx, this.#say(now))) });
  }

  /** Whether large datagrams come through. Nobody is missed who does not answer. */
  #askLong(now: Instant, out: PathOutput[]): void {
    const tx = this.#drawToken();
    this.expect({ tx, sentAt: now, to: this.#address, isLong: true });
    out.push({ kind: 'transmit', to: this.#address, bytes: this.#keys.seal(longPing(tx, this.#say(now), limit.bundleBytesMax)) });
  }

  #drawToken(): string {
    return toHex(this.#random.bytes(limit.pingTokenBytes));
  }
}

/** The responder counts the initiator in once it hears it: if that packet was lost, it is asked soon. */
const waitsToBeHeard = (now: Instant, { role }: TransportKeys): Instant | null => (role === 'initiator' ? now : null);
