/** `@srp/cache/log`: what keeps the objects of a cache over a restart, in any runtime; the file is in `@srp/cache/node`. */
export { packetLogConformance, type ConformanceCheck, type LogStorage } from './conformance.js';
export { type MemoryDisk, openMemoryLog } from './memory-log.js';
export type { OpenedPacketLog, PacketLog, PacketLogReport, PacketLogStats } from './packet-log.js';
