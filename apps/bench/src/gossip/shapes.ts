/**
 * Question: how does the cost of a message depend on how many peers there are, and on how many of them share a process?
 *
 * Method, control, limits: spread.ts. 16 nodes of each engine in one process and in four, and 32 in one; 32 in four are in
 * large.ts. A row's name ends in nodes x processes.
 */
import type { Effort } from '../measure.js';
import type { Finding } from '../row.js';
import { spread } from './spread.js';
import type { Shape } from './swarm.js';

/** Of all rounds, what is enough for samples of 100 messages. */
const roundShare = 67;
const shapes: readonly Shape[] = [
  { nodes: 16, processes: 1 },
  { nodes: 16, processes: 4 },
  { nodes: 32, processes: 1 },
];

export const run = async ({ rounds, sliceMs }: Effort): Promise<readonly Finding[]> => {
  const isTiny = sliceMs === 0;
  const findings: Finding[] = [];
  for (const shape of shapes) {
    const suffix = `-${shape.nodes}x${shape.processes}`;
    findings.push(...(await spread({ shape: isTiny ? { nodes: 4, processes: 1 } : shape, runs: Math.max(1, Math.floor(rounds / roundShare)), isTiny, suffix })));
  }
  return findings;
};
