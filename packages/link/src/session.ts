/**
 * One open session: its keys, its proved path, and whether the peer is still there. SPEC, Paths, Liveness, Rekey.
 *
 * ```
 *                 a frame of ours, 3 s silence
 *        heard ──────────────────────────────▶ PING ─1 s─▶ PING ─1 s─▶ PING ─1 s─▶ dead
 *          ▲  └─────── 16..24 s silence ──────▶  │           │           │
 *          └───────────── anything authentic ────┴───────────┴───────────┘
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

export class Session {
  readonly peer: PeerId;
  readonly role: LinkRole;
  readonly openedAt: Instant;
  readonly #random: Random;
  #keys: TransportKeys;
  /** The host slept: the keys may be a snapshot's, so they no longer seal. */
  #isStale = false;
  #rekeyAt: Instant;
  #postponedUntil: Instant | null = null;
  #previous: TransportKeys | null = null;
  #previousUntil: Instant | null = null;
  #address: Address;
  #network: string;
  #probe: Probe | null = null;
  #pings: readonly OutstandingPing[] = [];
  #heardAt: Instant;
  /** When the first frame since then was sent; `null` if none was. */
  #unansweredAt: Instant | null = null;
  #quietMs: number;
  #fast: { readonly count: number; readonly dueAt: Instant } | null = null;
  #rttMs: number | null = null;

  constructor(random: Random, now: Instant, peer: PeerId, role: LinkRole, address: Address, keys: TransportKeys) {
    this.#random = random;
    this.peer = peer;
    this.role = role;
    this.openedAt = now;
    this.#keys = keys;
    this.#address = address;
    this.#network = chargedTo(address);
    this.#heardAt = now;
    this.#quietMs = jittered(random, limit.keepaliveMs, limit.keepaliveShare);
    this.#rekeyAt = this.#nextRekeyAt(role);
    // The responder counts us in once it hears us: if that packet was lost, ask again soon.
    if (role === 'initiator') this.#fast = { count: 0, dueAt: after(now, limit.fastPingMs) };
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

  /** Whether the keys must be renewed before anything is sent. */
  get isStale(): boolean {
    return this.#isStale;
  }

  get info(): SessionInfo {
    const { peer, address, role, openedAt, heardAt } = this;
    return { peer, address, role, openedAt, heardAt, rttMs: this.#rttMs };
  }

  /** Whether a frame can be sealed now. */
  canSend(now: Instant): boolean {
    return !this.#isStale && this.#keys.isUsable(now);
  }

  /** Sends one frame, or nothing at all as proof of life. The caller has asked {@link canSend}. */
  send(now: Instant, frame: Uint8Array, out: LinkOutput[]): void {
    out.push({ kind: 'transmit', to: this.#address, bytes: this.#keys.seal(frame) });
    this.#unansweredAt ??= now;
  }

  /** Something authentic of `bytes` bytes came. `mayMove` says that no later packet was seen. */
  heard(now: Instant, from: Address, bytes: number, mayMove: boolean, out: LinkOutput[]): void {
    this.#heardAt = now;
    this.#unansweredAt = null;
    this.#fast = null;
    if (from === this.#address || this.#isStale) return;
    if (this.#probe?.address !== from) {
      if (!mayMove || this.#probe?.isOver(now) === false || scopeOf(from) === 'forbidden') return;
      this.#probe = new Probe(from, now, 0);
    }
    this.#probe.credit(bytes);
    this.#pushProbe(now, out);
  }

  /** The caller names another address where the peer may be. */
  probe(now: Instant, address: Address, out: LinkOutput[]): void {
    if (address === this.#address) {
      this.ask(now, out);
      return;
    }
    if (this.#isStale) return;
    if (this.#probe?.address === address && !this.#probe.isOver(now)) return;
    const pingBytes = limit.sessionOverheadBytes + limit.pingBytes;
    this.#probe = new Probe(address, now, limit.probeScheduleMs.length * pingBytes);
    this.#pushProbe(now, out);
  }

  /** Asks whether the peer is there, unless that is being asked already. */
  ask(now: Instant, out: LinkOutput[]): void {
    if (this.canSend(now) && (this.#fast?.count ?? 0) === 0) this.#pingAgain(now, out);
  }

  /** Answers a PING where it came from. False if too little came from there. */
  pong(now: Instant, tx: string, from: Address, load: number, out: LinkOutput[]): boolean {
    if (!this.canSend(now)) return true;
    const frame = pongFrame(now, tx, from, load);
    if (from !== this.#address && this.#probe?.address !== from) return false;
    if (from !== this.#address && this.#probe?.spend(limit.sessionOverheadBytes + frame.length) !== true) return false;
    out.push({ kind: 'transmit', to: from, bytes: this.#keys.seal(frame) });
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
    this.#pings = this.#pings.filter((other) => other !== ping);
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

  /** New keys, same session. Returns the keys that nothing opens any more. */
  renew(now: Instant, role: LinkRole, keys: TransportKeys): TransportKeys | null {
    const retired = this.#previous;
    this.#previous = this.#keys;
    this.#previousUntil = after(now, limit.previousKeysMs);
    this.#keys = keys;
    this.#isStale = false;
    this.#postponedUntil = null;
    this.#heardAt = now;
    this.#unansweredAt = null;
    this.#fast = role === 'initiator' ? { count: 0, dueAt: after(now, limit.fastPingMs) } : null;
    this.#rekeyAt = this.#nextRekeyAt(role);
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

  /** The host slept, or its state was copied: nothing is sealed until there are new keys. */
  distrust(): void {
    this.#isStale = true;
    this.#probe = null;
    this.#pings = [];
  }

  /** The keys could not be renewed, and still do: try again later. */
  postpone(now: Instant): void {
    this.#postponedUntil = after(now, limit.rekeyPauseMs);
  }

  /** Whether new keys are wanted. */
  wantsRekey(now: Instant, packetsMax: number): boolean {
    if (this.#isStale) return true;
    if (this.#postponedUntil !== null && now < this.#postponedUntil) return false;
    return now >= this.#rekeyAt || this.#keys.sentCount >= packetsMax;
  }

  /** Does what is due. Answers whether the peer still counts as there. */
  act(now: Instant, out: LinkOutput[]): boolean {
    this.#pushProbe(now, out);
    if (this.#isStale || now < this.#livenessAt) return true;
    if ((this.#fast?.count ?? 0) >= limit.fastPingsMax) return false;
    this.#quietMs = jittered(this.#random, limit.keepaliveMs, limit.keepaliveShare);
    this.#pingAgain(now, out);
    return true;
  }

  /** When {@link act} or a renewal is due; a stale one waits for its handshake. */
  get dueAt(): Instant | null {
    const probeAt = this.#probe?.dueAt ?? null;
    return earliest(probeAt, this.#isStale ? null : earliest(this.#livenessAt, this.#postponedUntil ?? this.#rekeyAt), this.#previousUntil);
  }

  get #livenessAt(): Instant {
    if (this.#fast !== null) return this.#fast.dueAt;
    const quietAt = after(this.#heardAt, this.#quietMs);
    return this.#unansweredAt === null ? quietAt : (earliest(quietAt, after(this.#unansweredAt, limit.unansweredMs)) ?? quietAt);
  }

  #measure(rttMs: number): void {
    this.#rttMs = this.#rttMs === null ? rttMs : this.#rttMs + limit.rttWeight * (rttMs - this.#rttMs);
  }

  #nextRekeyAt(role: LinkRole): Instant {
    return after(this.#keys.madeAt, limit.rekeyAfterMs * (role === 'responder' ? 1 + limit.rekeyResponderShare : 1));
  }

  #pingAgain(now: Instant, out: LinkOutput[]): void {
    this.#sendPing(now, this.#address, out);
    this.#fast = { count: (this.#fast?.count ?? 0) + 1, dueAt: after(now, limit.fastPingMs) };
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
