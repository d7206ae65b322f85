/**
 * Opens, renews and closes sessions: the only place where `opened` and `closed` of a session are said, and where
 * its indices come and go with it.
 */
import { type Address, earliest, type Instant, type PeerId, type Random } from '@srp/machine';
import { byeFrame, byeReason } from './frames.js';
import type { IndexSpace } from './indices.js';
import type { Owner } from './owner.js';
import { Session } from './session.js';
import { SessionTable } from './table.js';
import type { TransportKeys } from './transport.js';
import type { ClosedReason, LinkOutput, LinkRole } from './types.js';

/** A finished handshake. */
export interface Finished {
  readonly peer: PeerId;
  readonly role: LinkRole;
  /** Proved by the handshake. */
  readonly address: Address;
  readonly keys: TransportKeys;
  /** The session whose keys these renew, or `null` for a new one. */
  readonly continued: Session | null;
}

export class Sessions {
  readonly #random: Random;
  readonly #indices: IndexSpace<Owner>;
  readonly #table = new SessionTable();
  #dueAt: Instant | null = null;

  constructor(random: Random, indices: IndexSpace<Owner>) {
    this.#random = random;
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

  /** No later than the first thing that is due in any of them: it costs nothing to keep, and a wakeup may come early. */
  get dueAt(): Instant | null {
    return this.#dueAt;
  }

  /** Something may be due sooner in this one. */
  touch(session: Session): void {
    this.#dueAt = earliest(this.#dueAt, session.dueAt);
  }

  /** Makes {@link dueAt} exact, after everything that was due is done. */
  recompute(): void {
    this.#dueAt = null;
    for (const session of this.#table.values()) this.touch(session);
  }

  /** A handshake is finished: a session opens, or one goes on with new keys. */
  finish(now: Instant, { peer, role, address, keys, continued }: Finished, out: LinkOutput[]): Session {
    if (continued !== null && this.#table.get(peer) === continued) {
      this.#release(continued.renew(now, role, keys));
      this.#indices.reassign(keys.localIndex, { kind: 'session', session: continued, keys });
      this.move(continued, address, out);
      return continued;
    }
    const before = this.#table.get(peer);
    if (before !== undefined) this.close(before, 'replaced', out);
    const session = new Session(this.#random, now, peer, role, address, keys);
    this.#indices.reassign(keys.localIndex, { kind: 'session', session, keys });
    for (const evicted of this.#table.add(session)) {
      if (evicted.canSend(now)) evicted.send(now, byeFrame(byeReason.evicted), out);
      this.#closed(evicted, 'evicted', out);
    }
    out.push({ kind: 'opened', peer, address, role });
    return session;
  }

  /** The session moves to an address that was proved, unless its network is full. */
  move(session: Session, address: Address, out: LinkOutput[]): void {
    if (this.#table.hasRoom(session, address)) session.moveTo(address, out);
  }

  close(session: Session, reason: ClosedReason, out: LinkOutput[]): void {
    if (this.#table.delete(session)) this.#closed(session, reason, out);
  }

  /** Lets go of the previous keys when their time is over. */
  retire(now: Instant, session: Session): void {
    this.#release(session.retire(now));
  }

  #closed(session: Session, reason: ClosedReason, out: LinkOutput[]): void {
    this.#release(session.keys);
    this.#release(session.previousKeys);
    out.push({ kind: 'closed', peer: session.peer, reason });
  }

  #release(keys: TransportKeys | null): void {
    if (keys !== null) this.#indices.release(keys.localIndex);
  }
}
