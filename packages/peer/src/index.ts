/** `@srp/peer`: peers that publish to each other over UDP, with no server in the middle. */
export { errorCodes, PeerError, type PeerErrorCode } from './errors.js';
export { type FileLink, formatFileLink, parseFileLink } from './file-link.js';
export type { FetchedFile, FetchOptions, FileProgress, RoomShareOptions, SharedFile, ShareOptions } from './files.js';
export { type Invite, type KnownPeer, parseInvite } from './invite.js';
export { createKeys, fingerprintOf } from './keys.js';
export type { PeerOptions } from './options.js';
export { type NetworkReport } from './network.js';
export { Packet } from './packet.js';
export { Peer, type PeerEvents, type PeerStatus } from './peer.js';
export type { Fork, MessageProgress } from './protocol/index.js';
export { type PublishOptions, Room } from './room.js';
export type { AnswerRequest, PeerRequest, PeerStream, RequestOptions, StreamOptions } from './streams.js';
export { privateRoom, publicRoom, roomFromPassphrase, type RoomKey } from './room-key.js';
export type { TopicStatus } from '@srp/stream';
