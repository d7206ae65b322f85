/** What a caller of a link can do wrong. What a remote does wrong is dropped and counted instead. */
import { SrpError } from '@srp/machine';

/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = ['LINK_FRAME_LENGTH', 'LINK_EARLY_REFUSED', 'LINK_TOKEN_INVALID', 'LINK_CONFIG_INVALID'] as const;

export type LinkErrorCode = (typeof errorCodes)[number];

/** A mistake of the caller of a link. */
export class LinkError extends SrpError<LinkErrorCode> {
  override readonly name = 'LinkError';
}
