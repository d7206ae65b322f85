export { CacheError, type CacheErrorCode, errorCodes } from './errors.js';
export { type PacketRecord, type Pool, pools } from './record.js';
