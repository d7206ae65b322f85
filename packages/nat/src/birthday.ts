/**
 * The way between a peer H whose NAT gives it another port for each remote and a peer P whose NAT lets in only whom P wrote to:
 * many ports on one side, many guesses on the other. SPEC, Birthday.
 *
 * ```
 *   H   256 sockets, each sends PUNCH to P's address: 256 ports of H's NAT let P in         nobody knows which
 *   H ── PORTS token, lowest, highest ──▶ P   through the relay
 *   P   PUNCH to ports of H's host, up to 1024, 125 a second ──▶ one of the 256 ──▶ H       now both know one
 *   H ── PING by that socket ──▶ P                                                          and the session moves
 * ```
 *
 * With n open ports and m guesses among S it fails with Π (1 - n/(S-i)), i < m: 1.6 % for 256, 1024 and 64 512.
 *
 * This is the one place where more than a few packets go to an address that has not answered. Invariants: one of either kind at a time,
 * 10 minutes between them and more each time, one for a host in 10 minutes; P guesses only where a peer of its own, with a direct session, saw H lately, and only
 * if H asks for it in a session that a relay carries; never a port below 1024.
 */
import { type Address, after, BoundedMap, earliest, familyOf, hostOf, type Instant, makeAddress, type PeerId, type Random, scopeOf, toHex } from '@srp/machine';
import type { Call, NatBehaviour, Ports } from '@srp/wire';
import { birthdayCallMs, birthdayFoundMs, birthdayHullMarginPorts, birthdayNarrowPorts, birthdayPauseMaxMs, birthdayPauseMinMs, birthdayProbeMs, birthdayProbesAtOnceMax, birthdayProbesMax, birthdaySocketsKeptMax, birthdaySocketsMax, birthdaySocketsMs, birthdayTargetMs, birthdayTargetsMax, birthdayWaitMs, knownByMax, portMax, probePortMin } from './constants.js';
import type { SocketTaker } from './knocks.js';
import type { InUse } from './relayed.js';
import type { SelfView } from './votes.js';

/** What leaves this file. */
export type BirthdayOutput =
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Ports }
  | { readonly kind: 'punch'; readonly to: Address; readonly token: string; readonly socket?: number }
  | { readonly kind: 'connect'; readonly peer: PeerId; readonly address: Address; readonly isPaced: false; readonly socket: number }
  | { readonly kind: 'open-sockets'; readonly first: number; readonly count: number }
  | { readonly kind: 'close-sockets'; readonly sockets: readonly number[] };

/** This peer has opened sockets, and waits to be found at one of them. */
interface Opening {
  readonly role: 'opening';
  readonly peer: PeerId;
  readonly address: Address;
  readonly token: string;
  readonly first: number;
  readonly until: Instant;
  /** Until when the socket that was found has time to lead somewhere, before another one is tried. */
  foundUntil: Instant | null;
}

/** This peer guesses. */
interface Search {
  readonly role: 'search';
  readonly peer: PeerId;
  readonly host: string;
  readonly token: string;
  readonly ports: Iterator<number>;
  sentCount: number;
  nextAt: Instant;
}

/** What is known of somebody who is relayed. */
interface Candidate {
  readonly since: Instant;
}

export class Birthday {
  readonly #random: Random;
  /** Who may say where somebody is: has a direct session. */
  readonly #isDirect: (peer: PeerId) => boolean;
  readonly #view: () => SelfView;
  /** Where a peer was last seen, by whom. */
  readonly #seen = new BoundedMap<PeerId, { readonly by: PeerId; readonly address: Address; readonly at: Instant }>(knownByMax);
  readonly #mappings = new BoundedMap<PeerId, NatBehaviour>(knownByMax);
  readonly #relayed = new Map<PeerId, Candidate>();
  /** When a host was last opened to or searched. */
  readonly #targets = new BoundedMap<string, Instant>(birthdayTargetsMax);
  /** Sockets that sessions go by, or went by until a relay stood in. */
  readonly #kept = new Map<PeerId, number>();
  #active: Opening | Search | null = null;
  /** When the last one ended, and how long the pause after it is. */
  #endedAt: Instant | null = null;
  #pauseMs = birthdayPauseMinMs;
  #nextPauseMs = birthdayPauseMinMs;
  readonly #isInUse: InUse;
  readonly #takeSockets: SocketTaker;

  constructor(random: Random, takeSockets: SocketTaker, isDirect: (peer: PeerId) => boolean, isInUse: InUse, view: () => SelfView) {
    this.#isInUse = isInUse;
    this.#random = random;
    this.#takeSockets = takeSockets;
    this.#isDirect = isDirect;
    this.#view = view;
  }

  /** `by`, which has a direct session, sees a peer there. */
  seen(now: Instant, by: PeerId, { peer, address }: Call): void {
    this.#seen.set(peer, { by, address, at: now });
  }

  /** A peer says how its NAT maps. */
  heard(peer: PeerId, mapping: NatBehaviour): void {
    this.#mappings.set(peer, mapping);
  }

  /** A session is open, or moved: by a relay or not, by a socket of its own or (0) not. */
  at(now: Instant, peer: PeerId, isRelayed: boolean, socket: number, out: BirthdayOutput[]): void {
    const kept = this.#kept.get(peer);
    // A relay may be but for a moment: the way by the socket is tried again.
    if (kept !== undefined && kept !== socket && !isRelayed) this.#letGo(peer, out);
    if (socket !== 0) this.#kept.set(peer, socket);
    if (!isRelayed) this.#relayed.delete(peer);
    else if (!this.#relayed.has(peer)) this.#relayed.set(peer, { since: now });
    if (!isRelayed && this.#active?.peer === peer) this.#end(now, out);
  }

  /** A session is over. */
  gone(now: Instant, peer: PeerId, out: BirthdayOutput[]): void {
    this.#relayed.delete(peer);
    this.#letGo(peer, out);
    if (this.#active?.peer === peer) this.#end(now, out);
  }

  /** A peer has opened its ports and asks to be searched for. Answers whether that is done. */
  asked(now: Instant, peer: PeerId, { token, low, high }: Ports): boolean {
    const seen = this.#seenLately(now, peer);
    if (!this.#relayed.has(peer) || seen === null || this.#view().mapping === 'dependent') return false;
    const host = hostOf(seen.address);
    if (!this.#isFree(now, peer) || !this.#mayTarget(now, host)) return false;
    this.#targets.set(host, now);
    this.#active = { role: 'search', peer, host, token, ports: portsToTry(this.#random, low, high), sentCount: 0, nextAt: now };
    return true;
  }

  /** The driver has opened `count` of the sockets from `first` on. */
  opened(now: Instant, first: number, count: number, out: BirthdayOutput[]): void {
    const active = this.#active;
    const hull = this.#view().ports;
    if (active?.role !== 'opening' || active.first !== first) {
      if (count > 0) out.push({ kind: 'close-sockets', sockets: numbersFrom(first, count) });
      return;
    }
    if (count === 0 || hull === null) {
      this.#end(now, out);
      return;
    }
    for (const socket of numbersFrom(first, count)) out.push({ kind: 'punch', to: active.address, token: active.token, socket });
    out.push({ kind: 'frame', to: active.peer, frame: { kind: 'ports', token: active.token, low: hull[0], high: hull[1] } });
  }

  /** A PUNCH came to one of the sockets. */
  punched(now: Instant, from: Address, token: string, socket: number, out: BirthdayOutput[]): void {
    const active = this.#active;
    if (active?.role !== 'opening' || socket < active.first || token !== active.token || from !== active.address) return;
    if (active.foundUntil !== null && now < active.foundUntil) return;
    active.foundUntil = after(now, birthdayFoundMs);
    out.push({ kind: 'connect', peer: active.peer, address: from, isPaced: false, socket });
  }

  /** Does what is due. */
  wake(now: Instant, out: BirthdayOutput[]): void {
    if (this.#active?.role === 'search') this.#search(now, this.#active, out);
    else if (this.#active !== null && this.#active.until <= now) this.#end(now, out);
    if (this.#active !== null) return;
    for (const peer of this.#relayed.keys()) {
      const readyAt = this.#readyAt(now, peer);
      if (readyAt === null || readyAt > now || !this.#isFree(now, peer)) continue;
      this.#open(now, peer, out);
      return;
    }
  }

  deadline(now: Instant): Instant | null {
    if (this.#active !== null) return this.#active.role === 'search' ? this.#active.nextAt : this.#active.until;
    let next: Instant | null = null;
    for (const peer of this.#relayed.keys()) {
      const readyAt = this.#readyAt(now, peer);
      if (readyAt === null) continue;
      const quietUntil = this.#quietUntil(now, peer);
      next = earliest(next, quietUntil !== null && quietUntil > readyAt ? quietUntil : readyAt);
    }
    return next;
  }

  #open(now: Instant, peer: PeerId, out: BirthdayOutput[]): void {
    const seen = this.#seenLately(now, peer);
    if (seen === null) return;
    this.#letGo(peer, out);
    const first = this.#takeSockets(birthdaySocketsMax);
    this.#targets.set(hostOf(seen.address), now);
    const token = toHex(this.#random.bytes(8));
    this.#active = { role: 'opening', peer, address: seen.address, token, first, until: after(now, birthdaySocketsMs), foundUntil: null };
    out.push({ kind: 'open-sockets', first, count: birthdaySocketsMax });
  }

  #search(now: Instant, active: Search, out: BirthdayOutput[]): void {
    // Who was kept from its timer makes up for a little of it, and not for all at once.
    const earliestAt = after(now, -birthdayProbesAtOnceMax * birthdayProbeMs);
    if (active.nextAt < earliestAt) active.nextAt = earliestAt;
    while (active.nextAt <= now) {
      const port = active.sentCount < birthdayProbesMax ? active.ports.next() : { done: true as const, value: undefined };
      const to = port.done === true ? null : makeAddress(active.host, port.value);
      if (to === null) {
        this.#end(now, out);
        return;
      }
      out.push({ kind: 'punch', to, token: active.token });
      active.sentCount += 1;
      active.nextAt = after(active.nextAt, birthdayProbeMs);
    }
  }

  /** It led somewhere, or time is up. */
  #end(now: Instant, out: BirthdayOutput[]): void {
    const active = this.#active;
    this.#active = null;
    this.#endedAt = now;
    this.#pauseMs = this.#nextPauseMs;
    this.#nextPauseMs = Math.min(2 * this.#pauseMs, birthdayPauseMaxMs);
    if (active?.role !== 'opening') return;
    const kept = new Set(this.#kept.values());
    const sockets = numbersFrom(active.first, birthdaySocketsMax).filter((socket) => !kept.has(socket));
    out.push({ kind: 'close-sockets', sockets });
  }

  #letGo(peer: PeerId, out: BirthdayOutput[]): void {
    const socket = this.#kept.get(peer);
    if (socket === undefined) return;
    this.#kept.delete(peer);
    const isStillOpen = this.#active?.role === 'opening' && socket >= this.#active.first;
    if (!isStillOpen) out.push({ kind: 'close-sockets', sockets: [socket] });
  }

  /** When sockets may be opened towards a relayed peer; `null` if that is no use. */
  #readyAt(now: Instant, peer: PeerId): Instant | null {
    const { mapping, ports } = this.#view();
    const seen = this.#seenLately(now, peer);
    const candidate = this.#relayed.get(peer);
    if (mapping !== 'dependent' || ports === null || seen === null || candidate === undefined) return null;
    if (this.#mappings.get(peer) !== 'independent' || (this.#kept.size >= birthdaySocketsKeptMax && !this.#kept.has(peer))) return null;
    // Who lets in a host that it wrote to needs no guessing, and is there soon; where few ports are to be guessed that takes no longer.
    const isNarrow = ports[1] - ports[0] < birthdayNarrowPorts;
    const readyAt = after(candidate.since, isNarrow ? 0 : birthdayWaitMs);
    const target = this.#targets.get(hostOf(seen.address));
    const againAt = target === undefined ? readyAt : after(target, birthdayTargetMs);
    return againAt > readyAt ? againAt : readyAt;
  }

  /** Where one of this peer's own neighbours saw another lately, if that is where guessing may help. */
  #seenLately(now: Instant, peer: PeerId): { readonly address: Address } | null {
    const seen = this.#seen.get(peer);
    if (seen === undefined || now - seen.at >= birthdayCallMs || !this.#isDirect(seen.by)) return null;
    return familyOf(seen.address) === 4 && scopeOf(seen.address) === 'public' ? seen : null;
  }

  #isFree(now: Instant, peer: PeerId): boolean {
    const quietUntil = this.#quietUntil(now, peer);
    return this.#active === null && (quietUntil === null || quietUntil <= now);
  }

  /** Until when the pause lasts: the first one, however long it has become, for whom files or streams need. */
  #quietUntil(now: Instant, peer: PeerId): Instant | null {
    if (this.#endedAt === null) return null;
    const isGrown = this.#pauseMs > birthdayPauseMinMs && !this.#isInUse(now, peer);
    return after(this.#endedAt, isGrown ? this.#pauseMs : birthdayPauseMinMs);
  }

  #mayTarget(now: Instant, host: string): boolean {
    const last = this.#targets.get(host);
    return last === undefined || now - last >= birthdayTargetMs;
  }
}

const numbersFrom = (first: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => first + i);

/** Ports from 1024 on, none twice, in any order, but those near where the others' NAT was seen to take them before the rest. */
function* portsToTry(random: Random, low: number, high: number): Generator<number> {
  const from = Math.max(probePortMin, Math.min(low, portMax) - birthdayHullMarginPorts);
  const to = Math.min(portMax, Math.max(high, probePortMin) + birthdayHullMarginPorts);
  const near = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const far = Array.from({ length: portMax - probePortMin + 1 - near.length }, (_, i) => (probePortMin + i < from ? probePortMin + i : probePortMin + i + near.length));
  for (const ports of [near, far]) {
    for (let drawn = 0; drawn < ports.length; drawn += 1) {
      const other = drawn + random.below(ports.length - drawn);
      const port = ports[other] as number;
      ports[other] = ports[drawn] as number;
      yield port;
    }
  }
}
