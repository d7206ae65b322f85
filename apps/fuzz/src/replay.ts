/** A case as text, so that it can be fed again: `target:hex,hex,...`. */
import { fromHex, toHex } from '@srp/machine';

export interface Case {
  readonly target: string;
  readonly inputs: readonly Uint8Array[];
}

export const formatCase = ({ target, inputs }: Case): string => `${target}:${inputs.map(toHex).join(',')}`;

/** Throws `RangeError` on anything else. */
export const parseCase = (text: string): Case => {
  const colon = text.indexOf(':');
  if (colon < 1) throw new RangeError('Cannot replay: a case is written target:hex,hex,...');
  return { target: text.slice(0, colon), inputs: text.slice(colon + 1).trim().split(',').map(fromHex) };
};
