/**
 * Counts what this process sends, from the moment this module is loaded, with the headers of IP (v4), UDP and TCP: 28 bytes
 * for each UDP datagram, and 52 (TCP with timestamps, as systems send it) for each segment. A write to a TCP socket that does
 * not wait for more, as js-libp2p's do not, is a segment, or as many as its bytes fill on an Ethernet. Segments that only
 * acknowledge are not seen here and not counted: to the advantage of TCP, of which the kernel counts a fifth more.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket as TcpSocket } from 'node:net';

const udpHeaderBytes = 28;
const tcpHeaderBytes = 52;
const segmentBytes = 1448;

let sent = 0;

export const sentBytes = (): number => sent;

const countTcp = (bytes: number): void => {
  sent += bytes + tcpHeaderBytes * Math.ceil(bytes / segmentBytes);
};

subscribe('udp.socket', (message) => {
  const { socket } = message as { socket: UdpSocket };
  const send = socket.send.bind(socket) as (bytes: Uint8Array, ...rest: unknown[]) => void;
  socket.send = (bytes: Uint8Array, ...rest: unknown[]) => {
    sent += bytes.length + udpHeaderBytes;
    send(bytes, ...rest);
  };
});

for (const channel of ['net.client.socket', 'net.server.socket']) {
  subscribe(channel, (message) => {
    const { socket } = message as { socket: TcpSocket };
    const write = socket._write.bind(socket);
    const writeSeveral = socket._writev?.bind(socket);
    socket._write = (bytes: Uint8Array, encoding, written) => {
      countTcp(bytes.length);
      write(bytes, encoding, written);
    };
    if (writeSeveral === undefined) return;
    socket._writev = (parts: { chunk: Uint8Array; encoding: BufferEncoding }[], written) => {
      countTcp(parts.reduce((sum, { chunk }) => sum + chunk.length, 0));
      writeSeveral(parts, written);
    };
  });
}
