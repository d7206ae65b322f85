/**
 * npm run sim -- real: the same publishes in real processes over UDP and in the simulator, side by side.
 * docs/guides/scenarios.md, "real". Nothing leaves loopback.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parse, whole } from '../options.js';
import { quantile, rounded } from '../report/summary.js';
import { agrees, compare, lateMsMax, ratioOf, rowsTold } from './compare.js';
import { runReal } from './fleet.js';
import { planOf } from './plan.js';
import { figuresOf } from './result.js';
import { runSimulated } from './simulated.js';

const flags = {
  nodes: { type: 'string' },
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string', default: '5' },
  tiny: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
} as const;

const nodesDefault = 32;
const tinyNodes = 8;

/** Answers the exit code. Throws `Wrong` for a command line that cannot be meant. */
export const real = async (args: readonly string[]): Promise<number> => {
  const { values } = parse(args, flags);
  const nodes = whole('nodes', values.nodes ?? String(values.tiny ? tinyNodes : nodesDefault), 4);
  const seed = whole('seed', values.seed, 0);
  const seeds = Array.from({ length: whole('seeds', values.seeds, 1) }, (_, k) => seed + k);
  const say = values.json ? console.error : console.log;
  const plan = planOf(nodes, seed, values.tiny);
  const title = ['real', ...(values.tiny ? ['(tiny)'] : [])].join(' ');
  say(`${title}: ${nodes + plan.introducers} processes for ${plan.endMs / 1000} s, then the simulator with ${seeds.length} seeds`);

  const records = await runReal(plan);
  const measured = figuresOf(plan, records);
  const load = loadavg()[0] ?? 0;
  const lateMs = rounded(quantile(records.flatMap((record) => record.lateMs), 0.95), 1);
  const predicted = seeds.map((one) => figuresOf(plan, runSimulated(plan, one)));
  const rows = compare(measured, predicted, lateMs);
  const isSlow = lateMs > lateMsMax;
  const agree = rows.every(agrees);
  const machine = `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown kind'}, Node ${process.versions.node}, load ${load.toFixed(1)}; one timer in twenty fired more than ${lateMs} ms late`;
  const subscribers = plan.peers.filter(({ isSubscriber }) => isSubscriber).length;
  say(`\n${nodes} peers, ${subscribers} subscribe; ${plan.introducers} introducers; ${measured.publishes} publishes\n\n${rowsTold(rows)}\n\n  on ${machine}${isSlow ? '.\n  It did not keep up: what packets cost is not held against the simulator' : ''}`);
  if (values.json) {
    const ratios = Object.fromEntries(rows.map((row) => [row.what, ratioOf(row)]));
    console.log(JSON.stringify({ scenario: title, nodes, subscribers, introducers: plan.introducers, seeds: seeds.length, real: measured, simulated: predicted, ratios, differs: rows.filter((row) => !agrees(row)).map(({ what }) => what), agrees: agree, lateMs, isSlow, machine }));
  }
  return values.check && !agree ? 1 : 0;
};
