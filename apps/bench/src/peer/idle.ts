/** A process that does nothing: starts what it is told, lets time pass, tells its resident set, and ends. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Starts something; the function it gives ends it. Modules are loaded here, so that no process holds those of another. */
const starts = {
  peer: async (): Promise<() => Promise<void>> => {
    const { Peer } = await import('@srp/peer');
    const directory = await mkdtemp(join(tmpdir(), 'srp-bench-'));
    const peer = await Peer.open({ directory, hosts: ['127.0.0.1'], lan: 'loopback' });
    peer.join('idle');
    return async () => {
      await peer.close();
      await rm(directory, { recursive: true });
    };
  },
  earlier: async (): Promise<() => Promise<void>> => {
    const { earlierEncryption, earlierPackets } = await import('../earlier/index.js');
    await earlierPackets();
    await earlierEncryption();
    return () => Promise.resolve();
  },
  socket: async (): Promise<() => Promise<void>> => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return async () => {
      socket.close();
      await once(socket, 'close');
    };
  },
};

const [what, settleMs] = process.argv.slice(2);
const end = await starts[what as keyof typeof starts]();
await setTimeout(Number(settleMs));
const resident = process.memoryUsage.rss();
await end();
process.send?.(resident, () => process.disconnect());
