/**
 * A node of js-libp2p with gossipsub, over TCP, noise and yamux: as they come, but that a node wants 8 others in its mesh
 * (6 to 12) instead of 6 (4 to 12), lets in as many connections from one host as come, and waits for them as long as it takes.
 */
import './promise.js';
import { type GossipSub, gossipsub } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { OpenNode } from './engine.js';

const topic = 'gossip';
/** How long a connection may take to be made, on a machine with other things to do. */
const patienceMs = 30_000;

/** Its class has it, its type has not. */
interface HasMesh {
  getMeshPeers(topic: string): readonly string[];
}

export const openNode: OpenNode = async (onMessage) => {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: Infinity, maxIncomingPendingConnections: Infinity, dialTimeout: patienceMs, inboundUpgradeTimeout: patienceMs },
    services: { identify: identify(), gossip: gossipsub({ D: 8, Dlo: 6, Dhi: 12 }) },
  });
  const gossip = node.services.gossip as GossipSub & HasMesh;
  gossip.addEventListener('message', ({ detail }) => onMessage(detail.data));
  gossip.subscribe(topic);
  return {
    address: String(node.getMultiaddrs()[0]),
    meet: async ({ all, first }) => {
      for (const index of first) await node.dial(multiaddr(all[index]));
    },
    degree: () => gossip.getMeshPeers(topic).length,
    publish: async (message) => {
      await gossip.publish(topic, message);
    },
    close: async () => {
      await node.stop();
    },
  };
};
