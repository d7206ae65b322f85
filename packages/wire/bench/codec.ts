/**
 * Question: what does an object of 1024 bytes of plaintext cost to write and to read, without any cryptography?
 *
 * Method: each candidate runs in turn in rounds of the same length, so that a busy machine slows all alike; the
 * median and the spread (p10..p90) over the rounds are printed, in nanoseconds.
 * Control: the same fields written and read at constant offsets by the least code that does it (floor), and the
 * same fields as one CBOR array by cbor-x.
 * Limits: one process, warm code, one object; the ids are never computed. Reading hex ids is shown apart.
 *
 * usage: npm run build, then node --import tsx bench/codec.ts
 */
import type { AuthorId, PacketId, ShortId, TopicTag } from '@srp/machine';
import { decodePacket, encodePacket, type Packet } from '@srp/wire';
import { Encoder } from 'cbor-x';

const rounds = 41;
const perRound = 20_000;

const fields = {
  kind: 'message',
  life: 2,
  postage: 16,
  time: 1_764_000_000,
  tag: 'a0'.repeat(8) as TopicTag,
  prev: 'b1'.repeat(16) as PacketId,
  next: 'c2'.repeat(8) as ShortId,
  author: 'd3'.repeat(32) as AuthorId,
  signature: new Uint8Array(64).fill(4),
  body: new Uint8Array(1064).fill(5),
} as const;
const bytes = encodePacket(fields);
const reused = new Uint8Array(1198);
const raw = [0x58, 16, fields.time, bytes.slice(6, 14), bytes.slice(14, 30), bytes.slice(30, 38), bytes.slice(38, 70), fields.signature, fields.body] as const;
const cborX = new Encoder({ useRecords: false, tagUint8Array: false });

const floorEncode = (): Uint8Array => {
  const out = new Uint8Array(1198);
  out[0] = raw[0];
  out[1] = raw[1];
  new DataView(out.buffer).setUint32(2, raw[2]);
  out.set(raw[3], 6);
  out.set(raw[4], 14);
  out.set(raw[5], 30);
  out.set(raw[6], 38);
  out.set(raw[7], 70);
  out.set(raw[8], 134);
  return out;
};
const floorDecode = (from: Uint8Array) => ({
  head: from[0],
  postage: from[1],
  time: ((from[2] ?? 0) << 24) | ((from[3] ?? 0) << 16) | ((from[4] ?? 0) << 8) | (from[5] ?? 0),
  tag: from.subarray(6, 14),
  prev: from.subarray(14, 30),
  next: from.subarray(30, 38),
  author: from.subarray(38, 70),
  signature: from.subarray(70, 134),
  body: from.subarray(134),
});
const decode = (): Packet => {
  const packet = decodePacket(bytes);
  if (!packet.ok) throw new Error(packet.reason);
  return packet.value;
};

let sink = 0;
const candidates: Record<string, () => void> = {
  'floor: encode + decode': () => void (sink += floorDecode(floorEncode()).postage ?? 0),
  'wire: encode + decode': () => {
    const packet = decodePacket(encodePacket(fields));
    if (packet.ok) sink += packet.value.postage;
  },
  'wire: encode into the same bytes + decode': () => {
    const packet = decodePacket(encodePacket(fields, reused));
    if (packet.ok) sink += packet.value.postage;
  },
  'cbor-x: encode + decode': () => void (sink += (cborX.decode(cborX.encode(raw)) as number[])[1] ?? 0),
  'floor: decode, all fields as views': () => void (sink += floorDecode(bytes).postage ?? 0),
  'wire: decode': () => void (sink += decode().postage),
  'wire: decode, kind, life, postage, time': () => {
    const packet = decode();
    sink += packet.kind.length + packet.life + packet.postage + packet.time;
  },
  'wire: decode, tag as hex': () => void (sink += decode().tag.length),
  'wire: decode, tag, prev, next, author as hex': () => {
    const packet = decode();
    sink += packet.tag.length + (packet.prev?.length ?? 0) + (packet.next?.length ?? 0) + packet.author.length;
  },
  'wire: decode, id (SHA-256)': () => void (sink += decode().id.length),
};

const samples = new Map(Object.keys(candidates).map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(candidates)) {
    const from = process.hrtime.bigint();
    for (let i = 0; i < perRound; i += 1) run();
    if (round > 0) samples.get(name)?.push(Number(process.hrtime.bigint() - from) / perRound);
  }
}
for (const [name, times] of samples) {
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(0).padStart(6);
  console.log(`${name.padEnd(48)} ${at(0.5)} ns   (${at(0.1)} ..${at(0.9)})`);
}
if (sink === 0) console.log(sink);
