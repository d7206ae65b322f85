/** The rule this protocol began with, plain push to 3 random neighbours, beside the mesh. docs/guides/scenarios.md, "seed-rule". */
import { headlineMix } from '../experiment/mix.js';
import { every, type Plan, settledMs } from '../experiment/plan.js';
import { phaseTable } from '../report/phases.js';
import { publishesOf, summarize } from '../report/summary.js';
import type { Outcome, Report, Scenario } from '../scenario.js';

const plan: Plan = {
  phases: [{ name: 'S0', fromMs: settledMs, toMs: 55_000, publishes: every(settledMs, 1_000, 10) }],
  endMs: 75_000,
};

const report = (outcomes: readonly Outcome[]): Report => {
  const figures = outcomes.map(({ runs }) => summarize(publishesOf(runs, 'S0')));
  return {
    json: { rules: outcomes.map(({ label }) => label), ...Object.fromEntries((['t100', 'cov5s', 'copies', 'bytesPerPeer'] as const).map((name) => [name, figures.map((one) => one[name])])) },
    text: outcomes.map(({ label, runs }) => `  ${label}\n${phaseTable(runs, ['S0'])}`).join('\n\n'),
    targets: [],
  };
};

export const seedRule: Scenario = {
  name: 'seed-rule',
  about: 'static, plain push to 3 random neighbours beside the mesh',
  mix: headlineMix,
  variants: (mix) => [
    { label: 'fan-out 3', mix, plan, fanOut: 3 },
    { label: 'mesh', mix, plan },
  ],
  report,
};
