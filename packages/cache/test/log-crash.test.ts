/**
 * A real process writes to a log and is killed with SIGKILL at a random moment, again and again, on the same file.
 * What it said was flushed must be there when the log is opened again; what it began and did not see flushed may be.
 */
import { openPacketLog } from '@srp/cache/node';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesOf, idOf, objects } from './crash/model.mjs';
import { inFolder, randomOf } from './helpers.js';

const seed = Number(process.env['SRP_SEED'] ?? 20_261_121);
const roundCount = Number(process.env['SRP_ROUNDS'] ?? 10);
const laneCount = 2;
const writer = fileURLToPath(new URL('./crash/writer.mjs', import.meta.url));

/** For each object, the versions it may have now; -1 is none. The first is what is known for sure if it is the only one. */
type State = Map<number, Set<number>>;

/** Runs a writer until it has had so many batches acknowledged, and so long after that: the slowest disk tests as much as the fastest. */
const run = async (path: string, childSeed: number, first: number, batches: number, killAfterMs: number): Promise<string> => {
  const child = spawn(process.execPath, [writer, path, `${childSeed}`, `${first}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n.\n').length > batches) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  });
  const signal = await new Promise((done) => child.on('close', (_, by) => done(by)));
  assert.is(signal, 'SIGKILL', 'the writer ended by itself');
  return said;
};

/** What the child's words allow, from what was allowed before. Returns how many batches were acknowledged. */
const follow = (state: State, said: string): number => {
  let acknowledged = 0;
  let open = new Map<number, number[]>(); // what was begun since the last acknowledgement, per object in order
  for (const line of said.slice(0, said.lastIndexOf('\n')).split('\n')) {
    if (line === '.') {
      acknowledged += 1;
      for (const [n, versions] of open) state.set(n, new Set([versions.at(-1)!]));
      open = new Map();
      continue;
    }
    const [sign, n, version] = line.split(' ');
    const versions = open.get(Number(n)) ?? [];
    versions.push(sign === '+' ? Number(version) : -1);
    open.set(Number(n), versions);
  }
  for (const [n, versions] of open) {
    const allowed = state.get(n) ?? new Set([-1]);
    for (const version of versions) allowed.add(version);
    state.set(n, allowed);
  }
  return acknowledged;
};

test(`${laneCount * roundCount} kills in the middle of writing lose nothing that was acknowledged`, async () => {
  await inFolder(async (folder) => {
    const lane = async (number: number): Promise<{ acknowledged: number; torn: number; compacting: number }> => {
      const random = randomOf(seed + number);
      const path = join(folder, `lane-${number}`);
      const state: State = new Map();
      const seen = { acknowledged: 0, torn: 0, compacting: 0 };
      for (let round = 0; round < roundCount; round += 1) {
        const about = `seed ${seed}, lane ${number}, round ${round}`;
        const said = await run(path, random.below(0x1_0000_0000), round * 1_000_000, random.below(8), random.below(20));
        seen.acknowledged += follow(state, said);
        if (existsSync(`${path}.compact`)) seen.compacting += 1;
        const { log, records, report } = await openPacketLog(path);
        assert.is(report.damagedBytes, 0, about);
        assert.is(report.damagedCopy, null, about);
        if (report.tornBytes > 0) seen.torn += 1;
        const found = new Map(records.map((record) => [record.id as string, record]));
        for (let n = 0; n < objects; n += 1) {
          const record = found.get(idOf(n));
          const version = record === undefined ? -1 : (record.keptAt as number);
          const allowed = state.get(n) ?? new Set([-1]);
          assert.ok(allowed.has(version), `${about}: object ${n} is version ${version}, allowed ${[...allowed].join()}`);
          if (record !== undefined) assert.equal(record.bytes, bytesOf(n, version), about);
          state.set(n, new Set([version])); // from here on it is on the disk
        }
        assert.ok(records.length <= objects, about);
        await log.close();
      }
      return seen;
    };
    const lanes = await Promise.all(Array.from({ length: laneCount }, async (_, number) => lane(number)));
    if (process.env['SRP_ROUNDS'] !== undefined) console.log(lanes);
    const acknowledged = lanes.reduce((sum, { acknowledged: count }) => sum + count, 0);
    assert.ok(acknowledged > laneCount * roundCount, `only ${acknowledged} batches were acknowledged: the test tested nothing`);
  });
});

test.run();
