/** What a caller of this package can have done wrong. Bytes from a peer never end here: they give `false` or `null`. */
import { SrpError } from '@srp/machine';

/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = ['KEY_LENGTH_WRONG', 'KEY_REFUSED', 'RANDOM_RANGE_WRONG', 'TOPIC_NAME_WRONG', 'PASSPHRASE_EMPTY', 'DERIVATION_WRONG'] as const;

/** A caller's mistake, or a key file that cannot be used. */
export class IdentityError extends SrpError<(typeof errorCodes)[number]> {
  override readonly name = 'IdentityError';
}
