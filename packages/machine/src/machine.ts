/**
 * The contract of a protocol machine: state, and no world. SPEC, Conventions; ADR 2.
 *
 * ```
 *            input, now                 outputs, in order
 *   driver ──────────────▶  machine  ──────────────▶  driver
 *      ▲                       │ deadline()              │
 *      └──── one timer ◀───────┘      datagrams, disk ◀──┘
 * ```
 *
 * A machine is synchronous. It reads no clock, sets no timer, opens no socket and draws no ambient
 * randomness: what it needs it was given by its constructor, what it wants it returns.
 *
 * A driver's whole duty, the same over UDP and in the simulator: hand in one input, carry out the
 * outputs in order, re-arm one timer for `deadline()`. `now` never runs back. A wakeup may come early,
 * late or twice; then nothing changes but what is due.
 */
import type { Instant } from './instant.js';

/** The input every machine understands: time has passed. It acts on whatever is due at `now`, and on nothing else. */
export interface Wakeup {
  readonly kind: 'wakeup';
}

/** The one value of {@link Wakeup}. */
export const wakeup: Wakeup = { kind: 'wakeup' };

/**
 * A protocol machine. `Input` and `Output` are closed unions with a `kind`.
 *
 * @example
 * class Echo implements Machine<{ kind: 'say'; text: string } | Wakeup, { kind: 'said'; text: string }> { ... }
 */
export interface Machine<Input, Output> {
  /**
   * Takes one input and returns what the driver has to do, in order. Never throws for what a remote sent;
   * throws a {@link SrpError} or `RangeError` at once for a caller's mistake.
   */
  handle(now: Instant, input: Input): readonly Output[];
  /** When the machine next wants a wakeup, or `null` when only an input can change it. */
  deadline(): Instant | null;
}

/** Ends an exhaustive `switch`: the compiler refuses the call while a variant is not handled. */
export const unreachable = (value: never): never => {
  throw new TypeError(`Unhandled variant: ${JSON.stringify(value)}`);
};
