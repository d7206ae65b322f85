/** `@srp/cache/node`: keeps the objects of a cache on disk, over any kind of end. */
export { type MemoryDisk, openMemoryLog } from '../log/memory-log.js';
export { openPacketLog, type PacketLogOptions } from './open.js';
export type { OpenedPacketLog, PacketLog, PacketLogReport, PacketLogStats } from '../log/packet-log.js';
