/**
 * The earlier implementation of this protocol, from npm, as the peer of the benchmarks.
 *
 * Its files are read as they were published. They were written for a runtime that is not Node, so three of its modules
 * (buffer, util, crypto) are answered by Node's own: see runtime.ts.
 */
import { register } from 'node:module';
import { cacheFile, type EarlierCaches, type EarlierEncryption, type EarlierPackets, encryptionFile, packetsFile } from './types.js';

export type { EarlierCache, EarlierKeys, EarlierPacket, EarlierSummary } from './types.js';

export const earlierName = '@socketsupply/socket 0.5.4';

register('./hooks.js', import.meta.url);

/** The codec. */
export const earlierPackets = async (): Promise<EarlierPackets> => (await import(packetsFile)) as EarlierPackets;

/** The cache, and the summaries by which two of them are compared. */
export const earlierCache = async (): Promise<EarlierCaches> => (await import(cacheFile)) as EarlierCaches;

/** Sealing and opening. */
export const earlierEncryption = async (): Promise<EarlierEncryption> => (await import(encryptionFile)) as EarlierEncryption;

const bytes = (count: number, value: number): Buffer => Buffer.alloc(count, value);

/** What it publishes of the facts that an object of SRP holds: topic, links, author, signature, and 1024 bytes. */
export const publishedFields = {
  clusterId: bytes(32, 1),
  subclusterId: bytes(32, 2),
  previousId: bytes(32, 3),
  packetId: bytes(32, 4),
  nextId: bytes(32, 5),
  usr1: bytes(32, 6),
  sig: bytes(64, 7),
  message: bytes(1024, 8),
};
