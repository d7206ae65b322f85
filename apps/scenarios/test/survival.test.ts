/** Survival: what its figures are made of, that they say so when packets are lost, and that a small run works. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMet } from '../dist/report/targets.js';
import { readSurvival } from '../dist/survival/options.js';
import { figuresOf, targetsOf } from '../dist/survival/report.js';
import type { PacketResult, SurvivalResult } from '../dist/survival/result.js';
import { Survival } from '../dist/survival/survival.js';
import { introducersOf, samples, survivalWorld, type World } from '../dist/survival/world.js';

const test = suite('survival');
const world: World = { ...survivalWorld, nodes: 24, packets: 2, hours: 0.5, onHours: 1, offHours: 0.5, open: 0.5, warmUpMs: 1_200_000 };
const packet = (copies: number, online: number, sent: number, foundMs: number | null): PacketResult => ({ id: 'p', atMs: 0, curve: Array.from({ length: samples + 1 }, () => ({ copies, online })), sent, foundMs });
const run = (packets: readonly PacketResult[], introducersHeld = 0): SurvivalResult => ({ seed: 1, packets, introducers: 4, introducersHeld, datagramsPerPeerHour: 2_000, meanOnline: 8, virtualMs: 1, traceHash: '', life: null });

test('figures are shares of all packets, and transmissions those of a day', () => {
  const figures = figuresOf({ ...survivalWorld, hours: 12 }, [run([packet(10, 3, 30, 900), packet(4, 0, 50, null)]), run([packet(0, 0, 10, null), packet(6, 2, 30, 2_000)], 3)]);
  const { packets, alive, online, found, transmissionsPerPacketDay, copies, foundMs, introducersHeld } = figures;
  assert.equal({ packets, alive, online, found }, { packets: 4, alive: 0.75, online: 0.5, found: 0.5 });
  assert.equal({ transmissionsPerPacketDay, copies, introducersHeld }, { transmissionsPerPacketDay: 60, copies: 5, introducersHeld: 3 });
  assert.equal(foundMs, { p50: 900, p95: 2_000, max: 2_000 });
  assert.equal([figures.curve.hours.at(-1), figures.curve.alive.at(-1), figures.curve.copies.at(-1)], [12, 0.75, 5]);
  assert.equal(targetsOf(figures).map(isMet), [false, false, true]);
});

test('a day wants every packet, a week 999 of 1000, and nothing at all is nothing reached', () => {
  const of = (hours: number, found: number): readonly boolean[] => targetsOf({ ...figuresOf({ ...survivalWorld, hours }, [run([packet(1, 1, 1, 1)])]), found }).map(isMet);
  assert.equal([of(24, 0.9999), of(168, 0.9999), of(168, 0.998)], [[true, false, true], [true, true, true], [true, false, true]]);
  assert.equal(targetsOf(figuresOf(survivalWorld, [])).map(isMet), [false, false, true]);
});

test('a small run finds what peers keep, and nothing where nobody keeps anything for others', () => {
  const kept = new Survival({ seed: 1, world }).run();
  const { packets, alive, found } = figuresOf(world, [kept]);
  assert.equal({ packets, alive, found }, { packets: 2, alive: 1, found: 1 });
  assert.ok(kept.packets.every(({ sent }) => sent > 0), 'what carries a packet is counted');
  assert.ok(kept.meanOnline > 8 && kept.meanOnline < 20, `${kept.meanOnline} of 20 peers are up two thirds of the time`);
  assert.is(kept.introducersHeld, 0);
  const lost = new Survival({ seed: 1, world: { ...world, policy: 'none' } }).run();
  assert.equal(lost.packets.map(({ curve, foundMs }) => [curve.at(-1), foundMs]), [[{ copies: 0, online: 0 }, null], [{ copies: 0, online: 0 }, null]]);
});

test('a small run finds what peers keep beside keepers that lie', () => {
  const lied = new Survival({ seed: 1, world: { ...world, liars: 3 } }).run();
  const { packets, alive, found } = figuresOf(world, [lied]);
  assert.equal({ packets, alive, found }, { packets: 2, alive: 1, found: 1 });
});

test('options make a world, another one has another name, and what cannot be is refused', () => {
  const plain = readSurvival([]);
  assert.equal([plain?.title, plain?.world, plain?.seeds], ['survival', survivalWorld, [1, 2, 3, 4, 5]]);
  const other = readSurvival(['--hours', '168', '--open', '0.3', '--cache', 'ram', '--policy', 'seed', '--seed', '7', '--seeds', '2']);
  assert.equal([other?.title, other?.world.life, other?.world.policy, other?.seeds], ['survival (open 0.3, cache ram)', 3, 'seed', [7, 8]]);
  assert.is(other?.replay(8), 'npm run sim -- survival --hours 168 --policy seed --open 0.3 --cache ram --seeds 1 --seed 8');
  assert.equal([16, 1_024, 10_000].map((nodes) => introducersOf({ nodes, introducers: null })), [4, 4, 40]);
  for (const [args, why] of [
    [['--policy', 'hope'], /--policy must be one of keepers, seed, none, got hope/],
    [['--hours', '169'], /--hours must be at most 168/],
    [['--nodes', '40'], /--nodes must be more than an author and a reader for each packet, 40, got 40/],
    [['--off', '0'], /--off must be a number above 0, got 0/],
    [['again'], /survival takes options alone, got again/],
  ] as const) {
    assert.throws(() => readSurvival(args), (error: unknown) => error instanceof Error && why.test(error.message));
  }
});

test('prints its line of JSON last, and draws it beside another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'srp-survival-'));
  const [before, svg] = [join(folder, 'before.json'), join(folder, 'survival.svg')];
  const { curve } = figuresOf(world, [run([packet(2, 1, 10, null)])]);
  writeFileSync(before, `something else\n${JSON.stringify({ policy: 'none', curve, found: 0, packets: 1 })}\n`);
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'survival', '--tiny', '--json', '--svg', svg, '--beside', before]);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.resume();
  assert.is(await new Promise((resolve) => child.on('close', resolve)), 0);
  const line = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  assert.equal(Object.keys(line).slice(0, 10), ['scenario', 'nodes', 'seeds', 'packets', 'hours', 'alive', 'found', 'transmissionsPerPacketDay', 'copies', 'policy']);
  assert.equal([line['scenario'], line['nodes'], line['seeds'], line['packets'], line['hours'], line['found'], line['policy']], ['survival (tiny)', 24, 1, 2, 0.5, 1, 'keepers']);
  const drawing = readFileSync(svg, 'utf8');
  assert.is(drawing.match(/<polyline/g)?.length, 6);
  assert.not.match(drawing, /NaN|undefined/);
  rmSync(folder, { recursive: true });
});

test.run();
