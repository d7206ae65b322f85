import { seededRandom, suite as crypto } from '@srp/identity';
import { readU32, utf8 } from '@srp/machine';
import { type LinkOptions, SimError } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Links } from '../dist/links.js';

const test = suite('links');
const seed = new Uint8Array(32).fill(3);
const linksOf = (options: LinkOptions): Links => new Links(options, seededRandom(seed), (label) => readU32(crypto.hmacSha256(seed, utf8(label)), 0) / 2 ** 32);
const many = 20_000;
const sent = (options: LinkOptions): readonly (readonly number[])[] => {
  const links = linksOf(options);
  return Array.from({ length: many }, () => links.delays(0, 1));
};
const isNear = (count: number, share: number): void => {
  const deviation = Math.sqrt(many * share * (1 - share));
  assert.ok(Math.abs(count - many * share) <= 5 * deviation, `${count} of ${many}, asked for ${share}`);
};

const isAbout = (share: number, expected: number, within: number): void => assert.ok(Math.abs(share - expected) < within, `${share}, expected ${expected}`);

test('lose the share of datagrams that was asked for', () => {
  for (const loss of [0, 0.01, 0.1, 0.5, 1]) isNear(sent({ loss }).filter((copies) => copies.length === 0).length, loss);
});

test('lose in runs of the mean length that was asked for, and still the same share of all', () => {
  for (const [loss, burst] of [[0.05, 4], [0.2, 8], [0.3, 1]] as const) {
    const isLost = sent({ loss, burst }).map((copies) => copies.length === 0);
    const lost = isLost.filter(Boolean).length;
    const runs = isLost.filter((is, at) => is && isLost[at - 1] !== true).length;
    assert.ok(Math.abs(lost / many - loss) < 0.02, `${lost} of ${many}, asked for ${loss}`);
    assert.ok(Math.abs(lost / runs - burst) < 0.1 * burst, `runs of ${lost / runs}, asked for ${burst}`);
  }
});

test('keep the runs of each direction of each pair apart', () => {
  const links = linksOf({ loss: 0.5, burst: 100 });
  const ways = Array.from({ length: 400 }, (_, number) => links.delays(number % 20, 20 + Math.floor(number / 20)).length === 0);
  isAbout(ways.filter(Boolean).length / 400, 0.5, 0.15);
});

test('double the share of datagrams that was asked for', () => {
  isNear(sent({ duplication: 0.2 }).filter((copies) => copies.length === 2).length, 0.2);
});

test('take the latency of their pair and up to the jitter more', () => {
  const delays = sent({ latencyMs: 50, jitterMs: 10 }).flat();
  assert.ok(delays.every((ms) => ms >= 50 && ms < 60));
  assert.ok(Math.min(...delays) < 51 && Math.max(...delays) > 59);
});

test('reorder the share that was asked for', () => {
  isNear(sent({ latencyMs: 50, jitterMs: 0, reordering: 0.1, reorderingMs: 100 }).flat().filter((ms) => ms > 50).length, 0.1);
});

test('give each pair a latency of its own, the same both ways and whatever came before', () => {
  const links = linksOf({ latencyMs: [20, 145], jitterMs: 0 });
  const latencies = Array.from({ length: 200 }, (_, number) => links.delays(0, 1 + number)[0]!);
  assert.ok(latencies.every((ms) => ms >= 20 && ms < 145));
  assert.ok(new Set(latencies).size > 190);
  const other = linksOf({ latencyMs: [20, 145], jitterMs: 0 });
  assert.equal(other.delays(8, 0), links.delays(0, 8));
});

test('can be changed for all, and for one pair', () => {
  const links = linksOf({ latencyMs: 30, jitterMs: 0 });
  links.changePair(0, 1, { latencyMs: 99 });
  links.change({ latencyMs: 40 });
  assert.equal(links.delays(1, 0), [99]);
  assert.equal(links.delays(0, 2), [40]);
});

test('refuse a share that is none', () => {
  for (const options of [{ loss: 1.5 }, { loss: Number.NaN }, { jitterMs: -1 }, { burst: 0.5 }, { burst: 1, loss: 0.6 }, { latencyMs: [5, Infinity] as const }]) {
    assert.throws(() => linksOf(options), (error: unknown) => error instanceof SimError && error.code === 'NETWORK_OPTION_WRONG');
  }
});

test.run();
