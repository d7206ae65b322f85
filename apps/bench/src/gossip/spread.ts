/**
 * Three engines that spread the same messages, side by side. What is asked, and of how many nodes, is in large.ts and
 * shapes.ts.
 *
 * Method: nodes on loopback in processes of their own, of all engines in the same run. Each node connects to 4 others and so
 * has 8 neighbours, the same graph for all engines, and subscribes to one topic; what an engine does to find more is its own
 * affair. They warm up until each process has handed on 12,000 messages, and with 1000 at least, since until then it compiles much
 * of the time. Then the engines take turns, slice by slice: five seconds of messages of 1023 bytes, each published by another node, four
 * on their way at a time, as fast as the engine is; then a second of rest, for what an engine has to do afterwards. So each is as busy
 * as it can be, for as long as the others: at a rate that one cannot bear, another that sleeps most of the time pays for each awakening, and
 * a `-paced` row shows that. A sample is what all processes of an engine spent on a slice:
 * - CPU: user and system time, set-up not counted, keep-alives and heartbeats counted; for each message and node
 * - bytes: whatever was sent, IP headers too; see wire.ts for the accounting of UDP and TCP; for each delivery, which is a
 *   message that a node did not publish and got, for the first time
 * Delivered is the share of all deliveries that there should have been, one to three seconds after the last message. Latency
 * is from the call that publishes until the message is handed to the app.
 * Control: the peer is gossipsub, see gossipsub.ts. It signs and checks messages and encrypts connections, as we do; unlike
 * ours its messages are not sealed for the topic. The floor is a tree of bare sockets that everyone knows, see tree.ts.
 * Limits: no loss, no latency, nobody comes or goes. After a rest caches are cold, and heaps have shrunk: slices of as many messages for
 * each engine, 400, cost ours, which is done with them in a second, a quarter more for each message. A machine that is busy makes latencies longer, and CPU times somewhat.
 * Each process says of each message when all its nodes have it; what that takes is not counted.
 */
import { finding, type Finding, quantile, type SideBySide } from '../row.js';
import type { Taken } from './calls.js';
import { type EngineName, engineNames } from './engine.js';
import { type Load, type Shape, type Spent, Swarm } from './swarm.js';

/** What is measured, and when. */
interface Plan {
  readonly slice: Load;
  readonly restMs: number;
  /** Messages before that, at least, and as many as bring each process so many deliveries. */
  readonly warmMessagesMin: number;
  readonly warmDeliveries: number;
  readonly idleMs: number;
}

const fullPlan: Plan = { slice: { messagesMin: 0, forMs: 5000 }, restMs: 1000, warmMessagesMin: 1000, warmDeliveries: 12_000, idleMs: 5000 };
const tinyPlan: Plan = { slice: { messagesMin: 4, forMs: 0 }, restMs: 0, warmMessagesMin: 0, warmDeliveries: 0, idleMs: 50 };

const floorName = 'a tree of bare UDP sockets, unsigned';
const peerName = '@libp2p/gossipsub 17.1.1 over TCP, noise, yamux, D = 8';

/** What an engine spent: slice by slice, and while nothing was published. */
interface Measured {
  readonly slices: readonly Spent[];
  /** Of messages that came when their slice was over, how long each was on its way. */
  readonly lateMs: readonly number[];
  readonly idle: Taken;
}

interface Asked {
  readonly shape: Shape;
  readonly runs: number;
  readonly isTiny: boolean;
  /** Of the rows' names. */
  readonly suffix?: string;
  /** At most one message in so long, however fast an engine is. */
  readonly everyMs?: number;
}

type Figures = Readonly<Record<EngineName, Measured>>;

/** The rows `gossip/cpu` and `gossip/bytes` of so many nodes. */
export const spread = async ({ shape, runs, isTiny, suffix = '', everyMs = 0 }: Asked): Promise<readonly Finding[]> => {
  const plan = isTiny ? tinyPlan : fullPlan;
  const figures = await measure(shape, plan, everyMs, runs);

  const samplesOf = (of: (spent: Spent) => number): Parameters<typeof finding>[1] => ({
    ours: figures.ours.slices.map(of),
    peer: { name: peerName, samples: figures.gossipsub.slices.map(of) },
    floor: { name: floorName, samples: figures.tree.slices.map(of) },
  });
  const sideBySide = (of: (measured: Measured) => number): SideBySide => ({ ours: of(figures.ours), peer: of(figures.gossipsub), floor: of(figures.tree) });

  const { nodes } = shape;
  const idleSeconds = (plan.idleMs / 1000) * nodes;
  const latenciesOf = ({ slices, lateMs }: Measured): readonly number[] => [...slices.flatMap(({ latenciesMs }) => latenciesMs), ...lateMs];
  const latency = (share: number): SideBySide => sideBySide((measured) => quantile(latenciesOf(measured), share));
  const delivered = sideBySide((measured) => latenciesOf(measured).length / (measured.slices.reduce((sum, { messages }) => sum + messages, 0) * (nodes - 1)));
  const remarks = [`target: everything delivered: ${delivered.ours === 1 ? 'met' : `MISSED, ${(1e6 * (1 - delivered.ours)).toFixed(0)} of a million are not`}`];
  return [
    finding(
      {
        name: `gossip/cpu${suffix}`,
        unit: 'ms',
        ...(everyMs === 0 ? { target: { toPeerMin: 6 } } : {}),
        remarks,
        extra: {
          delivered,
          latencyP50Ms: latency(0.5),
          latencyP99Ms: latency(0.99),
          messagesPerSecond: sideBySide(({ slices }) => quantile(slices.map(({ messages, tookMs }) => (messages / tookMs) * 1000), 0.5)),
          idleCpuMsPerSecond: sideBySide(({ idle }) => idle.cpuMs / idleSeconds),
        },
      },
      samplesOf(({ cpuMs, messages }) => cpuMs / messages / nodes),
    ),
    finding(
      { name: `gossip/bytes${suffix}`, unit: 'bytes', ...(everyMs === 0 ? { target: { toPeerMin: 4 } } : {}), remarks, extra: { delivered, idleBytesPerSecond: sideBySide(({ idle }) => idle.sentBytes / idleSeconds) } },
      samplesOf(({ sentBytes, messages }) => sentBytes / messages / (nodes - 1)),
    ),
  ];
};

const measure = async (shape: Shape, plan: Plan, everyMs: number, runs: number): Promise<Figures> => {
  const swarms: { readonly engine: EngineName; readonly swarm: Swarm }[] = [];
  for (const engine of engineNames) swarms.push({ engine, swarm: await Swarm.start(engine, shape) });
  const warmMessages = Math.max(plan.warmMessagesMin, Math.ceil((plan.warmDeliveries * shape.processes) / shape.nodes));
  for (const { swarm } of swarms) await swarm.publish({ messagesMin: warmMessages, forMs: 0 }, everyMs, plan.restMs);
  for (const { swarm } of swarms) await swarm.rest(0); // what it did while the others warmed up is not counted
  const idle = new Map(await Promise.all(swarms.map(async ({ engine, swarm }) => [engine, await swarm.rest(plan.idleMs)] as const)));
  const slices: Record<EngineName, Spent[]> = { ours: [], gossipsub: [], tree: [] };
  const lateMs: Record<EngineName, number[]> = { ours: [], gossipsub: [], tree: [] };
  for (let round = 0; round < runs; round += 1) {
    for (let turn = 0; turn < swarms.length; turn += 1) {
      const { engine, swarm } = swarms[(turn + round) % swarms.length] as (typeof swarms)[number];
      lateMs[engine].push(...(await swarm.rest(0)).latenciesMs); // what it did while others were measured is not counted
      slices[engine].push(await swarm.publish(plan.slice, everyMs, plan.restMs));
    }
  }
  for (const { engine, swarm } of swarms) lateMs[engine].push(...(await swarm.rest(plan.restMs)).latenciesMs);
  await Promise.all(swarms.map(({ swarm }) => swarm.close()));
  const measured = (engine: EngineName): Measured => ({ slices: slices[engine], lateMs: lateMs[engine], idle: idle.get(engine) as Taken });
  return { ours: measured('ours'), gossipsub: measured('gossipsub'), tree: measured('tree') };
};
