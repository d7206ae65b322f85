/** The same mix with 128, 1024 and 10,000 peers: how the cost of each grows. docs/guides/scenarios.md, "scale". */
import { headlineMix } from '../experiment/mix.js';
import { every, type Plan } from '../experiment/plan.js';
import { mean, perSecondAndPeer, type PhaseSummary, publishesOf, rounded, summarize } from '../report/summary.js';
import { table } from '../report/table.js';
import { shown, type Target } from '../report/targets.js';
import type { Outcome, Report, Scenario } from '../scenario.js';

const plan: Plan = {
  phases: [
    { name: 'idle', fromMs: 65_000, toMs: 95_000, publishes: [] },
    { name: 'publishing', fromMs: 95_000, toMs: 115_000, publishes: every(95_000, 1_000, 10) },
  ],
  newcomers: every(120_000, 1_000, 10),
  steady: { fromMs: 65_000, toMs: 95_000 },
  endMs: 140_000,
};

const sizes = [128, 1_024, 10_000];

interface Figures {
  readonly nodes: number;
  readonly idle: { readonly datagrams: number; readonly bytes: number };
  readonly bytesPerNodePerPublish: number;
  readonly joinDatagrams: number;
  readonly summary: PhaseSummary;
}

const figuresOf = ({ mix, runs }: Outcome): Figures => {
  const publishes = publishesOf(runs, 'publishing');
  return {
    nodes: mix.nodes,
    idle: perSecondAndPeer(runs, (run) => run.phases.find(({ name }) => name === 'idle')),
    bytesPerNodePerPublish: rounded(mean(publishes.map(({ sentBytes }) => sentBytes)) / mix.nodes, 1),
    joinDatagrams: rounded(mean(runs.flatMap(({ joinDatagrams }) => joinDatagrams)), 1),
    summary: summarize(publishes),
  };
};

const report = (outcomes: readonly Outcome[]): Report => {
  const figures = outcomes.map(figuresOf);
  const idleAt = (nodes: number): number | undefined => figures.find((one) => one.nodes === nodes)?.idle.datagrams;
  const [idle1024, idle10000] = [idleAt(1_024), idleAt(10_000)];
  const targets: Target[] = [];
  if (idle1024 !== undefined) targets.push({ what: 'idle datagrams a second and peer, 1024', is: idle1024, atMost: 1, unit: 'number' });
  if (idle1024 !== undefined && idle10000 !== undefined) targets.push({ what: 'idle at 10,000 : idle at 1024', is: idle10000 / idle1024, atMost: 1.5, unit: 'number' });
  const rows = figures.map(({ nodes, idle, bytesPerNodePerPublish, joinDatagrams, summary: { t100, copies } }) => [
    String(nodes),
    idle.datagrams.toFixed(2),
    idle.bytes.toFixed(0),
    bytesPerNodePerPublish.toFixed(0),
    joinDatagrams.toFixed(0),
    shown(t100.reachedShare, 'share'),
    shown(t100.meanMs, 'ms'),
    shown(t100.maxMs, 'ms'),
    copies.toFixed(2),
  ]);
  return {
    json: {
      nodes: figures.map(({ nodes }) => nodes),
      idlePacketsPerSecond: figures.map(({ idle }) => idle.datagrams),
      bytesPerNodePerPublish: figures.map((one) => one.bytesPerNodePerPublish),
      joinDatagrams: figures.map((one) => one.joinDatagrams),
    },
    text: table(['nodes', 'idle/s a peer', 'idle B/s', 'B a node and publish', 'datagrams of a join', 'reached 10 s', 'T100 mean', 'max', 'copies'], rows),
    targets,
  };
};

export const scale: Scenario = {
  name: 'scale',
  about: 'static, 128, 1024 and 10,000 peers',
  mix: headlineMix,
  // A number of peers that was asked for replaces all three.
  variants: (mix) => (mix.nodes === headlineMix.nodes ? sizes : [mix.nodes]).map((nodes) => ({ label: `${nodes} nodes`, mix: { ...mix, nodes }, plan })),
  report,
};
