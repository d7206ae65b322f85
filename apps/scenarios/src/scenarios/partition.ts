/** Two halves that do not hear each other for a minute, and then do again. docs/guides/scenarios.md, "partition". */
import { headlineMix } from '../experiment/mix.js';
import { every, type Plan, settledMs } from '../experiment/plan.js';
import { phaseTable, slowest } from '../report/phases.js';
import { publishesOf, retentionAt, summarize } from '../report/summary.js';
import { shown, type Target } from '../report/targets.js';
import type { Outcome, Report, Scenario } from '../scenario.js';

const healedMs = 115_000;

const plan: Plan = {
  phases: [
    { name: 'before', fromMs: settledMs, toMs: 55_000, publishes: every(settledMs, 1_000, 5) },
    { name: 'apart', fromMs: 55_000, toMs: healedMs, publishes: every(60_000, 5_000, 10) },
    { name: 'healed', fromMs: healedMs, toMs: 150_000, publishes: every(healedMs + 500, 1_000, 5) },
  ],
  partition: { fromMs: 55_000, toMs: healedMs },
  retention: [
    { label: 'healed+10s', atMs: healedMs + 10_000 },
    { label: 'healed+30s', atMs: healedMs + 30_000 },
  ],
  endMs: 150_000,
};

const names = plan.phases.map(({ name }) => name);

const report = ([outcome]: readonly Outcome[], replay: (seed: number) => string): Report => {
  const runs = outcome?.runs ?? [];
  const phases = Object.fromEntries(names.map((name) => [name, summarize(publishesOf(runs, name))]));
  const retention = Object.fromEntries((plan.retention ?? []).map(({ label }) => [label, retentionAt(runs, label, names)]));
  const held = Object.entries(retention).map(([label, shares]) => `  held at ${label}: ${Object.entries(shares).map(([name, share]) => `${name} ${shown(share, 'share')}`).join('   ')}`);
  const reached = (name: string): Target => ({ what: `${name}: subscribers reached`, is: phases[name]?.t100.reachedShare ?? 0, atLeast: 1, unit: 'share' });
  return {
    json: { phases, retention },
    text: [phaseTable(runs, names), ...held, slowest(runs, names, replay)].join('\n'),
    targets: [...names.map(reached), { what: 'held 30 s after the halves met: packets of both', is: retention['healed+30s']?.['apart'] ?? 0, atLeast: 0.99, unit: 'share' }],
  };
};

export const partition: Scenario = {
  name: 'partition',
  about: 'two halves that do not hear each other for 60 s',
  mix: headlineMix,
  variants: (mix) => [{ label: '', mix, plan }],
  report,
};
