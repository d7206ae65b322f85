/** What the process of a peer is told, and what it tells. */
import type { RealPlan } from './plan.js';
import type { PeerRecord } from './result.js';

/** All that a process is told. */
export interface Begin {
  readonly plan: RealPlan;
  /** Which peer of the plan it is; `null` for an introducer. */
  readonly self: number | null;
  /** Whom it knows: PEERID@host:port. */
  readonly introducers: readonly string[];
  /** When the plan starts, by {@link sharedClockMs}. */
  readonly startAtMs: number;
}

export type Told =
  /** It waits for the plan. An introducer is up by then, and says where. */
  | { readonly kind: 'ready'; readonly address: string | null }
  | { readonly kind: 'done'; readonly record: PeerRecord };

/** Milliseconds of a clock that never runs back and that all processes of this machine share. */
export const sharedClockMs = (): number => Number(process.hrtime.bigint()) / 1e6;
