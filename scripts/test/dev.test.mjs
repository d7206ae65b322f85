import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const script = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const processes = new URL('../dev/process.mjs', import.meta.url).href;
const test = suite('dev');

test('explains itself and refuses a verb it does not know', () => {
  const dev = (...args) => spawnSync(process.execPath, [script('dev.mjs'), ...args], { encoding: 'utf8' });
  assert.match(dev('test', '--help').stdout, /npm test -- --force/);
  assert.is(dev('test', '--help').status, 0);
  const refused = dev('dance');
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /Cannot run dance/);
});

test('says so when a program cannot be started', () => {
  const code = "process.exitCode = await run('no-such-program-anywhere', []);";
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `import { run } from '${processes}'; ${code}`], { encoding: 'utf8' });
  assert.is(status, 127);
  assert.match(stderr, /Cannot run no-such-program-anywhere/);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  test(`passes ${signal} on without a terminal, waits, and ends with the program's own code`, async () => {
    const leaves = `process.on('${signal}', () => setTimeout(() => process.exit(7), 50)); setInterval(() => {}, 1000); console.log('ready');`;
    const code = `process.exitCode = await runInteractive(process.execPath, ['-e', ${JSON.stringify(leaves)}]);`;
    const wrapper = spawn(process.execPath, ['--input-type=module', '-e', `import { runInteractive } from '${processes}'; ${code}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    wrapper.stdout.once('data', () => wrapper.kill(signal));
    assert.is(await new Promise((done) => wrapper.on('close', done)), 7);
  });
}

test.run();
