/** What is done to a network, and when: milliseconds from the simulator's start. */

/** A part of a run whose publishes are reported together. */
export interface Phase {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** When somebody publishes. */
  readonly publishes: readonly number[];
}

/** Peers crash and brand-new ones take their place. */
export interface Churn {
  readonly fromMs: number;
  readonly toMs: number;
  /** Replacements in units of the number of nodes: so many a minute by a Poisson process, or exactly so many in all at independent uniform times. */
  readonly perMinute?: number;
  readonly exactly?: number;
}

export interface Plan {
  readonly phases: readonly Phase[];
  readonly endMs: number;
  /** Ordinary peers start at uniform times in here; the headline's if absent. */
  readonly starts?: readonly [number, number];
  /** For so long after a publish its cost is counted and nothing is idle; 10 s if absent. */
  readonly costMs?: number;
  readonly churn?: readonly Churn[];
  /** This share of the peers starts then, and not with the others. */
  readonly flash?: { readonly share: number; readonly fromMs: number; readonly toMs: number };
  /** Two halves that do not hear each other. */
  readonly partition?: { readonly fromMs: number; readonly toMs: number };
  /** Peers that join besides the others, whose datagrams are counted. */
  readonly newcomers?: readonly number[];
  /** When to ask all subscribers what they hold. */
  readonly retention?: readonly { readonly label: string; readonly atMs: number }[];
  /** Idle traffic is counted from here on, outside the 10 s after any publish. */
  readonly idleFromMs?: number;
  /** When the network is at rest, and how fast the simulator is then is what is told; the whole run if absent. */
  readonly steady?: { readonly fromMs: number; readonly toMs: number };
}

/** When ordinary peers start. */
export const startsMs: readonly [number, number] = [100, 15_100];
/** By then the network has settled. */
export const settledMs = 35_000;
/** For so long after a publish its cost is counted, and nothing is idle. */
export const costMsDefault = 10_000;

/** `count` times, `everyMs` apart. */
export const every = (fromMs: number, everyMs: number, count: number): readonly number[] => Array.from({ length: count }, (_, k) => fromMs + k * everyMs);

/** The times between `fromMs` and `endMs` that are outside the 10 s after any publish. */
export const idleWindows = ({ phases, endMs, idleFromMs = 0, costMs = costMsDefault }: Plan): readonly (readonly [number, number])[] => {
  const windows: (readonly [number, number])[] = [];
  let from = idleFromMs;
  for (const at of phases.flatMap(({ publishes }) => publishes).toSorted((a, b) => a - b)) {
    if (at > from) windows.push([from, at]);
    from = Math.max(from, at + costMs);
  }
  if (endMs > from) windows.push([from, endMs]);
  return windows;
};

/** The same, so many times faster: it shows that a plan runs, and says nothing about the network. */
export const hastened = (plan: Plan, times: number): Plan => {
  const span = <Span extends { readonly fromMs: number; readonly toMs: number }>(one: Span): Span => ({ ...one, fromMs: one.fromMs / times, toMs: one.toMs / times });
  const all = (moments: readonly number[]): readonly number[] => moments.map((ms) => ms / times);
  const [from, to] = plan.starts ?? startsMs;
  return {
    ...plan,
    phases: plan.phases.map((phase) => ({ ...span(phase), publishes: all(phase.publishes) })),
    endMs: plan.endMs / times,
    starts: [from / times, to / times],
    costMs: (plan.costMs ?? costMsDefault) / times,
    churn: (plan.churn ?? []).map((churn) => ({ ...span(churn), ...(churn.perMinute === undefined ? {} : { perMinute: churn.perMinute * times }) })),
    ...(plan.flash === undefined ? {} : { flash: span(plan.flash) }),
    ...(plan.partition === undefined ? {} : { partition: span(plan.partition) }),
    ...(plan.steady === undefined ? {} : { steady: span(plan.steady) }),
    newcomers: all(plan.newcomers ?? []),
    retention: (plan.retention ?? []).map(({ label, atMs }) => ({ label, atMs: atMs / times })),
    idleFromMs: (plan.idleFromMs ?? 0) / times,
  };
};
