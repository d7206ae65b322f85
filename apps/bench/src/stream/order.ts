/**
 * Question: what does it cost a peer to put the messages of a busy topic into causal order, and do all peers get the same one?
 *
 * Method: 100 000 messages by 50 authors, 1 000 a second of the topic's own time; each names its author's last and up to 3 heads of
 * what its author had seen, which is 20 to 70 messages old. Four peers get them in causal mode: of each ten one comes up to 500
 * places late, of each hundred five do not come at all, others with each peer. What a peer asks for (`want`) comes 60 ms later; what
 * nobody names, the very last, is brought at the end, as comparing would. The machine is woken when it asks to be. A sample is the CPU time of a
 * peer for all of that and for the list of all messages in order (`inCausalOrder`), by message; the mean of the four.
 * Checked in each round: every peer delivers every message once, none before what it names, and all lists are the same.
 * Control (floor): a Map of ids to messages, sorted by time.
 * Limits: ids alone; signatures, seals, cache and network are elsewhere. One process, warm code.
 */
import { seededRandom } from '@srp/identity';
import { after, type AuthorId, type Instant, instant, type PacketId, wakeup } from '@srp/machine';
import { CausalStream, inCausalOrder, type StreamObject, type StreamOutput } from '@srp/stream';
import { cpuClock, type Effort, use } from '../measure.js';
import { finding, type Finding } from '../row.js';

const start = instant(1_800_000_000_000);
const peers = 4;
const authors = 50;
const shuffledShare = 0.1;
const shuffledBy = 500;
const lostShare = 0.05;
const repairMs = 60;

export const run = async ({ rounds }: Effort): Promise<readonly Finding[]> => {
  const count = rounds > 1 ? 100_000 : 2_000;
  const messages = historyOf(count);
  const ours: number[] = [];
  const floor: number[] = [];
  let repaired = 0;
  for (let round = rounds > 1 ? -1 : 0; round < (rounds > 1 ? 3 : 1); round += 1) {
    const orders = new Set<string>();
    const spentNs = { ours: 0, floor: 0 };
    for (let peer = 0; peer < peers; peer += 1) {
      const arrivals = arrivalsAt(messages, peers * round + peer + 20);
      spentNs.ours -= cpuClock();
      const { delivered, repairedCount } = ordered(messages, arrivals);
      const list = inCausalOrder(delivered);
      spentNs.ours += cpuClock();
      mustBeWhole(messages, delivered);
      orders.add(list.map(({ id }) => id).join());
      repaired = repairedCount;

      spentNs.floor -= cpuClock();
      const map = new Map<PacketId, StreamObject>();
      for (const { message } of arrivals) map.set(message.id, message);
      use([...map.values()].sort((a, b) => a.time - b.time || a.ms - b.ms).length);
      spentNs.floor += cpuClock();
    }
    if (orders.size !== 1) throw new Error(`${peers} peers have ${orders.size} orders of the same messages`);
    if (round < 0) continue; // the compiler was at work
    ours.push(spentNs.ours / peers / count / 1000);
    floor.push(spentNs.floor / peers / count / 1000);
  }
  return Promise.resolve([
    finding(
      { name: 'stream/order', unit: 'us/message', target: { oursMax: 20 }, remarks: [`every peer had the same order in every round; ${repaired} of ${count} were lost on the way to the last one and asked for`] },
      { ours, peer: null, floor: { name: 'a Map of ids, sorted by time', samples: floor } },
    ),
  ]);
};

interface Arrival {
  readonly message: StreamObject;
  /** Position, which is also the millisecond at which it comes. */
  readonly at: number;
  readonly isLost: boolean;
}

/** No order in the first half, so that ids say nothing of time. */
const idOf = (n: number): PacketId => ((Math.imul(n + 1, 2_654_435_761) >>> 0).toString(16).padStart(16, '0') + n.toString(16).padStart(16, '0')) as PacketId;

const historyOf = (count: number): readonly StreamObject[] => {
  const random = seededRandom(new Uint8Array(32).fill(1));
  const last = new Map<number, PacketId>();
  return Array.from({ length: count }, (_, n) => {
    const by = random.below(authors);
    const seen = n - 20 - random.below(50);
    const parents = [...new Set([seen, seen - 1 - random.below(3), seen - 5 - random.below(10)].filter((parent) => parent >= 0).map(idOf))];
    const message = { id: idOf(n), author: by.toString(16).padStart(64, '0') as AuthorId, prev: last.get(by) ?? null, parents, time: Math.floor((start + n) / 1000), ms: (start + n) % 1000 };
    last.set(by, message.id);
    return message;
  });
};

const arrivalsAt = (messages: readonly StreamObject[], seed: number): readonly Arrival[] => {
  const random = seededRandom(new Uint8Array(32).fill(seed));
  const chance = (): number => random.below(1_000_000) / 1_000_000;
  return messages
    .map((message, n) => ({ message, at: n + (chance() < shuffledShare ? random.below(shuffledBy) : 0), isLost: chance() < lostShare }))
    .sort((a, b) => a.at - b.at);
};

const ordered = (messages: readonly StreamObject[], arrivals: readonly Arrival[]): { readonly delivered: readonly StreamObject[]; readonly repairedCount: number } => {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const of = (id: PacketId): StreamObject => byId.get(id) as StreamObject;
  const stream = new CausalStream({ mode: 'causal', random: seededRandom(new Uint8Array(32).fill(2)) });
  const delivered: StreamObject[] = [];
  const asked = new Set<PacketId>();
  const repairs: { readonly at: Instant; readonly message: StreamObject }[] = [];
  const carryOut = (now: Instant, outputs: readonly StreamOutput[]): void => {
    for (const output of outputs) {
      if (output.kind === 'deliver') delivered.push(of(output.id));
      else if (output.kind === 'want') {
        for (const id of output.ids) {
          if (asked.has(id)) continue;
          asked.add(id);
          repairs.push({ at: after(now, repairMs), message: of(id) });
        }
      }
    }
  };
  let nextRepair = 0;
  const passUntil = (now: Instant): void => {
    for (;;) {
      const repair = repairs[nextRepair];
      const deadline = stream.deadline();
      if (repair !== undefined && repair.at <= now && (deadline === null || repair.at <= deadline)) {
        nextRepair += 1;
        carryOut(repair.at, stream.handle(repair.at, { kind: 'object', from: null, ...repair.message }));
      } else if (deadline !== null && deadline <= now) carryOut(deadline, stream.handle(deadline, wakeup));
      else return;
    }
  };
  for (const { message, at, isLost } of arrivals) {
    const now = after(start, at);
    passUntil(now);
    if (!isLost) carryOut(now, stream.handle(now, { kind: 'object', from: null, ...message }));
  }
  const end = after(start, (arrivals.at(-1)?.at ?? 0) + 5_000);
  passUntil(end);
  for (const { message, isLost } of arrivals) if (isLost && !asked.has(message.id)) carryOut(end, stream.handle(end, { kind: 'object', from: null, ...message }));
  return { delivered, repairedCount: asked.size };
};

/** Throws unless each message is there once, and after all it names. */
const mustBeWhole = (messages: readonly StreamObject[], delivered: readonly StreamObject[]): void => {
  const seen = new Set<PacketId>();
  for (const { id, prev, parents } of delivered) {
    for (const named of prev === null ? parents : [prev, ...parents]) if (!seen.has(named)) throw new Error(`${id} came before ${named}, which it names`);
    seen.add(id);
  }
  if (seen.size !== messages.length || delivered.length !== messages.length) throw new Error(`${delivered.length} of ${messages.length} messages were delivered`);
};
