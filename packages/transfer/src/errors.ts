/** What a caller of this package can have done wrong. Bytes from a peer never throw: they are dropped and counted by reason. */
import { SrpError } from '@srp/machine';

/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = ['FETCHES_FULL', 'FETCH_WRONG', 'FILE_CONTENT_WRONG', 'FILE_SIZE_WRONG', 'STREAMS_FULL'] as const;

/** One of {@link errorCodes}. */
export type TransferErrorCode = (typeof errorCodes)[number];

/** An error of this package. */
export class TransferError extends SrpError<TransferErrorCode> {
  override readonly name = 'TransferError';
}
