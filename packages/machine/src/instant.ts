/**
 * Time as the protocol sees it: one number that never runs back. SPEC, Conventions.
 *
 * A driver makes instants, machines only compare and add them. An instant counts milliseconds since
 * the Unix epoch, because objects carry Unix seconds; it is a wall clock made monotonic, never the
 * wall clock itself (which a user or a time server may set back).
 */

declare const brand: unique symbol;

/** Milliseconds since 1970-01-01T00:00:00Z, not decreasing within one process. */
export type Instant = number & { readonly [brand]: 'Instant' };

/** Brands a number of milliseconds since the Unix epoch. Drivers and tests call this; machines do not. */
export const instant = (ms: number): Instant => {
  if (!Number.isFinite(ms) || ms < 0) {
    throw new RangeError(`Cannot make an instant: milliseconds must be finite and >= 0, got ${ms}`);
  }
  return ms as Instant;
};

/** The instant `ms` milliseconds after `from` (before it, if negative). */
export const after = (from: Instant, ms: number): Instant => (from + ms) as Instant;

/** Whole Unix seconds of an instant, as objects carry them (u32, good to 2106). */
export const unixSeconds = (at: Instant): number => Math.floor(at / 1000);

/** The earliest of several deadlines; `null` means none. A parent machine answers with this for its children. */
export const earliest = (...deadlines: readonly (Instant | null)[]): Instant | null => {
  let first: Instant | null = null;
  for (const deadline of deadlines) {
    if (deadline !== null && (first === null || deadline < first)) first = deadline;
  }
  return first;
};

/** Whether a deadline has come. To a machine that did not ask to be woken by now, a wakeup would be an early one: it changes nothing and costs time. */
export const isDue = (now: Instant, deadline: Instant | null): boolean => deadline !== null && now >= deadline;
