/**
 * All open sessions, and who goes when there are too many. SPEC, Limits.
 *
 * At most 512 in all, and 8 of one network, so that nobody fills the table from one place. A newcomer is let in,
 * and the least recently heard one goes: among those that others began, as long as there is one, because sessions
 * that we began are with peers of our choice, and nobody can push them out by knocking often.
 */
import type { PeerId } from '@srp/machine';
import { sessionsMax, sessionsPerNetworkMax } from './constants.js';
import { chargedTo, type Path } from './path.js';
import type { Session } from './session.js';


export class SessionTable {
  readonly #sessions = new Map<PeerId, Session>();

  get size(): number {
    return this.#sessions.size;
  }

  get(peer: PeerId): Session | undefined {
    return this.#sessions.get(peer);
  }

  values(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  /** Adds a session with a peer that has none. Returns those that had to go for it, already removed. */
  add(session: Session): readonly Session[] {
    this.#sessions.set(session.peer, session);
    const gone: Session[] = [];
    for (const [members, max] of [
      [this.#sharing(session.network), sessionsPerNetworkMax],
      [[...this.#sessions.values()], sessionsMax],
    ] as const) {
      const present = members.filter((member) => this.#sessions.get(member.peer) === member);
      const victim = present.length > max ? leastWanted(present, session) : null;
      if (victim !== null && this.delete(victim)) gone.push(victim);
    }
    return gone;
  }

  /** Whether a session may move to that address without another one having to go. */
  hasRoom(session: Session, address: Path): boolean {
    const network = chargedTo(address);
    return session.network === network || this.#sharing(network).length < sessionsPerNetworkMax;
  }

  delete(session: Session): boolean {
    return this.#sessions.get(session.peer) === session && this.#sessions.delete(session.peer);
  }

  #sharing(network: string): readonly Session[] {
    return [...this.#sessions.values()].filter((session) => session.network === network);
  }
}

/** The one that goes: begun by the other side before begun by us, least recently heard before others. */
const leastWanted = (sessions: readonly Session[], newcomer: Session): Session | null => {
  let worst: Session | null = null;
  for (const session of sessions) {
    if (session === newcomer) continue;
    if (worst === null || rank(session) < rank(worst) || (rank(session) === rank(worst) && session.heardAt < worst.heardAt)) worst = session;
  }
  return worst;
};

const rank = (session: Session): number => (session.role === 'responder' ? 0 : 1);
