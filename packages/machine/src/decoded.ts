/** What reading a remote's bytes gives: a value, or the reason why there is none. It never throws. */

/** Either the typed value or a reason from a closed union, to be counted. */
export type Decoded<Value, Reason extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Reason };

/** The value was read. */
export const decoded = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({ ok: true, value });

/** The bytes are refused for `reason`. */
export const refused = <Reason extends string>(reason: Reason): { readonly ok: false; readonly reason: Reason } => ({ ok: false, reason });
