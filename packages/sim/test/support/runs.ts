/** Two fixed runs whose trace hashes are compared: between machines, and between the suites. With --print it says what they are here. */
import { suite } from '@srp/identity';
import { Network } from '@srp/sim';
import { gossip } from '../gossip.js';
import { teaParty } from '../worlds.js';

/** Every feature of the simulator, and the smallest machine, which changes with nothing but the simulator, the objects and the cryptography. */
export const gossipRun = (): string => {
  const net = new Network({ seed: 2026, machine: gossip, links: { loss: 0.1, burst: 3, duplication: 0.05, reordering: 0.1 }, timerLatenessMs: 3 });
  const hub = net.peer({ name: 'hub', bandwidth: { upBitsPerSecond: 1_000_000, queueMs: 50 } });
  const carrier = net.nat('port-restricted');
  const home = net.nat('address-restricted', { behind: carrier });
  const peers = (['full-cone', 'address-restricted', 'port-restricted', 'hard', home] as const).map((nat) => net.peer({ nat, knows: [hub] }));
  const rooms = [hub, ...peers].map((peer) => peer.join('tea'));
  for (const [turn, room] of rooms.entries()) net.at(2_000 + turn * 300, () => room.publish(`from ${turn}`));
  net.at(5_000, () => peers[0]?.sleep());
  net.at(6_000, () => peers[0]?.wake());
  net.at(6_500, () => peers[1]?.move({ nat: 'hard' }));
  net.at(7_000, () => peers[2]?.crash());
  net.at(8_000, () => peers[2]?.start());
  net.run(15_000);
  return net.traceHash;
};

/** The real protocol: its hash is another one after every change of the protocol, and the same everywhere. */
export const peerRun = (): string => {
  const { net, rooms, guests } = teaParty({ seed: 2026, links: { loss: 0.02 } }, 4);
  net.at(4_000, () => rooms[2]?.publish('tea'));
  net.at(5_000, () => guests[0]?.move({ nat: 'hard' }));
  net.run(12_000);
  return net.traceHash;
};

if (process.argv.includes('--print')) console.log(JSON.stringify({ suite: suite.name, hashes: [gossipRun(), peerRun()] }));
