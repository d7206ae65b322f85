/**
 * One interface: a socket on port 5353 that speaks and hears mDNS there, and nowhere else.
 *
 * `multicast-dns` encodes, decodes and sends; the socket is made here, because three things must be sure:
 *
 * - It is bound to 0.0.0.0: on Linux a socket bound to the interface's own address hears no multicast.
 * - Nothing is sent before joining the group and setting the outgoing interface have both succeeded. Left to
 *   itself, the library sends all the same, and then the packet leaves by the default route.
 * - A packet is looked at before it is decoded: a 12-byte header that claims 4 x 65535 records would make the
 *   decoder allocate 2 MB, and on Linux each socket on the port hears what came in on every interface.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { createRequire } from 'node:module';
import { BoundedMap, type Instant, TokenBucket } from '@srp/machine';
import type MulticastDns from 'multicast-dns';
import { dnsHeaderBytes, goodbyeMs, hostsMax, multicastGroup, multicastPort, packetBurst, packetBytesMax, packetHostBurst, packetRecordsMax, packetsPerHostPerSecond, packetsPerSecond } from '../constants.js';
import { isOnLink, type LocalInterface } from './interfaces.js';
import { type Announcement, asksForPeers, readAnnouncement, recordsOf, serviceName } from './records.js';

// Required: importing CommonJS starts Node's WebAssembly lexer, which keeps megabytes that an idle peer never needs again.
const multicastDns = createRequire(import.meta.url)('multicast-dns') as typeof MulticastDns;

/** What a room reports. */
export interface RoomEvents {
  /** The socket is ready; only now can the room speak. */
  readonly ready: () => void;
  /** Somebody asks for peers. */
  readonly asked: () => void;
  /** Somebody at `host`, on this link, announces a peer. */
  readonly announced: (announcement: Announcement, host: string) => void;
  /** The system refuses. After `isFatal` the room is closed. */
  readonly failed: (error: NodeJS.ErrnoException, isFatal: boolean) => void;
}

/** An open interface. */
export interface Room {
  query(): void;
  announce(own: Announcement): void;
  /** Says goodbye for `own`, if the room ever spoke, and closes. Never rejects. */
  close(own: Announcement | null): Promise<void>;
}

/** Opens a room on an interface. Failures come as events, never as a throw. */
export const openRoom = (own: LocalInterface, now: () => Instant, events: RoomEvents): Room => {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const library = multicastDns({ socket, bind: false, multicast: false });
  const packets = new TokenBucket(packetsPerSecond, packetBurst);
  const hosts = new BoundedMap<string, TokenBucket>(hostsMax);
  let state: 'opening' | 'ready' | 'closed' = 'opening';

  // The library's only listener so far decodes; it now gets what passed the look.
  const decoders = socket.listeners('message') as ((message: Buffer, from: RemoteInfo) => void)[];
  socket.removeAllListeners('message');
  socket.on('message', (message, from) => {
    if (state !== 'ready' || from.port !== multicastPort || !isOnLink(own, from.address) || !mayDecode(message)) return;
    if (isWithinRate(from.address)) for (const decode of decoders) decode(message, from);
  });

  // On loopback all peers share one host, and whoever floods there has other means.
  const isWithinRate = (host: string): boolean => {
    const at = now();
    if (host.startsWith('127.')) return packets.take(at);
    const ofHost = hosts.touch(host) ?? new TokenBucket(packetsPerHostPerSecond, packetHostBurst);
    hosts.set(host, ofHost);
    return ofHost.take(at) && packets.take(at);
  };

  const close = (): Promise<void> => {
    if (state === 'closed') return Promise.resolve();
    state = 'closed';
    return new Promise((resolve) => {
      try {
        library.destroy(() => resolve());
      } catch {
        resolve(); // a socket that never opened
      }
    });
  };
  const fail = (error: unknown): void => {
    if (state === 'closed') return;
    void close();
    events.failed(error as NodeJS.ErrnoException, true);
  };
  const sent = (error: Error | null | undefined): void => {
    if (error !== null && error !== undefined && state !== 'closed') events.failed(error, false);
  };

  socket.on('error', fail);
  library.on('error', () => undefined); // the same one again
  library.on('warning', () => undefined); // what could not be decoded is dropped
  library.on('query', (packet) => {
    if (asksForPeers(packet)) events.asked();
  });
  library.on('response', (packet, from) => {
    const announcement = readAnnouncement(packet);
    if (announcement !== null) events.announced(announcement, from.address);
  });

  socket.bind({ port: multicastPort, address: '0.0.0.0', exclusive: true }, () => {
    if (state === 'closed') return;
    try {
      socket.addMembership(multicastGroup, own.address);
      socket.setMulticastInterface(own.address);
      socket.setMulticastTTL(255);
      socket.setMulticastLoopback(true);
    } catch (error) {
      fail(error);
      return;
    }
    state = 'ready';
    events.ready();
  });

  return {
    query() {
      if (state === 'ready') library.query({ questions: [{ name: serviceName, type: 'PTR' }] }, sent);
    },
    announce({ peer, port }) {
      if (state === 'ready') library.respond(recordsOf(peer, port, own.address), sent);
    },
    async close(announced) {
      if (state === 'ready' && announced !== null) {
        await new Promise<void>((resolve) => {
          const limit = setTimeout(resolve, goodbyeMs);
          library.respond(recordsOf(announced.peer, announced.port, own.address, true), () => {
            clearTimeout(limit);
            resolve();
          });
        });
      }
      await close();
    },
  };
};

/** Whether a datagram is small and claims few records. */
const mayDecode = (message: Buffer): boolean => {
  if (message.length < dnsHeaderBytes || message.length > packetBytesMax) return false;
  const recordCount = message.readUInt16BE(4) + message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  return recordCount <= packetRecordsMax;
};
