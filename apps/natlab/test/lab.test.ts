// The lab in the kernel. Where it cannot run, it says so and counts one test; with SRP_NATLAB=required that one fails.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Proof } from '../dist/lab/proof.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const test = suite('the lab');

const lab = async (...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> =>
  await new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (text: Buffer) => (said[stream] += text.toString()));
    child.on('close', (status) => resolve({ status, ...said }));
  });

interface Entry {
  a: string;
  b: string;
  delivered: boolean;
  path: string;
  ms: number | null;
  packets: number;
}

const proof = await lab('--prove', '--json');

if (proof.stderr.includes('SKIPPED')) {
  test('is skipped where it cannot run, and says so', () => {
    console.log(`\n${proof.stderr}`);
    assert.is(proof.status, 0, proof.stderr);
  });
} else {
  // Written out here a second time on purpose: what the names mean, apart from how the boxes are made.
  const meanings = {
    open: 'independent independent',
    'full-cone': 'independent independent',
    'address-restricted': 'independent address',
    'port-restricted': 'independent address-and-port',
    symmetric: 'address-and-port address-and-port',
    'symmetric-block': 'address-and-port address-and-port',
    'carrier-grade': 'independent address-and-port',
    'one-nat': 'independent address-and-port',
    'one-nat-hairpin': 'independent independent',
    'dual-stack': 'independent address-and-port',
    'ipv6-only': 'independent address-and-port',
  };
  const { proofs = [] } = JSON.parse(proof.stdout || '{}') as { proofs?: Proof[] };
  const proofsOf = (kind: string): Proof[] => {
    const found = proofs.filter((one) => one.kind === kind);
    assert.ok(found.length > 0, `no proof of ${kind}: ${proof.stderr}`);
    return found;
  };

  for (const [kind, meaning] of Object.entries(meanings)) {
    test(`the kernel's ${kind} is what it is named`, () => {
      for (const { family, finding, faults } of proofsOf(kind)) {
        assert.is(`${finding.mapping} ${finding.filtering}`, meaning);
        assert.is(finding.hairpin, family === 6 || ['open', 'one-nat-hairpin'].includes(kind));
        assert.is(finding.lives, kind === 'open' ? null : true);
        assert.is(finding.punchable, meaning.startsWith('independent') ? true : null);
        assert.equal(faults, []);
      }
    });
  }

  test('a symmetric box draws from all ports, or from its block of 4096', () => {
    const [low, high] = proofsOf('symmetric')[0]!.finding.ports!;
    assert.ok(high - low > 40_000, `${low}..${high}`);
    const [lowOfBlock, highOfBlock] = proofsOf('symmetric-block')[0]!.finding.ports!;
    assert.ok(highOfBlock - lowOfBlock > 2_048 && highOfBlock - lowOfBlock < 4_096, `${lowOfBlock}..${highOfBlock}`);
  });

  test('peers meet behind the kernel\'s NATs wherever a simple punch does it, and hear each other in any case', async () => {
    const direct = [
      'open:symmetric', 'full-cone:port-restricted', 'address-restricted:symmetric', 'port-restricted:port-restricted', 'port-restricted:carrier-grade',
      'one-nat:one-nat', 'one-nat-hairpin:one-nat-hairpin', 'dual-stack:port-restricted',
    ];
    const { status, stdout, stderr } = await lab('--unproved', '--json', '--check', '--pairs', ['symmetric:symmetric', ...direct].join());
    assert.is(status, 0, stderr);
    assert.is(stdout.trim().split('\n').length, 1);
    const { pairs } = JSON.parse(stdout) as { pairs: Entry[] };
    assert.equal(pairs.map(({ a, b, path }) => `${a}:${b} ${path}`), ['symmetric:symmetric relayed', ...direct.map((name) => `${name} direct`)]);
    for (const { delivered, ms, packets } of pairs) assert.ok(delivered && ms !== null && ms > 0 && packets > 0);
  });

  test('a world that loses nine of ten datagrams lets nobody meet in 2 s, and the check fails', async () => {
    const { status, stdout } = await lab('--unproved', '--json', '--check', '--pairs', 'open:open', '--loss', '0.9', '--limit', '2');
    const { pairs } = JSON.parse(stdout) as { pairs: Entry[] };
    assert.is(status, 1);
    assert.equal(pairs.map(({ delivered, path, ms }) => ({ delivered, path, ms })), [{ delivered: false, path: 'none', ms: null }]);
  });

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
}

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
