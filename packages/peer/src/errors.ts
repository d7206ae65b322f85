/** What a caller of this package can get wrong, or the system can refuse it. */
import { SrpError } from '@srp/machine';

/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = [
  'DIRECTORY_IN_USE',
  'DIRECTORY_UNUSABLE',
  'FILE_BROKEN',
  'FILE_BUSY',
  'FILE_CHANGED',
  'FILE_EXISTS',
  'FILE_LINK_BAD',
  'FILE_NOT_WRITTEN',
  'FILE_UNREADABLE',
  'INVITE_BAD',
  'KEYS_BAD',
  'MESSAGE_TOO_LARGE',
  'OPTIONS_BAD',
  'PEER_CLOSED',
  'PEER_NOT_STARTED',
  'PEER_UNREACHABLE',
  'PORT_UNAVAILABLE',
  'PUBLISHED_NOT_KEPT',
  'REQUEST_TIMED_OUT',
  'ROOM_BAD',
  'SENDING_BEHIND',
  'STREAM_BROKEN',
  'STREAM_NAME_BAD',
  'TOPICS_FULL',
  'TOPIC_NOT_JOINED',
] as const;

export type PeerErrorCode = (typeof errorCodes)[number];

/** Every error that `@srp/peer` itself throws. */
export class PeerError extends SrpError<PeerErrorCode> {
  override readonly name = 'PeerError';
}
