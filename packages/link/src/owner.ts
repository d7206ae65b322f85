/** What an index of ours may stand for. */
import type { Attempt, Handshake } from './handshake.js';
import type { Session } from './session.js';
import type { TransportKeys } from './transport.js';
import type { Answer, Way } from './responder.js';

export type Owner =
  /** One address that our INIT goes to. */
  | { readonly kind: 'attempt'; readonly handshake: Handshake; readonly attempt: Attempt }
  /** One address that our RESP went to. */
  | { readonly kind: 'way'; readonly answer: Answer; readonly way: Way }
  /** The current or the previous keys of a session. */
  | { readonly kind: 'session'; readonly session: Session; readonly keys: TransportKeys };
