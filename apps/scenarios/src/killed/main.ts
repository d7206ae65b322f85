/**
 * npm run sim -- killed: docs/guides/scenarios.md, "killed". A file goes from one process to another over UDP on loopback, and both are killed
 * (SIGKILL) again and again: the receiver, then the sharer under a receiver that runs on, then both.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, whole } from '../options.js';
import type { Begin, Told } from './worker.js';

const flags = { mb: { type: 'string', default: '300' }, kills: { type: 'string', default: '6' }, json: { type: 'boolean', default: false } } as const;
const megabyte = 1_000_000;
const worker = fileURLToPath(new URL('worker.js', import.meta.url));

export interface Killed {
  readonly bytes: number;
  /** Rounds of killing that took place: a fast machine may be done before. */
  readonly kills: number;
  readonly seconds: number;
  /** Whether the hash of what arrived is that of what was sent. */
  readonly isWhole: boolean;
  /** What of the file had to come twice, since it was not known to be on disk when its receiver was killed. */
  readonly againBytes: number;
  /** The most memory that the receiver had. */
  readonly residentBytes: number;
  /** Whether something stood under the file's name before all of it was there. */
  readonly wasHalfWritten: boolean;
}

/** Answers the exit code. Throws `Wrong` for a command line that cannot be meant. */
export const killed = async (args: readonly string[]): Promise<number> => {
  const { values } = parse(args, flags);
  const result = await runKilled(whole('mb', values.mb, 1) * megabyte, whole('kills', values.kills, 0));
  const { bytes, kills, seconds, isWhole, againBytes, residentBytes, wasHalfWritten } = result;
  const mb = (value: number): string => `${(value / megabyte).toFixed(0)} MB`;
  (values.json ? console.error : console.log)(
    `${mb(bytes)} in ${seconds.toFixed(1)} s with ${kills} rounds of killing: ${isWhole ? 'the same hash' : 'ANOTHER HASH'}; ${mb(againBytes)} came twice; the receiver had at most ${mb(residentBytes)} of memory; ` +
      (wasHalfWritten ? 'SOMETHING STOOD UNDER ITS NAME before all of it was there' : 'nothing stood under its name before all of it was there'),
  );
  if (values.json) console.log(JSON.stringify({ scenario: 'killed', ...result }));
  return isWhole && !wasHalfWritten ? 0 : 1;
};

export const runKilled = async (bytes: number, kills: number): Promise<Killed> => {
  const folder = await mkdtemp(join(tmpdir(), 'srp-killed-'));
  const children = new Set<ChildProcess>();
  try {
    return await inFolder(folder, children, bytes, kills);
  } finally {
    await Promise.all([...children].map(end));
    await rm(folder, { recursive: true, force: true });
  }
};

const inFolder = async (folder: string, children: Set<ChildProcess>, bytes: number, kills: number): Promise<Killed> => {
  const [path, to] = [join(folder, 'file'), join(folder, 'fetched')];
  await makeFile(path, bytes);
  const begin = (message: Begin): ChildProcess => {
    const child = fork(worker, { execArgv: [] });
    children.add(child);
    child.on('exit', () => children.delete(child));
    child.send(message);
    return child;
  };
  const share = async (port: number): Promise<{ child: ChildProcess } & Extract<Told, { kind: 'shares' }>> => {
    const child = begin({ role: 'sharer', directory: join(folder, 'peer'), path, port });
    const [told] = (await once(child, 'message')) as [Extract<Told, { kind: 'shares' }>];
    return { child, ...told };
  };

  let sharer = await share(0);
  const startedAt = performance.now();
  let [rounds, here, againBytes, residentBytes, wasHalfWritten] = [0, 0, 0, 0, false];
  for (let isDone = false; !isDone; ) {
    const fetcher = begin({ role: 'fetcher', link: sharer.link, where: sharer.where, to });
    let isFirst = true;
    for await (const told of messages(fetcher)) {
      if (told.kind === 'done') isDone = true;
      if (told.kind !== 'here') continue;
      if (isFirst) againBytes += Math.max(0, here - told.bytes);
      isFirst = false;
      here = told.bytes;
      residentBytes = Math.max(residentBytes, told.residentBytes);
      if (rounds >= kills || here < ((rounds + 1) * bytes) / (kills + 1) || here >= bytes) continue;
      wasHalfWritten ||= existsSync(to);
      const [isSharer, isFetcher] = [rounds % 3 > 0, rounds % 3 !== 1];
      rounds += 1;
      if (isSharer) {
        await end(sharer.child);
        sharer = await share(sharer.port);
      }
      if (isFetcher) await end(fetcher);
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { bytes, kills: rounds, seconds, isWhole: (await hashOf(to)) === (await hashOf(path)), againBytes, residentBytes, wasHalfWritten };
};

/** What a process tells, until it ends. */
async function* messages(child: ChildProcess): AsyncGenerator<Told> {
  const waiting: (Told | null)[] = [];
  let wake: (() => void) | null = null;
  const take = (told: Told | null): void => {
    waiting.push(told);
    wake?.();
  };
  child.on('message', take);
  child.on('exit', () => take(null));
  for (;;) {
    if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const told = waiting.shift() ?? null;
    if (told === null) return;
    yield told;
  }
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

const makeFile = async (path: string, bytes: number): Promise<void> => {
  const file = await open(path, 'w');
  for (let at = 0; at < bytes; at += megabyte) await file.write(randomFillSync(new Uint8Array(Math.min(megabyte, bytes - at))));
  await file.close();
};

const hashOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  return hash.digest('hex');
};
