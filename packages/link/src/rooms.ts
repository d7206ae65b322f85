/** What the two halves of a link share: `link.ts` takes inputs and keeps time, `reception.ts` takes datagrams. */
import type { PeerId } from '@srp/machine';
import type { IndexSpace } from './indices.js';
import type { Initiator } from './initiator.js';
import type { Owner } from './owner.js';
import type { Path } from './path.js';
import type { Relays } from './relays.js';
import type { Responder } from './responder.js';
import type { Session } from './session.js';
import type { Sessions } from './sessions.js';
import type { Silence } from './silence.js';
import type { AnswerEarly, ClosedReason, DropReason, PathOutput } from './types.js';

export interface Rooms {
  /** Who we are. */
  readonly self: PeerId;
  readonly indices: IndexSpace<Owner>;
  readonly sessions: Sessions;
  readonly silence: Silence;
  readonly initiator: Initiator;
  readonly responder: Responder;
  readonly relays: Relays;
  readonly answerEarly: AnswerEarly;
}

/** Closes a session, and the handshake that would have renewed its keys. */
export const closeSession = ({ initiator, sessions }: Rooms, session: Session, reason: ClosedReason, out: PathOutput[]): void => {
  const handshake = initiator.get(session.peer);
  if (handshake !== undefined) initiator.end(handshake);
  sessions.close(session, reason, out);
};

/** Tells that a datagram or a frame goes no further. */
export const drop = (out: PathOutput[], reason: DropReason, from: Path | null): void => {
  out.push({ kind: 'dropped', reason, from });
};
