/**
 * Question: how much memory does a peer without traffic hold?
 *
 * Method: in each run three fresh processes side by side, which let half a minute pass and then tell their resident set: a
 * `Peer` on loopback with a directory of its own, that looks for others on this host and has joined a room; the peer; the
 * floor. Megabytes of 2^20 bytes. Nobody asks for a collection: this is what the system sees once V8 has noticed that nothing
 * happens, which takes it ten to twenty seconds and gives back what starting took. One run after the other, for two peers on
 * one host would find each other and have something to say.
 * Control: the peer is the earlier implementation's codec and cryptography alone, loaded and ready: its own peer runs only on
 * its own runtime. The floor is Node with a bound UDP socket.
 * Limits: a resident set counts shared pages of the Node binary too, and differs between builds of Node.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { earlierName } from '../earlier/index.js';
import type { Effort } from '../measure.js';
import { finding, type Finding } from '../row.js';

/** Of all rounds, what is enough for a number that hardly varies. */
const roundShare = 67;
const settleMs = 30_000;

export const run = async ({ rounds, sliceMs }: Effort): Promise<readonly Finding[]> => {
  const settle = sliceMs === 0 ? 1 : settleMs;
  const [ours, peer, floor] = [[] as number[], [] as number[], [] as number[]];
  for (let round = 0; round < Math.max(1, Math.floor(rounds / roundShare)); round += 1) {
    const resident = await Promise.all((['peer', 'earlier', 'socket'] as const).map((what) => residentMegabytes(what, settle)));
    for (const [index, samples] of [ours, peer, floor].entries()) samples.push(resident[index] ?? Number.NaN);
  }
  return [
    finding(
      { name: 'peer/rss-idle', unit: 'MB', target: { oursMax: 60 } },
      { ours, peer: { name: `${earlierName}: codec and cryptography, no peer`, samples: peer }, floor: { name: 'Node with a UDP socket', samples: floor } },
    ),
  ];
};

type Idle = 'peer' | 'earlier' | 'socket';

const residentMegabytes = (what: Idle, settle: number): Promise<number> =>
  new Promise((resolve, reject) => {
    // Node as an app runs it: without the flags of benchmarks.
    const child = fork(fileURLToPath(new URL('idle.js', import.meta.url)), [what, String(settle)], { execArgv: [] });
    let bytes: number | null = null;
    child.on('message', (message) => (bytes = message as number));
    child.on('error', reject);
    child.on('close', (code) => {
      if (bytes !== null && code === 0) resolve(bytes / 2 ** 20);
      else reject(new Error(`Cannot measure memory: the process of ${what} ended with ${code ?? 'a signal'}`));
    });
  });
