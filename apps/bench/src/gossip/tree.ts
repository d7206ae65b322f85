/**
 * The floor: a bare UDP socket that passes each message to four others, in a tree that everybody knows and whose root is who
 * publishes. Nothing is signed, sealed, remembered or sent again.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Meeting, OpenNode } from './engine.js';
import { publisherOf } from './message.js';

const children = 4;
/** As much as our peers ask for. */
const receiveBufferBytes = 4 * 1024 * 1024;

export const openNode: OpenNode = async (onMessage) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.setRecvBufferSize(receiveBufferBytes);
  let met: Meeting = { all: [], self: 0, first: [] };
  let ports: readonly number[] = [];
  const passOn = (message: Uint8Array): void => {
    const count = ports.length;
    const publisher = publisherOf(message);
    const rank = (met.self - publisher + count) % count;
    for (let child = children * rank + 1; child <= children * rank + children && child < count; child += 1) {
      socket.send(message, ports[(publisher + child) % count], '127.0.0.1');
    }
  };
  socket.on('message', (message) => {
    passOn(message);
    onMessage(message);
  });
  return {
    address: String(socket.address().port),
    meet: (meeting) => {
      met = meeting;
      ports = meeting.all.map(Number);
      return Promise.resolve();
    },
    degree: () => ports.length - 1,
    publish: (message) => {
      passOn(message);
      return Promise.resolve();
    },
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
};
