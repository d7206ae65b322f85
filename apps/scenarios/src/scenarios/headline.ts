/**
 * 128 peers, 30% hard NATs, half of them subscribed; static, then 95% churn a minute, then 1000% in a minute, then static
 * again. docs/guides/scenarios.md, "headline".
 */
import { headlineMix } from '../experiment/mix.js';
import { every, type Plan } from '../experiment/plan.js';
import { phaseTable, slowest } from '../report/phases.js';
import { perSecondAndPeer, publishesOf, retentionAt, summarize } from '../report/summary.js';
import { shown, type Target } from '../report/targets.js';
import type { Outcome, Report, Scenario } from '../scenario.js';

const plan: Plan = {
  phases: [
    { name: 'S0', fromMs: 35_000, toMs: 55_000, publishes: every(35_000, 1_000, 10) },
    { name: 'S1', fromMs: 55_000, toMs: 95_000, publishes: [...every(67_000, 1_500, 12), 87_000, 89_000, 91_000, 93_000] },
    { name: 'S2', fromMs: 95_000, toMs: 155_000, publishes: every(107_000, 4_000, 12) },
    { name: 'Recovery', fromMs: 155_000, toMs: 185_000, publishes: every(155_500, 1_000, 5) },
  ],
  churn: [
    { fromMs: 55_000, toMs: 95_000, perMinute: 0.95 },
    { fromMs: 95_000, toMs: 155_000, exactly: 10 },
  ],
  retention: [
    { label: 'end', atMs: 155_000 },
    { label: 'end+10s', atMs: 165_000 },
  ],
  endMs: 185_000,
};

const measured = ['S0', 'S1', 'S2'] as const;

const report = ([outcome]: readonly Outcome[], replay: (seed: number) => string): Report => {
  const runs = outcome?.runs ?? [];
  const phases = Object.fromEntries(measured.map((phase) => [phase, summarize(publishesOf(runs, phase))]));
  const retention = retentionAt(runs, 'end+10s', measured);
  const idle = perSecondAndPeer(runs, (run) => run.idle);
  const all = plan.phases.map(({ name }) => name);
  const text = [
    phaseTable(runs, all),
    ...['end', 'end+10s'].map((label) => `  held at ${label.padEnd(8)} ${Object.entries(retentionAt(runs, label, measured)).map(([phase, share]) => `${phase} ${shown(share, 'share')}`).join('   ')}`),
    `  idle: ${idle.datagrams.toFixed(2)} datagrams and ${idle.bytes.toFixed(0)} bytes a second and peer, starts and churn counted`,
    slowest(runs, all, replay),
  ];
  return { json: { phases, retention: { 'end+10s': retention }, idlePacketsPerSecond: idle.datagrams }, text: text.join('\n'), targets: targetsOf(runs, retention) };
};

const targetsOf = (runs: Outcome['runs'], retention: Readonly<Record<string, number>>): readonly Target[] => {
  const [s0, s1, s2] = measured.map((phase) => summarize(publishesOf(runs, phase)));
  if (s0 === undefined || s1 === undefined || s2 === undefined) return [];
  return [
    { what: 'S0: subscribers reached', is: s0.t100.reachedShare, atLeast: 1, unit: 'share' },
    { what: 'S0: T100, mean', is: s0.t100.meanMs, atMost: 1_000, unit: 'ms' },
    { what: 'S0: T100, p95', is: s0.t100.p95Ms, atMost: 2_000, unit: 'ms' },
    { what: 'S0: copies received for each delivery', is: s0.copies, atMost: 2, unit: 'number' },
    { what: 'S1: subscribers reached that stay online', is: s1.t100.reachedShare, atLeast: 0.999, unit: 'share' },
    { what: 'S1: T100, mean', is: s1.t100.meanMs, atMost: 1_500, unit: 'ms' },
    { what: 'S2: cov(5 s)', is: s2.cov5s, atLeast: 0.9, unit: 'share' },
    ...measured.map((phase) => ({ what: `held 10 s after the churn, packets of ${phase}`, is: retention[phase] ?? 0, atLeast: 0.99, unit: 'share' as const })),
  ];
};

export const headline: Scenario = {
  name: 'headline',
  about: '128 peers: static, 95% churn a minute, 1000% churn in a minute, static',
  mix: headlineMix,
  variants: (mix) => [{ label: '', mix, plan }],
  report,
};
