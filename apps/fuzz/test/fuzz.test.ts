import { test } from 'uvu';
import { equal, is, match } from 'uvu/assert';
import { run } from '../dist/run.js';
import { targets } from '../dist/targets/index.js';

const inputs: Readonly<Record<string, number>> = { objects: 3_000, frames: 20_000, cbor: 20_000, datagrams: 20_000, invites: 5_000, strangers: 2_000, captured: 1_000, session: 2_000 };

for (const [name, make] of Object.entries(targets)) {
  test(`${name} stand a short fuzz with a fixed seed`, () => {
    const { failure, inputs: fed } = run(name, make, 1, { inputs: inputs[name] ?? 0 });
    equal(failure, null);
    is(fed, inputs[name]);
  });
}

test('a target that breaks is reported with the input that did it', () => {
  const outcome = run('broken', () => ({
    corpus: [Uint8Array.of(1, 2, 3)],
    feed: (input) => {
      if (input.length > 3) throw new RangeError('too long for me');
    },
  }), 1, { inputs: 1_000 });
  match(outcome.failure?.what ?? '', /too long for me/);
  match(outcome.failure?.input ?? '', /^(?:[0-9a-f]{2}){4,}$/);
});

test('a target that no longer does its work is reported, though nothing threw', () => {
  const outcome = run('dead', () => ({
    corpus: [Uint8Array.of(1)],
    feed: () => undefined,
    check: () => {
      throw new Error('does nothing any more');
    },
  }), 1, { inputs: 10 });
  match(outcome.failure?.what ?? '', /does nothing any more/);
});

test('one seed feeds one story', () => {
  const story = (seed: number): number[] => {
    const lengths: number[] = [];
    run('story', () => ({ corpus: [new Uint8Array(50)], feed: (input) => void lengths.push(input.length) }), seed, { inputs: 200 });
    return lengths;
  };
  equal(story(7), story(7));
  is(JSON.stringify(story(7)) === JSON.stringify(story(8)), false);
});

test.run();
