/**
 * One end of a transfer: a process that gives or takes so many bytes, in one of five ways. usage: end.js way give|take bytes host
 *
 * ```
 *   giver ──where──▶ stream.ts ──where──▶ taker      taker ──seconds──▶ stream.ts      both ──CPU, memory──▶ stream.ts
 * ```
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { suite } from '@srp/identity';
import { Peer } from '@srp/peer';
import type { Ended, Way } from './transfer.js';

const piece = 64 * 1024;
const [way, role, size, host] = process.argv.slice(2) as [Way, 'give' | 'take', string, string];
const bytes = Number(size);
const folder = await mkdtemp(join(tmpdir(), 'srp-bench-'));

/** What the other end needs to know. */
let told: ((where: unknown) => void) | null = null;
let cpuBefore = process.cpuUsage();

/** Begins to count, and answers with the seconds until it is through. */
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  cpuBefore = process.cpuUsage();
  const before = performance.now();
  await work();
  return (performance.now() - before) / 1000;
};

const say = (message: unknown): void => void process.send?.(message);

const peerAt = async (introducers: readonly string[] = []): Promise<Peer> => await Peer.open({ hosts: [host], lan: 'off', introducers });
const meeting = async (peer: Peer): Promise<void> => {
  while (peer.neighbours().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Of an ordinary datagram of a session, the bytes that are sealed, and all of them. */
const plain = new Uint8Array(1198).fill(7);
const headBytes = 13;
const key = new Uint8Array(32).fill(1);
const nonce = new Uint8Array(12);
const nothing = new Uint8Array(0);
/** Datagrams that may be under way, and from one word of its taker to the next. */
const aheadMax = 64;
const wordEvery = 16;

const bound = async (): Promise<Socket> => {
  const socket = createSocket({ type: 'udp4', lookup: (ip, _options, found) => found(null, ip, 4) });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
};

/** Writes so many bytes, as fast as they are taken. */
const writeAll = async (write: (part: Uint8Array) => unknown): Promise<void> => {
  const part = randomBytes(piece);
  for (let left = bytes; left > 0; left -= piece) await write(left < piece ? part.subarray(0, left) : part);
};

const givers: Readonly<Record<Way, () => Promise<unknown>>> = {
  file: async () => {
    const path = join(folder, 'file');
    const file = await open(path, 'w');
    await writeAll(async (part) => await file.write(part));
    await file.close();
    const peer = await peerAt();
    const { link } = await peer.shareFile(path);
    cpuBefore = process.cpuUsage();
    return { link, peer: `${peer.id}@${peer.addresses[0] ?? ''}` };
  },
  bytes: async () => {
    const peer = await peerAt();
    peer.onStream('bytes', ({ writable }) => {
      const writer = writable.getWriter();
      void writeAll(async (part) => await writer.write(part)).then(async () => await writer.close());
    });
    return { id: peer.id, peer: `${peer.id}@${peer.addresses[0] ?? ''}` };
  },
  udx: async () => {
    const { default: UDX } = await import('udx-native');
    const udx = new UDX();
    const socket = udx.createSocket();
    socket.bind(0, host);
    const stream = udx.createStream(1);
    told = (where) => {
      stream.connect(socket, 2, (where as { port: number }).port, host);
      void writeAll(async (part) => stream.write(part) || (await once(stream, 'drain')));
    };
    return { port: socket.address().port };
  },
  sealed: async () => {
    const socket = await bound();
    let sent = 0;
    socket.on('message', (word, { port }) => {
      for (const until = word.readUInt32BE(0); sent < until; sent += 1) socket.send(suite.chachaSeal(key, nonce, nothing, plain, headBytes), port, host);
    });
    return { port: socket.address().port };
  },
  tcp: async () => {
    const server = createServer((socket) => void writeAll(async (part) => socket.write(part) || (await once(socket, 'drain'))).then(() => socket.end()));
    server.listen(0, host);
    await once(server, 'listening');
    return { port: (server.address() as { port: number }).port };
  },
};

const takers: Readonly<Record<Way, (where: never) => Promise<number>>> = {
  file: async ({ link, peer: introducer }: { link: string; peer: string }) => {
    const peer = await peerAt([introducer]);
    await meeting(peer);
    return await timed(async () => await peer.fetchFile(link, { to: join(folder, 'fetched'), share: false }));
  },
  bytes: async ({ id, peer: introducer }: { id: Peer['id']; peer: string }) => {
    const peer = await peerAt([introducer]);
    await meeting(peer);
    return await timed(async () => {
      const { readable } = await peer.openStream(id, 'bytes');
      let left = bytes;
      for await (const part of readable as unknown as AsyncIterable<Uint8Array>) left -= part.length;
      if (left !== 0) throw new Error(`${left} bytes are missing`);
    });
  },
  udx: async ({ port }: { port: number }) => {
    const { default: UDX } = await import('udx-native');
    const udx = new UDX();
    const socket = udx.createSocket();
    socket.bind(0, host);
    const stream = udx.createStream(2);
    return await timed(async () => {
      stream.connect(socket, 1, port, host);
      say({ kind: 'back', where: { port: socket.address().port } });
      await counted(stream);
    });
  },
  sealed: async ({ port }: { port: number }) => {
    const socket = await bound();
    socket.setRecvBufferSize(4 * 1024 * 1024);
    const wanted = Math.ceil(bytes / plain.length);
    let got = 0;
    let asked = 0;
    const ask = (until: number): void => {
      asked = until;
      const word = Buffer.alloc(4);
      word.writeUInt32BE(asked);
      socket.send(word, port, host);
    };
    return await timed(async () => {
      ask(aheadMax);
      const timer = setInterval(() => ask(asked + aheadMax), 1000); // something was lost
      await new Promise<void>((resolve) => {
        socket.on('message', (datagram) => {
          if (suite.chachaOpen(key, nonce, nothing, datagram.subarray(headBytes)) === null) throw new Error('what came was changed');
          got += 1;
          if (got === wanted) resolve();
          else if (got % wordEvery === 0) ask(asked + wordEvery);
        });
      });
      clearInterval(timer);
    });
  },
  tcp: async ({ port }: { port: number }) => await timed(async () => await counted(connect(port, host))),
};

/** Until so many bytes have come. */
const counted = async (stream: NodeJS.ReadableStream): Promise<void> => {
  let left = bytes;
  await new Promise<void>((resolve) => {
    stream.on('data', (part: Uint8Array) => {
      left -= part.length;
      if (left === 0) resolve();
    });
  });
};

process.on('message', (message: { readonly kind: 'where' | 'over'; readonly where: never }) => {
  if (message.kind === 'over') void end(null);
  else if (role === 'take') void takers[way](message.where).then(end);
  else {
    cpuBefore = process.cpuUsage();
    told?.(message.where);
  }
});

const end = async (seconds: number | null): Promise<void> => {
  const { user, system } = process.cpuUsage(cpuBefore);
  await rm(folder, { recursive: true, force: true });
  const ended: Ended = { kind: 'ended', seconds, cpuMs: (user + system) / 1000, residentMegabytes: process.resourceUsage().maxRSS / 1024 };
  process.send?.(ended, () => process.exit(0));
};

if (role === 'give') say({ kind: 'where', where: await givers[way]() });
else say({ kind: 'ready' });
