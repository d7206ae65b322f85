import { test } from 'uvu';
import { is, ok } from 'uvu/assert';
import { Clock } from '../dist/node/clock.js';

/** Runs with a wall clock that is off by what the test says. */
const withWallClock = (use: (setBy: (ms: number) => void) => void): void => {
  const real = Date.now;
  let off = 0;
  Date.now = () => real() + off;
  try {
    use((ms) => (off = ms));
  } finally {
    Date.now = real;
  }
};

test('the clock follows a wall clock that jumps ahead, and never runs back', () => {
  withWallClock((setBy) => {
    const clock = new Clock();
    const before = clock.now();
    setBy(3_600_000);
    const after = clock.now();
    ok(after - before >= 3_599_999 && after - before < 3_601_000, `${after - before} ms`); // Date.now() is whole milliseconds
    setBy(0);
    ok(clock.now() >= after);
    ok(Math.abs(clock.aheadMs() - 3_600_000) < 1_000, `${clock.aheadMs()} ms ahead`);
  });
});

test('a wall clock that is set back a little changes nothing', () => {
  withWallClock((setBy) => {
    const clock = new Clock();
    const before = clock.now();
    setBy(-1_500);
    ok(clock.now() >= before);
    is(clock.aheadMs() > 1_400, true);
  });
});

test.run();
