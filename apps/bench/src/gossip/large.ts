/**
 * Question: what do a message and a delivery cost among 32 peers, in CPU time and in bytes?
 *
 * Method, control, limits: spread.ts. 32 nodes of each engine, in four processes.
 */
import type { Effort } from '../measure.js';
import type { Finding } from '../row.js';
import { spread } from './spread.js';

/** Of all rounds, what is enough for samples of five seconds. */
const roundShare = 40;

export const run = async ({ rounds, sliceMs }: Effort): Promise<readonly Finding[]> => {
  const isTiny = sliceMs === 0;
  return await spread({ shape: isTiny ? { nodes: 4, processes: 2 } : { nodes: 32, processes: 4 }, runs: Math.max(1, Math.floor(rounds / roundShare)), isTiny });
};
