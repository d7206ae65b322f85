/** Networks that several tests start from. */
import { Network, type NetworkOptions, type NatKind, type SimPeer, type SimRoom } from '@srp/sim';

const nats: readonly NatKind[] = ['address-restricted', 'port-restricted', 'hard', 'full-cone'];

/** Two introducers with public addresses who know each other, and `count` guests behind NATs who know both; all have joined `tea`. */
export const teaParty = (options: NetworkOptions, count: number, mode: 'live' | 'causal' = 'live'): { readonly net: Network; readonly guests: readonly SimPeer[]; readonly rooms: readonly SimRoom[] } => {
  const net = new Network(options);
  const first = net.peer({ name: 'introducer-1' });
  const hosts = [first, net.peer({ name: 'introducer-2', knows: [first] })];
  const guests = Array.from({ length: count }, (_, number) => net.peer({ name: `guest-${number + 1}`, nat: nats[number % nats.length]!, knows: hosts }));
  const rooms = [...hosts, ...guests].map((peer) => peer.join('tea', { mode }));
  return { net, guests, rooms };
};
