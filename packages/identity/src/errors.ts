/** What a caller of this package can have done wrong. Bytes from a peer never end here: they give `false` or `null`. */
import { SrpError } from '@srp/machine';

/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = [
  'KEY_LENGTH_WRONG',
  'KEY_REFUSED',
  'DERIVATION_WRONG',
  'KEYSTREAM_EXHAUSTED',
  'RANDOM_RANGE_WRONG',
  'TEXT_MALFORMED',
  'TOPIC_NAME_WRONG',
  'PASSPHRASE_EMPTY',
  'PASSPHRASE_NEEDED',
  'PASSPHRASE_WRONG',
  'KEY_FILE_MISSING',
  'KEY_FILE_EXISTS',
  'KEY_FILE_DAMAGED',
  'KEY_FILE_UNKNOWN',
  'KEY_FILE_IN_THE_CLEAR',
  'KEY_FILE_EXPOSED',
  'KEY_FILE_UNREADABLE',
  'KEY_FILE_UNWRITABLE',
] as const;

/** A caller's mistake, or a key file that cannot be used. */
export class IdentityError extends SrpError<(typeof errorCodes)[number]> {
  override readonly name = 'IdentityError';
}
