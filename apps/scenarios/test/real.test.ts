/** Real processes beside the simulator: that both do the same plan, what is told of it, and that no process is left behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agrees, compare } from '../dist/real/compare.js';
import { runReal } from '../dist/real/fleet.js';
import { planOf } from '../dist/real/plan.js';
import { figuresOf } from '../dist/real/result.js';
import { runSimulated } from '../dist/real/simulated.js';

const test = suite('real');
const tiny = planOf(8, 1, true);
const tiniest = planOf(4, 1, true);

test('eight processes reach each other over UDP as the simulator says', async () => {
  const real = figuresOf(tiny, await runReal(tiny));
  const simulated = [1, 2, 3].map((seed) => figuresOf(tiny, runSimulated(tiny, seed)));
  for (const { publishes, reachedShare, wrong } of [real, ...simulated]) assert.equal([publishes, reachedShare, wrong], [8, 1, 0]);
  // Without loss all that carry a packet arrive: those told by their size are those that their senders name.
  for (const { copies, datagramsPerDelivery } of simulated) assert.is(copies, datagramsPerDelivery);
  const rows = compare(real, simulated);
  assert.equal(rows.filter(({ tolerance }) => tolerance === 0).map(agrees), [true, true]);
  assert.ok(real.copies >= 1 && real.latencyMs.max > 0);
});

test('the same seed is the same plan, and the same simulated run', () => {
  assert.equal(planOf(8, 1, true), tiny);
  assert.not.equal(planOf(8, 2, true), tiny);
  assert.equal(runSimulated(tiny, 5), runSimulated(tiny, 5));
});

test('a figure agrees within what the seeds gave and its tolerance beyond', () => {
  const row = { what: 'copies', simulated: { mean: 1.5, min: 1, max: 2 }, unit: 'number', tolerance: 0.2 } as const;
  assert.equal([0.79, 0.81, 1.5, 2.39, 2.41].map((real) => agrees({ ...row, real })), [false, true, true, true, false]);
  assert.ok(agrees({ ...row, real: 99, tolerance: null }));
  assert.not(agrees({ ...row, real: 0.9999, simulated: { mean: 1, min: 1, max: 1 }, tolerance: 0 }));
});

test('on a machine that does not keep up only what must hold everywhere is asked', () => {
  const figures = figuresOf(tiny, runSimulated(tiny, 1));
  const twice = { ...figures, copies: 2 * figures.copies };
  assert.not(compare(twice, [figures]).every(agrees));
  assert.ok(compare(twice, [figures], 101).every(agrees));
  assert.not(compare({ ...twice, reachedShare: 0.9 }, [figures], 101).every(agrees));
});

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const areGone = async (pids: readonly number[]): Promise<boolean> => {
  for (let tries = 0; tries < 200 && pids.some(isThere); tries += 1) await setTimeout(50);
  return !pids.some(isThere);
};

test('leaves no process behind when one fails', async () => {
  let pids: readonly number[] = [];
  const run = runReal(tiniest, (started) => {
    pids = started.map(Number);
    process.kill(pids[3]!, 'SIGKILL');
  });
  await run.then(() => assert.unreachable(), (error: unknown) => assert.match(String(error), /the process of peer 3 ended with SIGKILL/));
  assert.is(pids.length, 6);
  assert.ok(await areGone(pids));
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`leaves no process behind when ${signal} ends it`, async () => {
    const [fleet, plan] = ['fleet', 'plan'].map((name) => new URL(`../dist/real/${name}.js`, import.meta.url).href);
    const code = `import { runReal } from '${fleet!}'; import { planOf } from '${plan!}'; await runReal(planOf(4, 1, true), (pids) => console.log(pids.join()));`;
    const program = spawn(process.execPath, ['--input-type=module', '--eval', code]);
    const [line] = (await once(program.stdout.setEncoding('utf8'), 'data')) as [string];
    const pids = line.trim().split(',').map(Number);
    assert.is(pids.filter(isThere).length, 6);
    program.kill(signal);
    const [, endedBy] = (await once(program, 'exit')) as [number | null, string | null];
    assert.is(endedBy, signal);
    assert.ok(await areGone(pids));
  });
}

test.run();
