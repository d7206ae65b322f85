/**
 * Opens, renews and closes sessions: the only place where `opened` and `closed` of a session are said, and where
 * its indices come and go with it.
 */
import { type Instant, type PeerId, type Random, TokenBucket } from '@srp/machine';
import { probesBurst, probesPerSecond } from './constants.js';
import { byeFrame, byeReason } from './frames.js';
import type { IndexSpace } from './indices.js';
import type { Owner } from './owner.js';
import type { Path } from './path.js';
import { Plans } from './plans.js';
import { Session } from './session.js';
import type { Silence } from './silence.js';
import { SessionTable } from './table.js';
import type { TransportKeys } from './transport.js';
import type { ClosedReason, PathOutput } from './types.js';

export class Sessions {
  readonly #random: Random;
  readonly #silence: Silence;
  readonly #indices: IndexSpace<Owner>;
  readonly #table = new SessionTable();
  readonly #probes = new TokenBucket(probesPerSecond, probesBurst);
  readonly #plans = new Plans();

  constructor(random: Random, indices: IndexSpace<Owner>, silence: Silence) {
    this.#random = random;
    this.#silence = silence;
    this.#indices = indices;
  }

  get size(): number {
    return this.#table.size;
  }

  get(peer: PeerId): Session | undefined {
    return this.#table.get(peer);
  }

  values(): IterableIterator<Session> {
    return this.#table.values();
  }

  /** When the first thing is due in any of them. */
  get dueAt(): Instant | null {
    return this.#plans.firstAt;
  }

  /** Something else may be due in this one, or at another time. */
  touch(session: Session): void {
    this.#plans.set(session, session.dueAt);
  }

  /** Those in which something is due. */
  due(now: Instant): readonly Session[] {
    return this.#plans.due(now);
  }

  /** A handshake is finished, and a session opens at the address that it proved. */
  open(now: Instant, peer: PeerId, address: Path, keys: TransportKeys, said: readonly Uint8Array[], out: PathOutput[]): Session {
    const before = this.#table.get(peer);
    if (before !== undefined) this.close(before, 'replaced', out);
    const session = new Session(this.#random, this.#silence, now, peer, address, keys);
    this.#indices.reassign(keys.localIndex, { kind: 'session', session, keys });
    for (const evicted of this.#table.add(session)) {
      if (evicted.canSend(now)) evicted.send(now, byeFrame(byeReason.evicted), out);
      this.#closed(evicted, 'evicted', out);
    }
    this.#plans.add(session, session.dueAt);
    out.push({ kind: 'opened', peer, address, relay: null, role: keys.role, said });
    return session;
  }

  /** A handshake is finished, and a session goes on with its keys. */
  renew(now: Instant, session: Session, keys: TransportKeys): void {
    this.#release(session.renew(now, keys));
    this.#indices.reassign(keys.localIndex, { kind: 'session', session, keys });
  }

  /** A handshake is finished that another one outran: its keys read what the other side may still seal with them. */
  keepForReading(now: Instant, session: Session, keys: TransportKeys): void {
    this.#release(session.keyring.keepForReading(now, keys));
    this.#indices.reassign(keys.localIndex, { kind: 'session', session, keys });
  }

  /** Something authentic of `bytes` bytes came, whose frames are delivered next. `isNewest` says that no later packet was seen. */
  heard(now: Instant, session: Session, from: Path, bytes: number, isNewest: boolean, out: PathOutput[]): void {
    if (session.heard(now, from, bytes, out)) this.#hurry(now);
    if (session.isNewPath(now, from, isNewest) && this.#probes.take(now)) session.tryPath(now, from, bytes, out);
  }

  /** The session moves to an address that was proved, unless its network is full. */
  move(now: Instant, session: Session, address: Path, out: PathOutput[]): void {
    if (this.#table.hasRoom(session, address)) session.moveTo(now, address, out);
  }

  close(session: Session, reason: ClosedReason, out: PathOutput[]): void {
    if (this.#table.delete(session)) this.#closed(session, reason, out);
  }

  /** Lets go of the previous keys when their time is over. */
  retire(now: Instant, session: Session): void {
    this.#release(session.keyring.retire(now));
  }

  /** Less is known than before of how long we may be left: what should have been asked by now is due, and not overdue, which would mean that this host slept. */
  #hurry(now: Instant): void {
    for (const session of this.#table.values()) this.#plans.set(session, latest(now, session.dueAt));
  }

  #closed(session: Session, reason: ClosedReason, out: PathOutput[]): void {
    this.#release(session.keys);
    this.#release(session.keyring.previous);
    this.#plans.delete(session);
    out.push({ kind: 'closed', peer: session.peer, reason });
  }

  #release(keys: TransportKeys | null): void {
    if (keys === null) return;
    this.#indices.release(keys.localIndex);
    keys.erase();
  }
}

const latest = (now: Instant, at: Instant | null): Instant | null => (at === null || at > now ? at : now);
