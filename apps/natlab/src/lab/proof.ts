/** Proves that a kind of network is what it is named: the kernel's box is made, probed from inside and outside, and compared. */
import type { Finding, ProbeTells, ProbeTold } from '../programs/probe.js';
import type { Place, ReflectorTells, ReflectorTold } from '../programs/reflector.js';
import { type Family, type KindName, kinds, type Nature } from './kinds.js';
import { nextLab, Program, shell } from './shell.js';
import { drawn, helperHosts } from './topology.js';

export interface Proof {
  readonly kind: KindName;
  readonly family: Family;
  readonly finding: Finding;
  /** In what the box is not as it is named; empty if it is. */
  readonly faults: readonly string[];
}

/** Any two ports above 1024. */
const ports = [3478, 3479] as const;
const placesOf = (family: Family): ProbeTold['places'] => {
  const placeOf = (host: number, port: 0 | 1): Place => ({ address: helperHosts[host]?.[family] ?? '', port: ports[port] });
  return [placeOf(0, 0), placeOf(0, 1), placeOf(1, 0), placeOf(2, 0)];
};

/** How long a mapping lives in the proof: long enough for the other questions, short enough to wait for. */
const lifetimeS = 2;

export const prove = async (name: KindName, family: Family): Promise<Proof> => {
  const kind = kinds[name];
  const places = placesOf(family);
  const { draft, hub, hosts } = drawn({ lab: nextLab(), sites: [kind], loss: 0, lifetimeS });
  await shell(draft.script);
  const reflector = new Program<ReflectorTold, ReflectorTells>(hub, 'reflector');
  const probe = new Program<ProbeTold, ProbeTells>(hosts[0], 'probe');
  try {
    reflector.tell({ kind: 'start', places });
    await reflector.hear('ready');
    probe.tell({ kind: 'start', places, lifetimeS: kind.boxes.some(({ nat }) => nat !== null) ? lifetimeS : null });
    const { finding } = await probe.hear('found');
    return { kind: name, family, finding, faults: faultsOf(kind.natures[family], finding) };
  } finally {
    await Promise.all([reflector.end(), probe.end()]);
    await shell(draft.removal, { goesOn: true });
  }
};

export const faultsOf = (nature: Nature | undefined, finding: Finding): readonly string[] => {
  if (nature === undefined) return ['the kind has no such addresses'];
  const faults = (['mapping', 'filtering', 'hairpin', 'punchable'] as const).flatMap((key) => (nature[key] === finding[key] ? [] : [`${key} is ${String(finding[key])}, not ${String(nature[key])}`]));
  if (!spans(nature.ports, finding.ports)) faults.push(`ports are ${String(finding.ports)}, not ${String(nature.ports)}`);
  if (finding.lives === false) faults.push(`a mapping does not live for ${lifetimeS} s`);
  return faults;
};

/** Within the range, and over more than half of it. */
const spans = (range: Nature['ports'], seen: Nature['ports']): boolean =>
  range === null || seen === null ? range === seen : seen[0] >= range[0] && seen[1] <= range[1] && seen[1] - seen[0] > (range[1] - range[0]) / 2;
