/** Nobody publishes and nobody comes or goes: what it costs to be there. docs/guides/scenarios.md, "quiet". */
import { headlineMix } from '../experiment/mix.js';
import { type Plan, settledMs } from '../experiment/plan.js';
import { perSecondAndPeer } from '../report/summary.js';
import type { Outcome, Report, Scenario } from '../scenario.js';

/** A session asks after silences of half its age, and of 100 s at most (SPEC, Liveness): by then all that began at the start are that old. */
const steadyMs = 240_000;
const endMs = 360_000;
const plan: Plan = { phases: [], idleFromMs: settledMs, steady: { fromMs: steadyMs, toMs: endMs }, endMs };

const report = ([outcome]: readonly Outcome[]): Report => {
  const { datagrams, bytes } = perSecondAndPeer(outcome?.runs ?? [], (run) => run.idle);
  return {
    json: { idlePacketsPerSecond: datagrams, idleBytesPerSecond: bytes },
    text: `  ${datagrams.toFixed(2)} datagrams and ${bytes.toFixed(0)} bytes a second and peer`,
    targets: [{ what: 'datagrams a second and peer', is: datagrams, atMost: 1, unit: 'number' }],
  };
};

export const quiet: Scenario = {
  name: 'quiet',
  about: 'nobody publishes, nobody comes or goes',
  mix: headlineMix,
  variants: (mix) => [{ label: '', mix, plan }],
  report,
};
