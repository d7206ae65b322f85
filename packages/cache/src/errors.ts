/** What this package throws at its caller. Bytes from a peer never throw: they are dropped and counted by reason. */
import { SrpError } from '@srp/machine';

/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = [
  'CACHE_BUDGET_INVALID',
  'CACHE_INPUT_INVALID',
  'LOG_CLOSED',
  'LOG_FILE_FOREIGN',
  'LOG_FILE_IN_USE',
  'LOG_FILE_UNUSABLE',
  'LOG_VERSION_UNKNOWN',
  'LOG_WRITE_FAILED',
] as const;

/** One of {@link errorCodes}. */
export type CacheErrorCode = (typeof errorCodes)[number];

/** An error of the cache or of its log on disk. */
export class CacheError extends SrpError<CacheErrorCode> {
  override readonly name = 'CacheError';
}
