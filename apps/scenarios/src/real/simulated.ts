/** The plan in the simulator: the same peers, all with public addresses, and between them what lies between two processes of one machine. */
import { equalBytes, readU32 } from '@srp/machine';
import { Network, type SimPeer, type SimRoom } from '@srp/sim';
import { carryingBytes, messageOf, patienceMs, type RealPlan, topicNames } from './plan.js';
import { type Counts, countTimes, noCounts, type PeerRecord } from './result.js';

/** One-way, of each pair, and up to so much more for each datagram: about what loopback takes. Milliseconds. */
const latencyMs = [0.1, 0.5] as const;
const jitterMs = 0.1;

interface Seen {
  readonly published: [number, number][];
  readonly arrived: [number, number][];
  wrong: number;
  readonly counts: Counts[];
  readonly lateMs: readonly number[];
}

/** Throws what the simulator throws when an invariant breaks. */
export const runSimulated = (plan: RealPlan, seed: number): readonly PeerRecord[] => {
  const received = new Map<SimPeer, number>();
  const net = new Network({
    seed,
    links: { latencyMs, jitterMs },
    onCarried: ({ kind, peer }) => {
      if (kind === 'received') received.set(peer, (received.get(peer) ?? 0) + 1);
    },
  });
  const messages = plan.publishes.map((_, number) => messageOf(plan, number));
  const all: Seen[] = [];

  const watch = (peer: SimPeer): Seen => {
    const carrying = { count: 0, bytes: 0 };
    // By its size, as real processes have to.
    peer.onOutput = (output) => {
      if (output.kind !== 'transmit' || output.bytes.length !== carryingBytes) return;
      carrying.count += 1;
      carrying.bytes += output.bytes.length;
    };
    const seen: Seen = { published: [], arrived: [], wrong: 0, counts: [], lateMs: [] };
    const count = (): void => {
      const { sent, sentBytes } = peer.traffic;
      seen.counts.push({ ...noCounts, sent, sentBytes, carrying: carrying.count, carryingBytes: carrying.bytes, received: received.get(peer) ?? 0 });
    };
    for (const ms of countTimes(plan)) net.at(ms, count);
    all.push(seen);
    return seen;
  };

  const introducers = Array.from({ length: plan.introducers }, () => net.peer());
  for (const one of introducers) {
    watch(one);
    for (const other of introducers) if (other !== one) one.connect(other);
  }
  const start = (isSubscriber: boolean): { readonly seen: Seen; readonly room: SimRoom } => {
    const peer = net.peer({ knows: introducers });
    const seen = watch(peer);
    const room = peer.join(isSubscriber ? topicNames[0] : topicNames[1]);
    room.onDelivery = ({ how, payload, atMs }) => {
      if (how === 'published') return;
      const number = readU32(payload, 0);
      const isFirst = seen.arrived.every(([known]) => known !== number);
      if (isFirst && equalBytes(payload, messages[number] ?? new Uint8Array(0))) seen.arrived.push([number, atMs]);
      else seen.wrong += 1;
    };
    return { seen, room };
  };
  for (const [index, { startMs, isSubscriber }] of plan.peers.entries()) {
    net.at(startMs, () => {
      const { seen, room } = start(isSubscriber);
      for (const [number, { atMs, peer }] of plan.publishes.entries()) {
        if (peer !== index) continue;
        net.at(atMs, () => {
          seen.published.push([number, net.now]);
          room.publish(messages[number] as Uint8Array);
        });
      }
    });
  }
  net.run(plan.endMs);
  const due = plan.publishes.length * (plan.peers.filter(({ isSubscriber }) => isSubscriber).length - 1);
  net.runUntil(() => all.reduce((sum, { arrived }) => sum + arrived.length, 0) === due, patienceMs);
  return all;
};
