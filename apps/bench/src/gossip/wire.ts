/**
 * Counts what this process sends, from the moment this module is loaded: UDP datagrams with the 28 bytes of their headers;
 * of TCP what its sockets wrote, and 40 bytes of headers for every 1460 of it. That is the least a TCP can do: it fills every
 * segment of an Ethernet and sends no acknowledgement by itself.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket as TcpSocket } from 'node:net';

const udpHeaderBytes = 28;
const tcpHeaderBytes = 40;
const segmentBytes = 1460;

let udpBytes = 0;
const tcpSockets: TcpSocket[] = [];

export const sentBytes = (): number => udpBytes + tcpSockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0) * (1 + tcpHeaderBytes / segmentBytes);

subscribe('udp.socket', (message) => {
  const { socket } = message as { socket: UdpSocket };
  const send = socket.send.bind(socket) as (bytes: Uint8Array, ...rest: unknown[]) => void;
  socket.send = (bytes: Uint8Array, ...rest: unknown[]) => {
    udpBytes += bytes.length + udpHeaderBytes;
    send(bytes, ...rest);
  };
});
for (const channel of ['net.client.socket', 'net.server.socket']) {
  subscribe(channel, (message) => tcpSockets.push((message as { socket: TcpSocket }).socket));
}
