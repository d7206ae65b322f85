/** Half of the network joins within one second. docs/guides/scenarios.md, "flash". */
import { headlineMix } from '../experiment/mix.js';
import { every, type Plan } from '../experiment/plan.js';
import { phaseTable, slowest } from '../report/phases.js';
import { publishesOf, quantile, rounded, shareOf, summarize } from '../report/summary.js';
import { shown } from '../report/targets.js';
import type { Outcome, Report, Scenario } from '../scenario.js';

const flashMs = 35_000;

const plan: Plan = {
  phases: [
    { name: 'before', fromMs: 30_000, toMs: flashMs, publishes: every(30_000, 1_000, 5) },
    { name: 'flash', fromMs: flashMs, toMs: 50_000, publishes: every(flashMs + 1_500, 500, 10) },
    { name: 'after', fromMs: 50_000, toMs: 70_000, publishes: every(50_000, 1_000, 10) },
  ],
  flash: { share: 0.5, fromMs: flashMs, toMs: flashMs + 1_000 },
  endMs: 75_000,
};

const names = plan.phases.map(({ name }) => name);

/** How long subscribers of the flash took to find a neighbour of their topic. */
const readiness = (runs: Outcome['runs']): { readonly share: number; readonly p50: number; readonly p95: number; readonly max: number } => {
  const all = runs.flatMap(({ readyMs }) => readyMs);
  const times = all.filter((ms) => ms !== null);
  const at = (share: number): number => rounded(quantile(times, share), 1);
  return { share: shareOf(times.length, all.length), p50: at(0.5), p95: at(0.95), max: at(1) };
};

const report = ([outcome]: readonly Outcome[], replay: (seed: number) => string): Report => {
  const runs = outcome?.runs ?? [];
  const phases = Object.fromEntries(names.map((name) => [name, summarize(publishesOf(runs, name))]));
  const readyMs = readiness(runs);
  return {
    json: { phases, readyMs },
    text: [
      phaseTable(runs, names),
      `  a neighbour of its topic: ${shown(readyMs.share, 'share')} of those who joined in the flash; p50 ${shown(readyMs.p50, 'ms')}, p95 ${shown(readyMs.p95, 'ms')}, max ${shown(readyMs.max, 'ms')}`,
      slowest(runs, names, replay),
    ].join('\n'),
    targets: [
      { what: 'flash: subscribers reached', is: phases['flash']?.t100.reachedShare ?? 0, atLeast: 0.999, unit: 'share' },
      { what: 'after: subscribers reached', is: phases['after']?.t100.reachedShare ?? 0, atLeast: 1, unit: 'share' },
      { what: 'after: T100, mean', is: phases['after']?.t100.meanMs ?? 0, atMost: 1_000, unit: 'ms' },
    ],
  };
};

export const flash: Scenario = {
  name: 'flash',
  about: 'half of the network joins in one second',
  mix: headlineMix,
  variants: (mix) => [{ label: '', mix, plan }],
  report,
};
