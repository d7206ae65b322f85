/** What one run of a plan gives: plain values, so that another process can send them. */

/** One publish. Times are milliseconds after the publish call. */
export interface PublishResult {
  readonly phase: string;
  readonly id: string;
  readonly atMs: number;
  /** Members of E: subscribers online at the origin, except the publisher. */
  readonly expected: number;
  /** When every member of E was reached or had died; the time to the end of the run if that did not happen. */
  readonly t100Ms: number;
  readonly isComplete: boolean;
  /** Members of E that still lived 10 s after the origin, and those of them that had been reached. */
  readonly stayed: number;
  readonly stayedReached: number;
  /** cov(t) on the grid of {@link curveTimesMs}. */
  readonly curve: readonly number[];
  /** Of the first 10 s: datagrams with the packet sent by anyone, their bytes, such datagrams received, and subscribers reached. */
  readonly sent: number;
  readonly sentBytes: number;
  readonly received: number;
  readonly reached: number;
}

/** What subscribers held at one moment: for each phase, pairs of a subscriber and a packet, and those of them that were held. */
export interface RetentionResult {
  readonly label: string;
  readonly phases: Readonly<Record<string, { readonly pairs: number; readonly held: number }>>;
}

/** Datagrams sent by anyone in some time. */
export interface TrafficResult {
  readonly name: string;
  readonly seconds: number;
  readonly datagrams: number;
  readonly bytes: number;
}

/** What the draws came to. */
export interface WorldResult {
  /** Ordinary peers that were ever started, and how many of them. */
  readonly peers: number;
  readonly hard: number;
  readonly subscribers: number;
  /** Datagrams sent, and how many of them the links lost. */
  readonly sent: number;
  readonly lost: number;
}

export interface RunResult {
  readonly seed: number;
  readonly nodes: number;
  readonly introducers: number;
  readonly publishes: readonly PublishResult[];
  /** Publishes that did not happen because no subscriber was ready. */
  readonly skipped: number;
  readonly retention: readonly RetentionResult[];
  readonly phases: readonly TrafficResult[];
  readonly idle: TrafficResult;
  /** From a subscriber's start until it had a neighbour of its topic, milliseconds; `null` for one that never had. Only of plans with a flash. */
  readonly readyMs: readonly (number | null)[];
  /** Datagrams that each newcomer of the plan sent and received in its first 10 s. */
  readonly joinDatagrams: readonly number[];
  readonly world: WorldResult;
  readonly virtualMs: number;
  /** While the network was at rest, if the plan says when: virtual time, and the processor time that it took. */
  readonly steady: { readonly virtualMs: number; readonly cpuMs: number } | null;
  readonly traceHash: string;
  /** The life of the packet that was asked for, if there is one. */
  readonly life: string | null;
}

/** When curves are read: each 50 ms for 10 s. */
export const curveTimesMs: readonly number[] = Array.from({ length: 201 }, (_, k) => 50 * k);
