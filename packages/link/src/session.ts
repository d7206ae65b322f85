/**
 * One open session: its keys, its proved path, and whether the peer is still there. SPEC, Paths, Liveness, Rekey.
 *
 * ```
 *             a frame of ours, a second of silence
 *      heard ──────────────────────────────────────▶ PING ──2 rtt──▶ PING ─rtt─▶ ... PING ──2 rtt──▶ dead
 *        ▲  └── silence for half its age, 2..20 s ──▶  │               │               │
 *        └───────────────── anything authentic ────────┴───────────────┴───────────────┘
 * ```
 *
 * Anything authentic proves that the peer is there: if only our packets were lost, its own PINGs would tell it.
 * Frames go to the proved path alone; `probe.ts` says what may go to another.
 */
import { type Address, after, earliest, type Instant, jittered, type PeerId, type Random, scopeOf, toHex } from '@srp/machine';
import * as limit from './constants.js';
import { pingFrame, pongFrame } from './frames.js';
import { chargedTo } from './network.js';
import { Probe } from './probe.js';
import type { TransportKeys } from './transport.js';
import type { LinkOutput, LinkRole, SessionInfo } from './types.js';

/** A PING whose PONG is waited for. */
export interface OutstandingPing {
  readonly tx: string;
  readonly sentAt: Instant;
  readonly to: Address;
}

/** Shared by all sessions that wait for none, which is most of them. */
const noPings: readonly OutstandingPing[] = [];

export class Session {
  readonly peer: PeerId;
  readonly role: LinkRole;
  readonly openedAt: Instant;
  readonly #random: Random;
  #keys: TransportKeys;
  #rekeyAt: Instant;
  #postponedUntil: Instant | null = null;
  #previous: TransportKeys | null = null;
  #previousUntil: Instant | null = null;
  #address: Address;
  #network: string;
  #probe: Probe | null = null;
  #pings = noPings;
  #heardAt: Instant;
  /** When the first frame since then was sent; `null` if none was. */
  #unansweredAt: Instant | null = null;
  /** The other side has not shown yet that it uses our new keys. */
  #unheardSince: Instant | null;
  /** By how much the next keepalive is moved: about 1. */
  #keepaliveFactor: number;
  /** PINGs since the peer was heard, and the last of them. */
  #askCount = 0;
  #askedAt: Instant | null = null;
  /** When it was last asked because a frame of ours stayed without answer. */
  #doubtedAt: Instant | null = null;
  #rttMs: number | null = null;

  constructor(random: Random, now: Instant, peer: PeerId, address: Address, keys: TransportKeys) {
    this.#random = random;
    this.peer = peer;
    this.role = keys.role;
    this.openedAt = now;
    this.#keys = keys;
    this.#address = address;
    this.#network = chargedTo(address);
    this.#heardAt = now;
    this.#keepaliveFactor = jittered(random, 1, limit.keepaliveShare);
    this.#rekeyAt = this.#nextRekeyAt();
    this.#unheardSince = waitsToBeHeard(now, keys);
  }

  get address(): Address {
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

  get info(): SessionInfo {
    const { peer, address, role, openedAt, heardAt } = this;
    return { peer, address, role, openedAt, heardAt, rttMs: this.#rttMs };
  }

  /** Whether a frame can be sealed now. */
  canSend(now: Instant): boolean {
    return this.#keys.isUsable(now);
  }

  /** Sends one frame, or nothing at all as proof of life. The caller has asked {@link canSend}. */
  send(now: Instant, frame: Uint8Array, out: LinkOutput[]): void {
    out.push({ kind: 'transmit', to: this.#address, bytes: this.#keys.seal(frame) });
    this.#unansweredAt ??= now;
  }

  /** Something authentic of `bytes` bytes came from the proved path, or from the one that is being tried. */
  heard(now: Instant, from: Address, bytes: number, out: LinkOutput[]): void {
    this.#heardNow(now);
    this.#unheardSince = null;
    if (this.#probe?.address !== from) return;
    this.#probe.credit(bytes);
    this.#pushProbe(now, out);
  }

  /** Whether `from` is a path that nobody proved or tries, and there is room to try one. */
  isNewPath(now: Instant, from: Address): boolean {
    if (from === this.#address || scopeOf(from) === 'forbidden') return false;
    return this.#probe === null || (this.#probe.address !== from && this.#probe.isOver(now));
  }

  /** Begins to try the path that `bytes` bytes came on. */
  tryPath(now: Instant, from: Address, bytes: number, out: LinkOutput[]): void {
    this.#probe = new Probe(from, now, limit.unprovedFactor * bytes);
    this.#pushProbe(now, out);
  }

  /** The caller names another address where the peer may be. */
  probe(now: Instant, address: Address, out: LinkOutput[]): void {
    if (address === this.#address) {
      this.ask(now, out);
      return;
    }
    if (this.#probe?.address === address && !this.#probe.isOver(now)) return;
    const pingBytes = limit.sessionOverheadBytes + limit.pingBytes;
    this.#probe = new Probe(address, now, limit.probeScheduleMs.length * pingBytes);
    this.#pushProbe(now, out);
  }

  /** Asks whether the peer is there, unless that is being asked already. */
  ask(now: Instant, out: LinkOutput[]): void {
    if (this.canSend(now) && this.#askCount === 0) this.#pingAgain(now, out);
  }

  /** Answers a PING where it came from. False if too little came from there. */
  pong(now: Instant, tx: string, from: Address, load: number, out: LinkOutput[]): boolean {
    if (!this.canSend(now)) return true;
    const isPaid = from === this.#address || (this.#probe?.address === from && this.#probe.spend(limit.sessionOverheadBytes + limit.pingBytes));
    if (!isPaid) return false;
    out.push({ kind: 'transmit', to: from, bytes: this.#keys.seal(pongFrame(now, tx, from, load)) });
    return true;
  }

  /** A PING went out with the handshake that made this session. */
  expect(ping: OutstandingPing): void {
    this.#pings = [...this.#pings.slice(1 - limit.pingsOutstandingMax), ping];
  }

  /** A PONG came. Returns the address its PING went to, which is now proved; `null` if nobody asked. */
  settle(now: Instant, pong: { readonly tx: string; readonly observed: Address }, out: LinkOutput[]): Address | null {
    const ping = this.#pings.find(({ tx }) => tx === pong.tx);
    if (ping === undefined) return null;
    this.#pings = this.#pings.length === 1 ? noPings : this.#pings.filter((other) => other !== ping);
    this.#measure(now - ping.sentAt);
    out.push({ kind: 'observed', by: this.peer, address: pong.observed, rttMs: now - ping.sentAt });
    return ping.to;
  }

  /** Whether the session may move to `address` once it is proved. */
  isProbing(address: Address): boolean {
    return this.#probe?.address === address;
  }

  /** The session goes on at `address`, which was proved. */
  moveTo(address: Address, out: LinkOutput[]): void {
    if (this.#probe?.address === address) this.#probe = null;
    if (address === this.#address) return;
    this.#address = address;
    this.#network = chargedTo(address);
    out.push({ kind: 'moved', peer: this.peer, address });
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
  act(now: Instant, out: LinkOutput[]): boolean {
    this.#pushProbe(now, out);
    if (now < this.#livenessAt) return true;
    if (this.#askCount > limit.quickPingsMax) return false;
    const doubtedUntil = this.#unansweredUntil;
    if (this.#askCount === 0 && doubtedUntil !== null && now >= doubtedUntil) this.#doubtedAt = now;
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
    const silence = after(this.#heardAt, this.#keepaliveMs);
    const unheard = this.#unheardSince === null ? null : after(this.#unheardSince, this.#answerMs);
    return earliest(silence, unheard, this.#unansweredUntil) ?? silence;
  }

  /** How long the peer may be silent. Who has been there for long goes on being there. */
  get #keepaliveMs(): number {
    const halfAge = (this.#heardAt - this.openedAt) / 2;
    return Math.round(this.#keepaliveFactor * Math.min(Math.max(halfAge, limit.keepaliveMinMs), limit.keepaliveMaxMs));
  }

  /** From the last PING of an asking to the next one, or to the end. */
  get #askPauseMs(): number {
    if (this.#askCount === 1) return this.#answerMs;
    if (this.#askCount <= limit.quickPingsMax) return Math.round(this.#answerMs / 2);
    return Math.max(this.#answerMs, Math.round(limit.lastAnswerShare * this.#keepaliveMs));
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
  }

  #measure(rttMs: number): void {
    this.#rttMs = this.#rttMs === null ? rttMs : this.#rttMs + limit.rttWeight * (rttMs - this.#rttMs);
  }

  #nextRekeyAt(): Instant {
    const share = this.#keys.role === 'responder' ? 1 + limit.rekeyResponderShare : 1;
    return after(this.#keys.madeAt, limit.rekeyAfterMs * share);
  }

  #pingAgain(now: Instant, out: LinkOutput[]): void {
    if (this.#askCount === 0) this.#keepaliveFactor = jittered(this.#random, 1, limit.keepaliveShare);
    this.#sendPing(now, this.#address, out);
    this.#askCount += 1;
    this.#askedAt = now;
  }

  #pushProbe(now: Instant, out: LinkOutput[]): void {
    const probe = this.#probe;
    if (probe === null) return;
    if (probe.isOver(now)) {
      this.#probe = null;
    } else if (this.canSend(now) && probe.takePing(now) && probe.spend(limit.sessionOverheadBytes + limit.pingBytes)) {
      this.#sendPing(now, probe.address, out);
    }
  }

  #sendPing(now: Instant, to: Address, out: LinkOutput[]): void {
    const tx = toHex(this.#random.bytes(limit.pingTokenBytes));
    this.expect({ tx, sentAt: now, to });
    out.push({ kind: 'transmit', to, bytes: this.#keys.seal(pingFrame(tx)) });
  }
}

/** The responder counts the initiator in once it hears it: if that packet was lost, it is asked soon. */
const waitsToBeHeard = (now: Instant, { role }: TransportKeys): Instant | null => (role === 'initiator' ? now : null);
