/** What moves files, with neighbours that lie about blocks and about what they have: nothing wrong is written, and an honest one still brings the file. */
import { equal, ok } from 'node:assert/strict';
import { seededRandom } from '@srp/identity';
import { after, type Instant, type PeerId, readU16, toHex, wakeup } from '@srp/machine';
import { type FileTree, groupBytes, openGroup, type TransferInput, type TransferOutput, Transfers, TreeBuilder } from '@srp/transfer';
import { decodeBlock, decodeFrame, encodeFrame, type Frame } from '@srp/wire';
import type { Chance } from '../chance.js';
import { mutated } from '../mutate.js';
import { start } from '../samples.js';
import type { Subject, Target } from '../target.js';

const peer = (index: number): PeerId => toHex(new Uint8Array(32).fill(index + 1)) as PeerId;
const neighbours = Array.from({ length: 5 }, (_, index) => peer(index));
const honest = peer(200);
const self = peer(201);
const key = new Uint8Array(32).fill(7);

interface File {
  readonly content: Uint8Array;
  readonly tree: FileTree;
}

const fileOf = (size: number, seed: number): File => {
  const content = seededRandom(new Uint8Array(32).fill(seed)).bytes(size);
  const builder = new TreeBuilder(key, size);
  for (let at = 0; at < size; at += groupBytes) builder.push(content.subarray(at, at + groupBytes));
  return { content, tree: builder.finish() };
};

/** What the subject shares, and what it fetches: more than a group, and nodes on three levels. */
const shared = fileOf(70_000, 1);
const wanted = fileOf(1_100_000, 2);
const transfer = 9;

const frame = (chance: Chance): Frame => {
  const { tree } = chance.oneIn(2) ? shared : wanted;
  const first = chance.pick([0, 1, 31, 32, 1000, chance.below(tree.shape.blockCount), tree.shape.topPosition, 0xffff_ff00]);
  const from = chance.pick([0, chance.below(40), 0xffff_0000]);
  const also = chance.oneIn(2) ? [] : [from + 1 + chance.below(200)];
  return chance.pick<Frame>([
    { kind: 'pull', transfer: chance.below(3), file: tree.id.slice(0, 32), ranges: [{ first, count: 1 + chance.below(64) }] },
    { kind: 'no-block', transfer, reason: chance.pick(['unknown', 'absent', 'unreadable', 'busy']), range: { first, count: 1 + chance.below(64) } },
    { kind: 'holds', transfer, from: 0, until: from, also },
    { kind: 'holds', transfer, from, until: from, also },
  ]);
};
const samples = Array.from({ length: 3 }, (_, k) => encodeFrame({ kind: 'holds', transfer, from: 0, until: 3 * k, also: [3 * k + 1, 3 * k + 9] }));

/** An input: what happens, which neighbour, and the frame, the block by its place and whether it is true, or how long. */
const happenings = ['frame', 'block', 'source', 'gone', 'pass'] as const;

const make = (chance: Chance): Uint8Array => {
  const happening = chance.pick([0, 0, 0, 1, 1, 1, 2, 3, 4, 4]);
  const rest = happening === 0 ? (chance.oneIn(8) ? mutated(chance, samples) : encodeFrame(frame(chance))) : chance.bytes(3);
  return Uint8Array.of(happening, chance.below(neighbours.length), ...rest);
};

/** A machine and its disk, which answers at once. */
class Side {
  readonly machine = new Transfers();
  readonly disk = new Uint8Array(wanted.content.length);
  isFetched = false;
  readonly #files: readonly File[];
  readonly #say: (output: TransferOutput & { readonly to: PeerId }) => void;

  constructor(files: readonly File[], say: (output: TransferOutput & { readonly to: PeerId }) => void) {
    this.#files = files;
    this.#say = say;
    for (const { tree } of files) this.take(start, { kind: 'share', tree });
  }

  take(now: Instant, input: TransferInput): void {
    for (const output of this.machine.handle(now, input)) {
      switch (output.kind) {
        case 'frame':
        case 'block':
          this.#say(output);
          break;
        case 'read': {
          const { id, transfer: own, group, offset, length } = output;
          const content = own === null ? this.#files.find(({ tree }) => tree.id === id)?.content : this.disk;
          this.take(now, { kind: 'read', id, transfer: own, group, bytes: content?.subarray(offset, offset + length) ?? null });
          break;
        }
        case 'write':
          ok(Buffer.compare(output.bytes, wanted.content.subarray(output.offset, output.offset + output.bytes.length)) === 0, 'something wrong was written');
          this.disk.set(output.bytes, output.offset);
          this.take(now, { kind: 'written', transfer: output.transfer, group: output.group });
          break;
        case 'fetched':
          this.isFetched = true;
          break;
        case 'broken':
          ok(false, 'a file that nobody broke counts as broken');
          break;
        case 'changed':
          ok(false, 'a file that nobody changed counts as changed');
          break;
        case 'dropped':
      }
    }
    for (const { name, size, max } of this.machine.bounds()) ok(size <= max, `${name}: ${size} of ${max}`);
  }
}

const fetchWanted = { kind: 'fetch', transfer, id: wanted.tree.id, key, size: wanted.content.length, firstGroup: 0 } as const;

/** The block at a place, as it should be, or zeros. */
const blockAt = (place: number, isTrue: boolean): { readonly transfer: number; readonly position: number; readonly bytes: Uint8Array } => {
  const { shape, upper } = wanted.tree;
  const position = place % shape.blockCount;
  const { level, index } = shape.locate(position);
  const bytes = new Uint8Array(1024);
  if (!isTrue) return { transfer, position, bytes };
  if (level >= 2) bytes.set(upper.subarray((position - shape.position(2, 0)) * 1024).subarray(0, 1024));
  else {
    const group = openGroup(wanted.tree, level === 1 ? index : Math.floor(index / 32), wanted.content.subarray((level === 1 ? index : Math.floor(index / 32)) * groupBytes).subarray(0, groupBytes));
    bytes.set(level === 1 ? (group?.node ?? bytes) : (group?.leaves.subarray((index % 32) * 1024).subarray(0, 1024) ?? bytes));
  }
  return { transfer, position, bytes };
};

const open = (): Subject => {
  let now = start;
  const air: (readonly [from: PeerId, output: TransferOutput & { readonly to: PeerId }])[] = [];
  let isHonestThere = false;
  const side = new Side([shared], (output) => {
    if (isHonestThere && output.to === honest) air.push([self, output]);
  });
  side.take(now, fetchWanted);
  return {
    feed: (input) => {
      const from = neighbours[(input[1] ?? 0) % neighbours.length] ?? honest;
      switch (happenings[(input[0] ?? 0) % happenings.length] ?? 'frame') {
        case 'frame': {
          const read = decodeFrame(input.subarray(2));
          if (read.ok && (read.value.kind === 'pull' || read.value.kind === 'no-block' || read.value.kind === 'holds')) side.take(now, { kind: 'frame', peer: from, frame: read.value });
          break;
        }
        case 'block':
          if (input.length >= 5) side.take(now, { kind: 'blocks', peer: from, blocks: [blockAt(readU16(input, 2), (input[4] ?? 0) > 8)] });
          break;
        case 'source':
          side.take(now, { kind: 'source', transfer, peer: from });
          break;
        case 'gone':
          side.take(now, { kind: 'gone', peer: from });
          break;
        case 'pass':
          now = after(now, input.length < 4 ? 1 : readU16(input, 2) % 8_000);
          side.take(now, wakeup);
      }
    },
    check: () => {
      isHonestThere = true;
      const other = new Side([wanted], (output) => {
        if (output.to === self) air.push([honest, output]);
      });
      side.take(now, { kind: 'source', transfer, peer: honest });
      for (let second = 0; second < 20_000 && !side.isFetched; second += 1) {
        for (let next = air.shift(); next !== undefined; next = air.shift()) {
          const [from, output] = next;
          const to = from === self ? other : side;
          const block = output.kind === 'block' ? decodeBlock(output.bytes) : null;
          if (output.kind === 'frame') to.take(now, { kind: 'frame', peer: from, frame: output.frame });
          else if (block?.ok === true) to.take(now, { kind: 'blocks', peer: from, blocks: [block.value] });
        }
        now = after(now, 50);
        side.take(now, wakeup);
      }
      ok(side.isFetched, 'an honest source could not bring the file');
      equal(Buffer.compare(side.disk, wanted.content), 0);
    },
  };
};

export const transferTarget: Target = { name: 'transfer', inputsPerCase: 600, inputMsMax: 100, grownBytesMax: 32 * 1024 * 1024, make, open };
