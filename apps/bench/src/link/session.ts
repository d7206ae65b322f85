/**
 * Question: how much memory does a session take?
 *
 * Method: one `Link` gets 512 sessions, which is as many as it may have, from 512 others that are then let go. Heap, array
 * buffers and what else V8 knows of are read after a full collection, before and after; bytes for each session. Each run
 * takes a new link in the same process.
 * Control: the floor is what a session cannot do without, in a Map: two keys, two counters, a replay window of 1024 bits, an
 * address and a name.
 * Limits: sessions that were opened and are idle; what the layers above keep for a neighbour comes on top.
 */
import { generateKeyPair } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { Link, type LinkOutput } from '@srp/link';
import { type Address, instant, makeAddress, toHex } from '@srp/machine';
import type { Effort } from '../measure.js';
import { finding, type Finding } from '../row.js';

const sessions = 512;
/** Sessions that one network may have. */
const perNetwork = 8;
/** Of all rounds, what is enough for a number that hardly varies. */
const roundShare = 20;
const now = instant(1_800_000_000_000);
const random = systemRandom();

export const run = ({ rounds }: Effort): Promise<readonly Finding[]> => {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Cannot measure memory: Node must be run with --expose-gc');
  const collect = (): void => {
    gc();
    gc(); // what only finalizers let go of
  };
  const wanted = Math.max(1, Math.floor(rounds / roundShare));
  const cost = (make: () => { readonly fill: () => void; readonly count: () => number }): number => {
    const { fill, count } = make();
    const before = memory(collect);
    fill();
    const grown = memory(collect) - before;
    if (count() !== sessions) throw new Error(`${count()} sessions instead of ${sessions}`);
    return grown / sessions;
  };
  const [ours, floor] = [[] as number[], [] as number[]];
  for (let round = wanted > 1 ? -2 : 0; round < wanted; round += 1) {
    const [one, other] = [cost(linkWithRoom), cost(leastTable)];
    if (round < 0) continue;
    ours.push(one);
    floor.push(other);
  }
  return Promise.resolve([
    finding({ name: 'link/session', unit: 'bytes', target: { oursMax: 2048 } }, { ours, peer: null, floor: { name: 'keys, counters, window, address and name in a Map', samples: floor } }),
  ]);
};

const linkWithRoom = (): { readonly fill: () => void; readonly count: () => number } => {
  const link = new Link({ keys: generateKeyPair(random), random, config: { freeInitsPerSecond: 1_000_000 } });
  return { fill: () => open(link), count: () => link.sessions().length };
};

const open = (link: Link): void => {
  const own = addressOf(0);
  for (let i = 1; i <= sessions; i += 1) {
    const other = new Link({ keys: generateKeyPair(random), random });
    const address = addressOf(i);
    const toOther = (outputs: readonly LinkOutput[]): void => {
      for (const output of outputs) if (output.kind === 'transmit') toLink(other.handle(now, { kind: 'datagram', from: own, bytes: output.bytes }));
    };
    const toLink = (outputs: readonly LinkOutput[]): void => {
      for (const output of outputs) if (output.kind === 'transmit') toOther(link.handle(now, { kind: 'datagram', from: address, bytes: output.bytes }));
    };
    toLink(other.handle(now, { kind: 'connect', peer: link.self, address: own }));
  }
};

const leastTable = (): { readonly fill: () => void; readonly count: () => number } => {
  const table = new Map<string, object>();
  const fill = (): void => {
    for (let i = 0; i < sessions; i += 1) {
      table.set(toHex(random.bytes(32)), { sendKey: random.bytes(32), receiveKey: random.bytes(32), sent: 0, received: 0, window: new Uint8Array(128), address: `${addressOf(i)} ` });
    }
  };
  return { fill, count: () => table.size };
};

/** Public addresses, as few of one network as the link lets in. */
const addressOf = (index: number): Address => {
  const network = Math.floor(index / perNetwork);
  const address = makeAddress(`11.${network >> 8}.${network & 255}.${1 + (index % perNetwork)}`, 4000 + index);
  if (address === null) throw new Error('no address');
  return address;
};

const memory = (collect: () => void): number => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
