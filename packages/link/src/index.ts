/** `@srp/link`: sessions between two peers. */
export { type Datagram, type DatagramRefusal, decodeDatagram, encodeRelay } from './codec.js';
export { datagramBytesMax, frameBytesMax, relayOverheadBytes, sessionOverheadBytes } from './constants.js';
export { errorCodes, LinkError, type LinkErrorCode } from './errors.js';
export { Link } from './link.js';
export type { AnswerEarly, ClosedReason, DropReason, EarlyAnswer, EarlyWords, LinkConfig, LinkInput, LinkOutput, LinkRole, SessionInfo } from './types.js';
