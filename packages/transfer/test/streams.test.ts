/** Byte streams between two peers: whole and in order whatever is lost, quick when there is little to say, and at the pace of who reads. */
import { instant, type PeerId } from '@srp/machine';
import { type StreamInput, type StreamOutput, Streams, TransferError } from '@srp/transfer';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { contentOf } from './support/files.js';
import { type LineOptions, quantile, World } from './support/line.js';
import { Talker } from './support/talkers.js';

const test = suite('streams');
const seed = Number(process.env['SRP_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`  seed ${seed}`);
const line = { bitsPerSecond: 20_000_000, rttMs: 50 };

const meet = (options: LineOptions, worldSeed = 1): { readonly world: World; readonly ann: Talker; readonly ben: Talker } => {
  const world = new World(options, worldSeed);
  const [ann, ben] = [new Talker(world, 1), new Talker(world, 2)];
  ann.meet(ben);
  ben.meet(ann);
  return { world, ann, ben };
};

/** Everything that two put into a stream, one after the other with pauses. */
const writes = fc.array(fc.tuple(fc.nat({ max: 6000 }), fc.nat({ max: 300 })), { maxLength: 20 });

test('what is written on either side comes whole and in order on the other, whatever is lost', () => {
  fc.assert(
    fc.property(writes, writes, fc.nat({ max: 25 }), fc.constantFrom(0, 3), fc.integer({ min: 1, max: 250 }), (ours, theirs, loss, burst, worldSeed) => {
      const { world, ann, ben } = meet({ ...line, loss: loss / 100, burst }, worldSeed);
      const talk = (who: Talker, stream: number, said: typeof ours): Buffer => {
        let at = 0;
        const parts = said.map(([size], i) => contentOf(size, (i % 200) + 1));
        for (const [i, part] of parts.entries()) world.later((at += said[i]?.[1] ?? 0), () => who.write(stream, part));
        world.later(at, () => who.end(stream));
        return Buffer.concat(parts);
      };
      const stream = ann.open();
      const expected = talk(ann, stream, ours);
      let answer: Buffer = Buffer.alloc(0);
      ben.onStream = () => (answer = talk(ben, stream, theirs));
      world.run(240_000, () => ann.ended.length + ben.ended.length + ann.delivered.length + ben.delivered.length === 4);
      assert.equal([ann.ended, ben.ended, ann.delivered, ben.delivered, ann.broken, ben.broken], [[stream], [stream], [stream], [stream], [], []]);
      assert.ok(ben.bytesOf(stream).equals(expected) && ann.bytesOf(stream).equals(answer));
      world.run(world.at + 30_000);
      assert.ok(!ann.machine.uses(ben.id) && !ben.machine.uses(ann.id));
      assert.equal([ann.machine.deadline(), ben.machine.deadline()], [null, null]);
    }),
    { seed, numRuns: 40 },
  );
});

test('a request and its answer take one round trip', () => {
  const { world, ann, ben } = meet(line);
  const stream = ann.open('double');
  ann.write(stream, contentOf(5000));
  ann.end(stream);
  ben.onEnded = () => {
    ben.write(stream, contentOf(10_000));
    ben.end(stream);
  };
  world.run(10_000, () => ann.ended.length > 0);
  assert.ok(world.at < 70, `${world.at}`);
  assert.equal(ben.streams, [{ kind: 'stream', peer: ann.id, stream, label: 'double', isOurs: false }]);
});

test('after hours of silence a word takes half a round trip, and silence costs nothing', () => {
  const { world, ann, ben } = meet(line);
  const stream = ann.open();
  ann.write(stream, contentOf(50_000));
  world.run(5_000);
  assert.equal([ann.machine.deadline(), ben.machine.deadline()], [null, null]);
  world.run(7_200_000);
  ann.write(stream, contentOf(100));
  world.run(7_200_200);
  assert.is(ben.bytesOf(stream).length, 50_100);
  assert.ok((ben.cameAt.at(-1) ?? 0) < 7_200_026);
});

test('a long stream fills the line as a file does, with a queue below 100 ms', () => {
  const { world, ann, ben } = meet(line);
  const stream = ann.open();
  const bytes = contentOf(1024 * 1024);
  const pump = (): void => {
    while ((ann.waiting.get(stream) ?? 0) < 256 * 1024) {
      ann.write(stream, bytes);
      ann.waiting.set(stream, (ann.waiting.get(stream) ?? 0) + bytes.length);
    }
    world.later(5, pump);
  };
  pump();
  world.run(10_000);
  const came = (ben.heard.get(stream) ?? []).reduce((sum, { length }) => sum + length, 0);
  const share = came / (10_000 * world.bytesPerMs);
  console.log(`  ${(100 * share).toFixed(1)} %, queue p95 ${quantile(world.queueMs, 0.95).toFixed(0)} ms`);
  assert.ok(share > 0.85, `${share}`);
  assert.ok(quantile(world.queueMs, 0.95) < 100);
});

test('who does not read holds the other up at 2 MiB, and gets the rest when he reads', () => {
  const { world, ann, ben } = meet({ ...line, bitsPerSecond: 100_000_000 });
  ben.reads = false;
  const stream = ann.open();
  const bytes = contentOf(6 * 1024 * 1024);
  ann.write(stream, bytes);
  ann.end(stream);
  world.run(20_000);
  const held = ben.bytesOf(stream).length;
  assert.ok(held > 1_900_000 && held < 2 * 1024 * 1024 + 2 * 1186, `${held}`);
  assert.equal(ben.ended, []);
  ben.reads = true;
  ben.input({ kind: 'consumed', peer: ann.id, stream, bytes: held });
  world.run(60_000, () => ben.ended.length > 0);
  assert.ok(ben.bytesOf(stream).equals(Buffer.from(bytes)));
});

test('a stream that one side breaks ends at both, with the reason', () => {
  const { world, ann, ben } = meet(line);
  const stream = ann.open();
  ann.write(stream, contentOf(100_000));
  world.run(30);
  ben.input({ kind: 'break', peer: ann.id, stream, reason: 'refused' });
  world.run(2_000);
  assert.equal(ann.broken, ['refused']);
  assert.ok(!ann.machine.uses(ben.id) && !ben.machine.uses(ann.id));
  const other = ann.open();
  world.run(3_000);
  ann.input({ kind: 'gone', peer: ben.id });
  assert.equal(ann.broken, ['refused', 'gone']);
  ben.write(other, contentOf(10));
  world.run(4_000);
  assert.equal(ann.dropped.slice(0, 1), []);
});

test('a peer that has forgotten a stream says so, and one that never answers is given up after a minute', () => {
  const { world, ann, ben } = meet(line);
  const stream = ann.open();
  ann.write(stream, contentOf(10));
  world.run(1_000);
  ben.machine = new Streams(ben.id, 9);
  ben.input({ kind: 'frame', peer: ann.id, frame: { kind: 'ask', stream, below: 1, ranges: [] } });
  world.run(2_000);
  assert.equal(ann.broken, ['unknown']);
  ann.meddling = (output) => (output.kind === 'chunk' || output.kind === 'frame' ? null : output);
  ann.open();
  world.run(90_000);
  assert.equal(ann.broken, ['unknown', 'silent']);
});

test('an opening that is lost is said again, with nothing written too', () => {
  const { world, ann, ben } = meet(line);
  let lost = 0;
  ann.meddling = (output) => (output.kind === 'frame' && output.frame.kind === 'open' && (lost += 1) < 3 ? null : output);
  const stream = ann.open();
  world.run(2_000);
  assert.equal(ben.streams.map((one) => one.stream), [stream]);
  assert.is(lost, 3);
});

test('both may open at once, and number their streams apart', () => {
  const { world, ann, ben } = meet(line);
  const [first, second] = [ann.open('a'), ben.open('b')];
  assert.is.not(first % 2, second % 2);
  ann.write(first, contentOf(10));
  ben.write(second, contentOf(20));
  world.run(500);
  assert.is(ben.bytesOf(first).length, 10);
  assert.is(ann.bytesOf(second).length, 20);
  assert.equal(new Streams(ann.id, 0).handle(instant(0), { kind: 'frame', peer: ben.id, frame: { kind: 'open', stream: 4, label: 'x' } }), [{ kind: 'dropped', reason: 'stream-number-taken' }]);
});

test('whatever a peer says: nothing throws, and nothing grows beyond its bound', () => {
  const peer = '2'.padStart(64, '0') as PeerId;
  const u32 = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 0xffff_ffff }));
  const range = fc.tuple(u32, fc.integer({ min: 1, max: 65_535 })).map(([first, count]) => ({ first: Math.min(first, 0xffff_ffff - count), count }));
  const stream = fc.nat({ max: 70 });
  const said: fc.Arbitrary<StreamInput> = fc.oneof(
    fc.record({ kind: fc.constant('frame' as const), peer: fc.constant(peer), frame: fc.record({ kind: fc.constant('open' as const), stream, label: fc.constant('x') }) }),
    fc.record({ kind: fc.constant('frame' as const), peer: fc.constant(peer), frame: fc.record({ kind: fc.constant('ask' as const), stream, below: u32, ranges: fc.array(range, { maxLength: 32 }) }) }),
    fc.record({ kind: fc.constant('frame' as const), peer: fc.constant(peer), frame: fc.record({ kind: fc.constant('reset' as const), stream, reason: fc.nat({ max: 255 }) }) }),
    fc.record({ kind: fc.constant('chunks' as const), peer: fc.constant(peer), chunks: fc.array(fc.record({ stream, number: u32, held: fc.nat({ max: 65_535 }), isLast: fc.boolean(), isIdle: fc.boolean(), bytes: fc.uint8Array({ maxLength: 30 }) }), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('write' as const), peer: fc.constant(peer), stream, bytes: fc.uint8Array({ maxLength: 3000 }) }),
    fc.record({ kind: fc.constant('end' as const), peer: fc.constant(peer), stream }),
    fc.constant({ kind: 'wakeup' as const }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(said, fc.nat({ max: 500 })), { maxLength: 200 }), (inputs) => {
      const machine = new Streams('1'.padStart(64, '0') as PeerId, 0);
      let at = 0;
      for (const [input, ms] of inputs) {
        at += ms;
        const outputs = machine.handle(instant(at), input);
        assert.ok(outputs.filter((output: StreamOutput) => output.kind === 'chunk').length <= 200, 'one word made it say too much');
        for (const { size, max } of machine.bounds()) assert.ok(size <= max);
      }
    }),
    { seed, numRuns: 100 },
  );
});

test('who asks for everything and acknowledges nothing gets 4096 pieces, and as many words as he has streams', () => {
  const [self, peer] = ['1', '2'].map((one) => one.padStart(64, '0') as PeerId) as [PeerId, PeerId];
  const machine = new Streams(self, 0);
  let pieces = 0;
  const tell = (input: StreamInput): readonly StreamOutput[] => {
    const outputs = machine.handle(instant(0), input);
    pieces += outputs.filter(({ kind }) => kind === 'chunk').length;
    return outputs;
  };
  tell({ kind: 'open', peer, label: 'x' });
  tell({ kind: 'write', peer, stream: 0, bytes: new Uint8Array(8 * 1024 * 1024) });
  tell({ kind: 'frame', peer, frame: { kind: 'ask', stream: 0, below: 0, ranges: [{ first: 16, count: 65_535 }, { first: 60_000, count: 65_535 }] } });
  assert.is(pieces, 4096);
  pieces = 0;
  tell({ kind: 'frame', peer, frame: { kind: 'ask', stream: 0, below: 0, ranges: [{ first: 0, count: 65_535 }] } });
  assert.is(pieces, 64);
  for (let i = 1; i < 64; i += 1) tell({ kind: 'open', peer, label: 'x' });
  assert.throws(() => tell({ kind: 'open', peer, label: 'x' }), (error: unknown) => error instanceof TransferError && error.code === 'STREAMS_FULL');
  assert.equal(tell({ kind: 'frame', peer, frame: { kind: 'open', stream: 1, label: 'x' } }), [{ kind: 'frame', to: peer, frame: { kind: 'reset', stream: 1, reason: 3 } }]);
});

test.run();
