/**
 * Question: what do a handshake and a packet cost, and how much of that is cryptography?
 * Method: two links in one process, no socket. A packet: an object of 1198 bytes, sent, sealed, opened, delivered. A
 * handshake: connect to opened on both sides, then disconnect. 7 samples each, interleaved with the floor.
 * Floor: the same seals and opens, or the same Diffie-Hellmans, by the suite alone.
 * Limits: one process, warm, one pair of peers; samples and their spread are printed, take ratios.
 *
 * node --import tsx bench/speed.ts
 */
import { generateKeyPair, seededRandom, suite } from '@srp/identity';
import { type Address, instant, makeAddress } from '@srp/machine';
import { Link } from '@srp/link';

const random = seededRandom(new Uint8Array(32));
const places = [makeAddress('192.0.2.1', 1) as Address, makeAddress('192.0.2.2', 2) as Address] as const;
const links = [0, 1].map(() => new Link({ keys: generateKeyPair(random), random: random.fork('link'), config: { freeInitsPerSecond: 1_000_000 } }));
const [a, b] = [links[0]!, links[1]!];
let ms = 1000;

const tell = (to: 0 | 1, input: Parameters<Link['handle']>[1]): void => {
  for (const output of (to === 0 ? a : b).handle(instant(ms), input)) {
    if (output.kind === 'transmit') tell(to === 0 ? 1 : 0, { kind: 'datagram', from: places[to], bytes: output.bytes });
  }
};
const connect = (): void => tell(0, { kind: 'connect', peer: b.self, address: places[1] });
const object = new Uint8Array(1198).fill(0x58);
const [key, nonce, none] = [random.bytes(32), new Uint8Array(12), new Uint8Array(0)];
const [x, y] = [random.bytes(32), random.bytes(32)];
const [xPublic, yPublic] = [suite.x25519PublicKey(x), suite.x25519PublicKey(y)];

const cases: Record<string, { readonly count: number; readonly once: () => void }> = {
  'packet, sent and received': { count: 5000, once: () => tell(0, { kind: 'send', peer: b.self, frame: object }) },
  'floor: one seal, one open': { count: 5000, once: () => void suite.chachaOpen(key, nonce, none, suite.chachaSeal(key, nonce, none, object)) },
  'handshake, both sides': {
    count: 200,
    once: () => {
      ms += 10;
      tell(0, { kind: 'disconnect', peer: b.self });
      connect();
    },
  },
  'floor: its 8 Diffie-Hellmans': {
    count: 200,
    once: () => {
      // Ephemeral keys are new each time, and taking a key in costs as much as using it.
      const [e, f] = [random.bytes(32), random.bytes(32)];
      const [ePublic, fPublic] = [suite.x25519PublicKey(e), suite.x25519PublicKey(f)];
      for (const [mine, theirs] of [[e, yPublic], [y, ePublic], [x, yPublic], [y, xPublic], [e, fPublic], [f, ePublic], [x, fPublic], [f, xPublic]] as const) suite.x25519(mine, theirs);
    },
  },
};

connect();
const samples = new Map<string, number[]>();
for (let round = 0; round < 8; round += 1) {
  for (const [name, { count, once }] of Object.entries(cases)) {
    const from = process.cpuUsage().user;
    for (let i = 0; i < count; i += 1) once();
    const each = (process.cpuUsage().user - from) / count;
    if (round > 0) samples.set(name, [...(samples.get(name) ?? []), each]); // the first is warm-up
  }
}
console.log(`suite ${suite.name}, us of user CPU each`);
for (const [name, all] of samples) {
  const sorted = [...all].sort((one, other) => one - other);
  console.log(`${name.padEnd(34)} median ${sorted[3]!.toFixed(1).padStart(7)}   ${sorted[0]!.toFixed(1)} .. ${sorted[6]!.toFixed(1)}`);
}
