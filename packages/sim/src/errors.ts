/** Errors of the simulator: a mistake of the test, or an invariant that does not hold. */
import { SrpError } from '@srp/machine';

/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = ['EVENTS_EXHAUSTED', 'HOSTS_EXHAUSTED', 'INVARIANT_BROKEN', 'NETWORK_OPTION_WRONG', 'PEER_DOWN', 'PEER_NOT_PUBLIC'] as const;

export type SimErrorCode = (typeof errorCodes)[number];

/** What is asserted while a network runs. */
export type Invariant =
  /** No datagram above 1232 bytes. */
  | 'datagram-size'
  /** No datagram to an address nobody told the peer. */
  | 'address-told'
  /** Nothing is delivered twice to one app. */
  | 'delivered-once'
  /** What is delivered is what was published, to who joined. */
  | 'delivered-true'
  /** What is delivered has a good signature, and so has what is kept of it. */
  | 'delivered-signed'
  /** Nothing that others can fill is fuller than it may be. */
  | 'within-bounds'
  /** Postage falls with every hop, unless the object was asked for. */
  | 'postage-falls'
  /** No input makes a machine throw. */
  | 'never-throws'
  /** A machine that was woken does not ask for the same instant for ever. */
  | 'never-spins';

/** Thrown by the simulator. `invariant` says which one broke, if `code` is `INVARIANT_BROKEN`. */
export class SimError extends SrpError<SimErrorCode> {
  override readonly name = 'SimError';
  readonly invariant: Invariant | null;

  constructor(code: SimErrorCode, message: string, { cause, invariant = null }: { readonly cause?: unknown; readonly invariant?: Invariant | null } = {}) {
    super(code, message, cause === undefined ? undefined : { cause });
    this.invariant = invariant;
  }
}
