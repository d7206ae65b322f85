/**
 * One open session: the path it uses, and those it might. SPEC, Paths.
 *
 * ```
 *   a relay's channel ──offered──▶ spare ──own path dead──▶ PING ──PONG──┐
 *   an address, named, heard or left ▶ probe ─────────────▶ PING ──PONG──┴──▶ the path in use
 * ```
 *
 * Frames go to the path in use alone, which was proved; `probe.ts` says what may go to another. Whether the peer is still there
 * says `liveness.ts`, with which keys to talk to it `keyring.ts`.
 */
import { type Address, after, earliest, familyOf, type Instant, type PeerId, type Random, toHex } from '@srp/machine';
import * as limit from './constants.js';
import { longPing, packed, pingFrame, pongFrame } from './frames.js';
import { Keyring } from './keyring.js';
import { LargeDatagrams } from './large.js';
import { Liveness } from './liveness.js';
import { chargedTo, isForbidden, isLoopback, isRelayed, type Path, type RelayedPath, remoteOf, socketOf } from './path.js';
import { Probe } from './probe.js';
import type { Silence } from './silence.js';
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
  readonly keyring: Keyring;
  readonly #random: Random;
  readonly #liveness: Liveness;
  #address: Path;
  #network: string;
  /** When something last came by it. */
  #heardHereAt: Instant;
  /** Whether it carries large datagrams; `null` where nobody asks. */
  #large: LargeDatagrams | null;
  /** When it left a relay for a direct path. */
  #leftRelayAt: Instant | null = null;
  /** When it last tried a direct path again that it had left for a relay. */
  #triedAgainAt: Instant | null = null;
  /** A relay's channel that the session may move to. */
  #spare: RelayedPath | null = null;
  /** When the other side was last heard by the spare channel. */
  #spareHeardAt: Instant | null = null;
  /** Several PINGs were not answered, and nothing came by the session's own path since. */
  #isSeeking = false;
  #probe: Probe | null = null;
  /** The probe of an address that the caller named: there the peer may be as well, and is not known to have gone. */
  #named: Probe | null = null;
  /** The last answer that came by another path. */
  #probed: { readonly path: Path; readonly rttMs: number } | null = null;
  /** The path it left for one that the caller named: what is still under way there says nothing about where the peer is. */
  #left: { readonly path: Path; readonly at: Instant } | null = null;
  #pings = noPings;
  /** Packets that count as missed under the keys in use. */
  #missedCount = 0;
  /** Since when more than these have not come; `null` while none. */
  #missingSince: Instant | null = null;

  constructor(random: Random, silence: Silence, now: Instant, peer: PeerId, address: Path, keys: TransportKeys) {
    this.peer = peer;
    this.role = keys.role;
    this.keyring = new Keyring(keys);
    this.#random = random;
    this.#liveness = new Liveness(random, silence, now, keys.role, isRelayed(address));
    this.#address = address;
    this.#network = chargedTo(address);
    this.#heardHereAt = now;
    this.#large = isLoopback(address) ? new LargeDatagrams() : null;
  }

  get address(): Path {
    return this.#address;
  }

  /** Who is charged for it. */
  get network(): string {
    return this.#network;
  }

  get heardAt(): Instant {
    return this.#liveness.heardAt;
  }

  /** What it seals with. */
  get keys(): TransportKeys {
    return this.keyring.current;
  }

  /** All but where the other end is, which only the relays know. */
  get info(): Omit<SessionInfo, 'address' | 'relay'> {
    const { openedAt, heardAt, rttMs } = this.#liveness;
    return { peer: this.peer, role: this.role, openedAt, heardAt, rttMs };
  }

  /** Whether it may move through a relay: its own path gave nothing back for several PINGs, or the other side has gone there. */
  #mayUseRelay(now: Instant): boolean {
    return this.#isSeeking || (this.#spareHeardAt !== null && now - this.#spareHeardAt < limit.probeGiveUpMs);
  }

  /** Whether a frame can be sealed now. */
  canSend(now: Instant): boolean {
    return this.keys.isUsable(now);
  }

  /** Sends one frame, or nothing at all as proof of life. The caller has asked {@link canSend}. */
  send(now: Instant, frame: Uint8Array, out: PathOutput[]): void {
    out.push({ kind: 'transmit', to: this.#address, bytes: this.keys.seal(frame) });
    this.#liveness.sent(now);
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
    this.#noticeMissing(now);
    const isHere = from === this.#address;
    const isLess = this.#liveness.heard(now, this.#network, { isHere, isProbing: this.#probe !== null });
    if (isHere) {
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
    this.#liveness.tell(seconds);
  }

  /** Whether `from`, where a packet came from, is a path that nobody proved or tries, and there is room to try one. `isNewest` says that no later packet was seen. */
  isNewPath(now: Instant, from: Path, isNewest: boolean): boolean {
    if (from === this.#address || isForbidden(from)) return false;
    // What was said later may come sooner by a relay, and where it went straight says that there is a way.
    if (!isNewest && (isRelayed(from) || !isRelayed(this.#address))) return false;
    if (isRelayed(from) && this.#isAfterglow(now)) return false;
    if (this.#hasJustLeft(now, from)) return false;
    if (isRelayed(from)) return this.#spareHeardAt === null || now - this.#spareHeardAt >= limit.relayTryMs;
    return this.#probe === null || (this.#probe.address !== from && this.#probe.mayGiveWay(now));
  }

  /** Whether what comes by a relay may have been on its way there before this session had its direct path: it left a relay a moment ago, or has just begun and is heard. */
  #isAfterglow(now: Instant): boolean {
    if (this.#leftRelayAt !== null && now - this.#leftRelayAt < limit.relayAfterglowMs) return true;
    const { openedAt, answerMs } = this.#liveness;
    return !isRelayed(this.#address) && now - openedAt < limit.relayAfterglowMs && now - this.#heardHereAt < answerMs;
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
      this.#probe = this.#probeOf(now, address, isPaced);
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
    if (this.canSend(now) && !this.#liveness.isAsking) this.#pingAgain(now, out);
  }

  /** Answers a PING where it came from. False if too little came from there. */
  pong(now: Instant, tx: string, from: Path, seen: Address, out: PathOutput[]): boolean {
    if (!this.canSend(now)) return true;
    const isPaid = from === this.#address || isRelayed(from) || this.#hasJustLeft(now, from) || (this.#probe?.address === from && this.#probe.spend(limit.sessionOverheadBytes + limit.pingBytes));
    if (!isPaid) return false;
    out.push({ kind: 'transmit', to: from, bytes: this.keys.seal(pongFrame(now, tx, seen, this.#liveness.say(now))) });
    if (isRelayed(this.#address) && this.#probe?.address === from) {
      this.#probe.wantAgain(now);
      this.#pushProbe(now, out);
    }
    return true;
  }

  /** A PING went out with the handshake that made this session. */
  expect(ping: OutstandingPing): void {
    this.#pings = [...this.#pings.slice(1 - limit.pingsOutstandingMax), ping];
  }

  /** A PONG came. Returns where its PING went, which is now proved, and how long ago; `null` if nobody asked. */
  settle(now: Instant, tx: string): { readonly path: Path; readonly rttMs: number } | null {
    const ping = this.#pings.find((one) => one.tx === tx);
    if (ping === undefined) return null;
    this.#pings = this.#pings.length === 1 ? noPings : this.#pings.filter((other) => other !== ping);
    const rttMs = now - ping.sentAt;
    if (ping.isLong === true) {
      if (ping.to === this.#address) this.#large?.answered(ping.sentAt);
    } else if (ping.to === this.#address) this.#liveness.measure(rttMs);
    else this.#probed = { path: ping.to, rttMs };
    return { path: ping.to, rttMs };
  }

  /** Whether the session may move to a path that was proved. A relay is no improvement unless nothing else is left. */
  mayMoveTo(now: Instant, path: Path): boolean {
    if (isRelayed(path)) return path === this.#spare && this.#mayUseRelay(now);
    return path === this.#probe?.address && (this.#probe !== this.#named || this.#isAsGood(now, path, this.#probe.startedAt));
  }

  /** Whether a path that answers is to be used instead of the one in use: that is silent or relayed, or not faster, and at a tie the new one is IPv6. */
  #isAsGood(now: Instant, path: Exclude<Path, RelayedPath>, probedAt: Instant): boolean {
    const here = this.#address;
    const { answerMs, rttMs } = this.#liveness;
    const isSilent = this.#heardHereAt < probedAt && now - probedAt >= answerMs;
    if (isSilent || isRelayed(here) || rttMs === null || this.#probed?.path !== path) return true;
    const margin = Math.max(limit.sameRttMs, limit.sameRttShare * rttMs);
    const isStepBack = familyOf(remoteOf(here)) === 6 && familyOf(remoteOf(path)) === 4;
    return this.#probed.rttMs <= rttMs + (isStepBack ? -margin : margin);
  }

  /** The session goes on at `address`, which was proved. */
  moveTo(now: Instant, address: Path, out: PathOutput[]): void {
    if (this.#probe?.address === address) {
      if (this.#probe === this.#named) this.#left = { path: this.#address, at: now };
      this.#probe = null;
    }
    if (this.#spare === address) this.#spare = null;
    if (address === this.#address) return;
    if (isRelayed(address)) this.#tryAgain(now);
    this.#liveness.moved(isRelayed(address), this.#probed?.path === address ? this.#probed.rttMs : null);
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

  /** New keys, same session. Returns the keys that nothing opens any more. */
  renew(now: Instant, keys: TransportKeys): TransportKeys | null {
    this.#liveness.renewed(now, keys.role);
    this.#missedCount = 0;
    this.#missingSince = null;
    return this.keyring.renew(now, keys);
  }

  /** Does what is due. Answers whether the peer still counts as there. */
  act(now: Instant, out: PathOutput[]): boolean {
    this.#pushProbe(now, out);
    if (now >= (this.#missedAt ?? Infinity)) {
      this.#missedCount = this.keys.missingCount;
      this.#missingSince = null;
      out.push({ kind: 'missed', peer: this.peer });
    }
    if (now < this.#liveness.dueAt) return true;
    if (this.#liveness.isLastAsked) return false;
    this.#liveness.suspect(now, this.#probe !== null);
    this.#pingAgain(now, out);
    return true;
  }

  /** When {@link act}, a renewal or the end of the keys is due. */
  get dueAt(): Instant | null {
    return earliest(this.#liveness.dueAt, this.keyring.dueAt, this.#probe?.dueAt ?? null, this.#missedAt);
  }

  /** When packets that have not come, while later ones have, count as lost. */
  get #missedAt(): Instant | null {
    return this.#missingSince === null ? null : after(this.#missingSince, limit.missedAfterMs);
  }

  #noticeMissing(now: Instant): void {
    const { missingCount } = this.keys;
    this.#missedCount = Math.min(this.#missedCount, missingCount); // one came very late
    if (missingCount === this.#missedCount) this.#missingSince = null;
    else this.#missingSince ??= now;
  }

  #pingAgain(now: Instant, out: PathOutput[]): void {
    this.#liveness.asked(now);
    this.#sendPing(now, this.#address, out);
    if (!this.#liveness.isDoubtful) return;
    if (!this.#isSeeking) out.push({ kind: 'doubted', peer: this.peer });
    this.#isSeeking = true;
    if (this.#spare !== null) this.#sendPing(now, this.#spare, out);
  }

  /** It leaves a direct path that seemed dead: if only PINGs were lost, that is proved again in a moment. Once in a while, for somebody may drop what goes there but PINGs. */
  #tryAgain(now: Instant): void {
    if (!this.#isSeeking || isRelayed(this.#address) || this.#probe !== null) return;
    if (this.#triedAgainAt !== null && now - this.#triedAgainAt < limit.tryAgainMs) return;
    this.#triedAgainAt = now;
    this.#probe = this.#probeOf(now, this.#address);
  }

  /** A probe with three PINGs on credit. */
  #probeOf(now: Instant, address: Path, isPaced = false): Probe {
    return new Probe(address, now, limit.probeScheduleMs.length * (limit.sessionOverheadBytes + limit.pingBytes), { isPaced });
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
    out.push({ kind: 'transmit', to, bytes: this.keys.seal(pingFrame(tx, this.#liveness.say(now))) });
  }

  /** Whether large datagrams come through. Nobody is missed who does not answer. */
  #askLong(now: Instant, out: PathOutput[]): void {
    const tx = this.#drawToken();
    this.expect({ tx, sentAt: now, to: this.#address, isLong: true });
    out.push({ kind: 'transmit', to: this.#address, bytes: this.keys.seal(longPing(tx, this.#liveness.say(now), limit.bundleBytesMax)) });
  }

  #drawToken(): string {
    return toHex(this.#random.bytes(limit.pingTokenBytes));
  }
}
