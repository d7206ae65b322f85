// Where the lab cannot run it says so; where it ran, nothing is left of it.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inKernel, lab, main } from './tools/lab.js';

const test = suite('the room');

test('where the lab cannot run it says so and what it left out, and fails only if it was required', async () => {
  const without = { PATH: '/nowhere' };
  const skipped = await lab(['--pairs', 'open:open'], without);
  assert.is(skipped.status, 0);
  assert.match(skipped.stderr, /^natlab SKIPPED: .*\n {2}The proof of the boxes and the matrix were not run/);
  assert.is(skipped.stdout, '');
  assert.is((await lab([], { ...without, SRP_NATLAB: 'required' })).status, 1);
  assert.is((await lab(['--required'], without)).status, 1);
});

inKernel(test, 'what is left of a killed lab', () => {
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    test(`nothing is left of a lab that was ended by ${signal}`, async () => {
      const mark = `${signal}-${process.pid}`;
      const before = namedHere();
      const child = spawn(process.execPath, [main, '--unproved', '--pairs', 'symmetric:symmetric'], { stdio: 'ignore', env: { ...process.env, SRP_NATLAB_MARK: mark } });
      await until(() => marked(mark).some((command) => command.includes('peer.js')), 'the lab to have peers');
      child.kill(signal);
      await until(() => marked(mark).length === 0, 'the last process to end');
      assert.equal(namedHere(), before);
    });
  }
});

/** The commands of all processes that were started with this mark. */
function marked(mark: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && fileOf(name, 'environ').includes(`SRP_NATLAB_MARK=${mark}`))
    .map((name) => fileOf(name, 'cmdline'));
}

/** Empty for a process that has ended meanwhile, or has ended and was not noticed by its parent. */
function fileOf(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** The network namespaces that this machine knows by name. */
function namedHere(): readonly string[] {
  return existsSync('/run/netns') ? readdirSync('/run/netns') : [];
}

/** Looks 20 times a second, for 30 s at most. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let times = 0; times < 600; times += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.unreachable(`waited 30 s for ${what}`);
}

test.run();
