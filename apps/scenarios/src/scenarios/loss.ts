/** A static network that loses 5%, then 20% of all datagrams. docs/guides/scenarios.md, "loss". */
import { headlineMix } from '../experiment/mix.js';
import { every, type Plan, settledMs } from '../experiment/plan.js';
import { phaseTable, slowest } from '../report/phases.js';
import { publishesOf, summarize } from '../report/summary.js';
import type { Outcome, Report, Scenario } from '../scenario.js';

const plan: Plan = {
  phases: [{ name: 'S0', fromMs: settledMs, toMs: 55_000, publishes: every(settledMs, 1_000, 10) }],
  endMs: 75_000,
};

const shares = [0.05, 0.2];

const report = (outcomes: readonly Outcome[], replay: (seed: number) => string): Report => {
  const figures = outcomes.map(({ runs }) => summarize(publishesOf(runs, 'S0')));
  return {
    json: { loss: outcomes.map(({ mix }) => mix.loss), ...Object.fromEntries((['t100', 'cov5s', 'copies', 'bytesPerPeer'] as const).map((name) => [name, figures.map((one) => one[name])])) },
    text: outcomes.map(({ label, runs }) => `  ${label}\n${phaseTable(runs, ['S0'])}\n${slowest(runs, ['S0'], replay)}`).join('\n\n'),
    targets: outcomes.map(({ label }, index) => ({ what: `${label}: subscribers reached`, is: figures[index]?.t100.reachedShare ?? 0, atLeast: 0.999, unit: 'share' })),
  };
};

export const loss: Scenario = {
  name: 'loss',
  about: 'static, 5% and 20% of all datagrams lost',
  mix: headlineMix,
  // A share that was asked for replaces both.
  variants: (mix) => (mix.loss === headlineMix.loss ? shares : [mix.loss]).map((share) => ({ label: `${100 * share} % lost`, mix: { ...mix, loss: share }, plan })),
  report,
};
