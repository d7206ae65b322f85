/** A peer of ours, through the facade alone. */
import { Peer } from '@srp/peer';
import type { OpenNode } from './engine.js';

export const openNode: OpenNode = async (onMessage) => {
  const peer = await Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
  const room = peer.join('gossip');
  room.onPacket = ({ message }) => onMessage(message);
  return {
    address: `${peer.id}@${peer.addresses[0] ?? ''}`,
    meet: ({ all, first }) => {
      for (const index of first) peer.connect(all[index] ?? '');
      return Promise.resolve();
    },
    degree: () => room.subscribers(),
    publish: async (message) => {
      await room.publish(message);
    },
    close: () => peer.close(),
  };
};
