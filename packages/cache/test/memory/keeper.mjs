// A process that makes objects, keeps them in a cache if told so, and prints its resident set.
import { PacketCache } from '@srp/cache';
import { seededRandom } from '@srp/identity';
import { decodePacket, encodePacket } from '@srp/wire';

const [keeps, shape] = process.argv.slice(2);
const start = 1_800_000_000_000;
const hex = (n, digits) => n.toString(16).padStart(digits, '0');
/** Of few parties, or each of an author, a topic and a network of its own, and after another object. */
const object = (n) => {
  const isDear = shape === 'dear';
  const fields = { kind: 'message', life: 2, postage: 16, time: start / 1000 + n, next: null, signature: new Uint8Array(64) };
  const body = new Uint8Array(40 + ((n * 197) % 900));
  const read = decodePacket(encodePacket({ ...fields, body, tag: hex(isDear ? n + 1 : (n % 5) + 1, 16), prev: isDear ? hex(n + 1, 32) : null, author: hex(isDear ? n : n % 20, 16).padEnd(64, '0') }));
  return { packet: read.value, ingress: isDear ? `4:${n}` : `4:192.0.${n % 16}` };
};

const cache = new PacketCache({ random: seededRandom(new Uint8Array(32)) });
for (let n = 0; n < 30_000; n += 1) {
  const { packet, ingress } = object(n);
  if (packet.id.length === 32 && keeps === 'full') cache.handle(start + n * 1000, { kind: 'insert', packet, postage: 15, pool: 'stranger', ingress });
}
for (let n = 0; n < 4; n += 1) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log(JSON.stringify({ rss: process.memoryUsage.rss(), bytes: cache.stats().bytes }));
