/**
 * Question: how does the cost of a message depend on how many peers there are, on how many of them share a process, and on how
 * busy they are?
 *
 * Method, control, limits: spread.ts. 16 nodes of each engine in one process and in four, and 32 in one; 32 in four are in
 * large.ts. A row's name ends in nodes x processes. `-paced` is 32 in four again, at 50 messages a second at most, which is more than
 * gossipsub can bear, and less than half of what ours can.
 */
import type { Effort } from '../measure.js';
import type { Finding } from '../row.js';
import { spread } from './spread.js';
import type { Shape } from './swarm.js';

/** Of all rounds, what is enough for samples of five seconds: five. */
const roundShare = 40;
const shapes: readonly (Shape & { readonly everyMs?: number })[] = [
  { nodes: 16, processes: 1 },
  { nodes: 16, processes: 4 },
  { nodes: 32, processes: 1 },
  { nodes: 32, processes: 4, everyMs: 20 },
];

export const run = async ({ rounds, sliceMs }: Effort): Promise<readonly Finding[]> => {
  const isTiny = sliceMs === 0;
  const findings: Finding[] = [];
  for (const { everyMs = 0, ...shape } of shapes) {
    const suffix = everyMs > 0 ? '-paced' : `-${shape.nodes}x${shape.processes}`;
    findings.push(...(await spread({ shape: isTiny ? { nodes: 4, processes: 1 } : shape, runs: Math.max(1, Math.floor(rounds / roundShare)), isTiny, suffix, everyMs })));
  }
  return findings;
};
