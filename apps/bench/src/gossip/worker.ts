/** A process with nodes of one engine: `worker.js ENGINE`. It does what the process that started it asks. */
import { sentBytes } from './wire.js'; // first, to see every socket
import { cpuClock } from '../measure.js';
import type { Answer, Answers, Call, Heard, Post, Taken } from './calls.js';
import { type EngineName, type GossipNode, openNodeOf } from './engine.js';
import { ageOf, makeMessage, numberOf } from './message.js';

const nodes: GossipNode[] = [];
/** How many of its nodes lack a message that some have. */
const lacking = new Map<number, number>();
let latenciesMs: number[] = [];
let counted = { cpuMs: 0, sentBytes: 0 };
/** What telling who has what took, which no engine would have to do, ns. */
let toldNs = 0;

const answerTo = async (call: Call): Promise<Answers[Call['kind']]> => {
  switch (call.kind) {
    case 'open': {
      const openNode = await openNodeOf(process.argv[2] as EngineName);
      for (let i = 0; i < call.count; i += 1) nodes.push(await openNode(hearer()));
      return nodes.map(({ address }) => address);
    }
    case 'meet':
      for (const [i, meeting] of call.meetings.entries()) await nodes[i]?.meet(meeting);
      return null;
    case 'degree':
      return Math.min(...nodes.map((node) => node.degree()));
    case 'take':
      return take();
    case 'close':
      await Promise.all(nodes.map((node) => node.close()));
      return null;
  }
};

const publish = ({ number, publisher, node }: Post): void => {
  has(number);
  void nodes[node]?.publish(makeMessage(number, publisher));
};

/** Takes each message once, however often it is delivered. */
const hearer = (): ((message: Uint8Array) => void) => {
  const heard = new Set<number>();
  return (message) => {
    const number = numberOf(message);
    if (heard.has(number)) return;
    heard.add(number);
    latenciesMs.push(ageOf(message));
    has(number);
  };
};

/** One node more has this message. */
const has = (number: number): void => {
  const left = (lacking.get(number) ?? nodes.length) - 1;
  lacking.set(number, left);
  if (left > 0) return;
  const from = cpuClock();
  tell({ heard: number });
  toldNs += cpuClock() - from;
};

const take = (): Taken => {
  const before = counted;
  counted = { cpuMs: (cpuClock() - toldNs) / 1e6, sentBytes: sentBytes() };
  const taken = { cpuMs: counted.cpuMs - before.cpuMs, sentBytes: counted.sentBytes - before.sentBytes, latenciesMs };
  latenciesMs = [];
  return taken;
};

const tell = (what: Answer | Heard): void => {
  process.send?.(what);
};

process.on('message', (call: Call | Post) => {
  if (call.kind === 'publish') publish(call);
  else void answerTo(call).then((answer) => tell({ answer }));
});
process.on('disconnect', () => process.exit());
