/** The table of phases that most scenarios print. */
import type { RunResult } from '../experiment/result.js';
import { perSecondAndPeer, publishesOf, summarize } from './summary.js';
import { table } from './table.js';
import { shown } from './targets.js';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

export const phaseTable = (runs: readonly RunResult[], phases: readonly string[]): string => {
  const rows = phases.map((phase) => {
    const { publishes, t100, cov5s, copies, bytesPerPeer } = summarize(publishesOf(runs, phase));
    const { datagrams, bytes } = perSecondAndPeer(runs, (run) => run.phases.find(({ name }) => name === phase));
    const traffic = [datagrams.toFixed(2), (bytes / 1000).toFixed(2)];
    if (publishes === 0) return [phase, '0', ...Array.from({ length: 8 }, () => '-'), ...traffic];
    const times = [t100.meanMs, t100.p50Ms, t100.p95Ms, t100.maxMs].map(seconds);
    return [phase, String(publishes), shown(t100.reachedShare, 'share'), ...times, shown(cov5s, 'share'), copies.toFixed(2), bytesPerPeer.toFixed(0), ...traffic];
  });
  return table(['phase', 'publishes', 'reached 10 s', 'T100 mean', 'p50', 'p95', 'max', 'cov(5 s)', 'copies', 'B a peer', 'sent/s a peer', 'kB/s a peer'], rows);
};

/** Which publish of each phase took longest, and what to type to see its life. */
export const slowest = (runs: readonly RunResult[], phases: readonly string[], replay: (seed: number) => string): string =>
  phases
    .flatMap((phase) => {
      const all = runs.flatMap(({ seed, publishes }) => publishes.filter((one) => one.phase === phase).map((one) => ({ seed, ...one })));
      const [worst] = all.toSorted((a, b) => b.t100Ms - a.t100Ms);
      return worst === undefined ? [] : [`  slowest of ${phase}: ${seconds(worst.t100Ms)}${worst.isComplete ? '' : ', never complete'}; ${replay(worst.seed)} --trace ${worst.id.slice(0, 8)}`];
    })
    .join('\n');
