import { SrpError } from '@srp/machine';

/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = ['CBOR_VALUE_UNSUPPORTED', 'ENVELOPE_FIELD_INVALID', 'FRAME_FIELD_INVALID', 'PACKET_FIELD_INVALID', 'PACKET_PAYLOAD_TOO_LONG'] as const;

/** One of {@link errorCodes}. */
export type WireErrorCode = (typeof errorCodes)[number];

/**
 * A caller asked for bytes that the format does not have. It is always a mistake of the caller: bytes from a
 * remote never throw, they are refused with a reason.
 */
export class WireError extends SrpError<WireErrorCode> {
  override readonly name = 'WireError';
}
