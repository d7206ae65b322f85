/**
 * Question: what does an open session cost in memory? Budget: 2 KB.
 * Method: one link answers 512 peers; heap and array buffers before and after, each after two full collections, five
 * times with five links. Before that 2100 sessions come and go, so that every bounded table is full already.
 * Control: the same again with sessions that are closed at once, which shows what the method itself leaves.
 * Limits: V8's own accounting; pages that it keeps do not show.
 *
 * node --expose-gc --import tsx bench/memory.ts
 */
import { generateKeyPair, type KeyPair, seededRandom } from '@srp/identity';
import { Link } from '@srp/link';
import { type Address, instant, makeAddress } from '@srp/machine';

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('Cannot measure: run with --expose-gc');

const used = (): number => {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external; // external holds the array buffers
};

const random = seededRandom(new Uint8Array(32));
const host = makeAddress('192.0.2.1', 4711) as Address;
const now = instant(1000);
let made = 0;

/** Opens one session from a new peer. */
const open = (link: Link, keys: KeyPair): void => {
  made += 1;
  const guest = new Link({ keys, random: random.fork('guest') });
  const from = makeAddress(`10.${(made >> 16) & 255}.${(made >> 8) & 255}.${made & 255}`, 4711) as Address;
  let out = guest.handle(now, { kind: 'connect', peer: link.self, address: host });
  for (let turn = 0; turn < 4; turn += 1) {
    const [to, source] = turn % 2 === 0 ? [link, from] : ([guest, host] as const);
    out = out.flatMap((output) => (output.kind === 'transmit' ? to.handle(now, { kind: 'datagram', from: source, bytes: output.bytes }) : []));
  }
};

const guests = Array.from({ length: 512 }, () => generateKeyPair(random));
const links = Array.from({ length: 7 }, () => new Link({ keys: generateKeyPair(random), random: random.fork('link'), config: { freeInitsPerSecond: 1_000_000 } }));
for (let i = 0; i < 2100; i += 1) open(links[0]!, generateKeyPair(random));

for (const [round, link] of links.slice(1).entries()) {
  const isControl = round === 0;
  const before = used();
  for (const keys of guests) {
    open(link, keys);
    if (isControl) for (const { peer } of link.sessions()) link.handle(now, { kind: 'disconnect', peer });
  }
  const after = used();
  console.log(`${isControl ? 'control' : 'sample'}: ${link.sessions().length} sessions, ${Math.round((after - before) / 512)} bytes for each of 512`);
}
