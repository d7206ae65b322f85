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

test('lose the share of datagrams that was asked for', () => {
  for (const loss of [0, 0.01, 0.1, 0.5, 1]) isNear(sent({ loss }).filter((copies) => copies.length === 0).length, loss);
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
  for (const options of [{ loss: 1.5 }, { loss: Number.NaN }, { jitterMs: -1 }, { latencyMs: [5, Infinity] as const }]) {
    assert.throws(() => linksOf(options), (error: unknown) => error instanceof SimError && error.code === 'NETWORK_OPTION_WRONG');
  }
});

test.run();
