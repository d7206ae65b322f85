import { type MemoryDisk, openMemoryLog, openPacketLog } from '@srp/cache/node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packetLogSuite } from './conformance/packet-log.js';

packetLogSuite('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'srp-cache-'));
  // A small limit, so that the model's sequences meet compactions.
  return {
    open: async () => openPacketLog(join(folder, 'deep', 'packets.log'), { compactBytesMin: 2048 }),
    discard: async () => rm(folder, { recursive: true, force: true }),
  };
});

packetLogSuite('memory', () => {
  const disk: MemoryDisk = new Map();
  return Promise.resolve({ open: () => Promise.resolve(openMemoryLog(disk)), discard: () => Promise.resolve() });
});
