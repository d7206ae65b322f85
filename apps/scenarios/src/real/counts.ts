/**
 * Counts what UDP sockets of this process send and receive, from the moment this module is loaded. Sessions are sealed:
 * a datagram has an object of the plan in it if it is as long as those are.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:dgram';
import { carryingBytes } from './plan.js';
import { type Counts, noCounts } from './result.js';

const counts = { ...noCounts };

export const countsNow = (): Counts => ({ ...counts });

subscribe('udp.socket', (message) => {
  const { socket } = message as { socket: Socket };
  const send = socket.send.bind(socket) as (bytes: Uint8Array, ...rest: unknown[]) => void;
  socket.send = (bytes: Uint8Array, ...rest: unknown[]) => {
    counts.sent += 1;
    counts.sentBytes += bytes.length;
    if (bytes.length === carryingBytes) {
      counts.carrying += 1;
      counts.carryingBytes += bytes.length;
    }
    send(bytes, ...rest);
  };
  socket.on('message', ({ length }) => {
    if (length === carryingBytes) counts.received += 1;
  });
});
