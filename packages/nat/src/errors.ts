/** What this package tells its caller when it fails. docs/ERRORS.md explains each code. */
import { SrpError } from '@srp/machine';

/** The codes of every error this package throws or reports. */
export const errorCodes = ['DISCOVERY_OPTIONS_INVALID', 'MULTICAST_UNAVAILABLE'] as const;

/** One of {@link errorCodes}. */
export type NatErrorCode = (typeof errorCodes)[number];

/** A failure of local discovery; `cause` is the system's own error. */
export class NatError extends SrpError<NatErrorCode> {
  override readonly name = 'NatError';
}
