/** What any packet log can keep; the same rule for all, so that an app may change its log and find no surprise. */
import { fromHex, utf8 } from '@srp/machine';
import { idBytesCount, ingressBytesMax, objectBytesMax } from '../constants.js';
import type { PacketRecord } from '../record.js';

/** A record in pieces of bytes. */
export interface Checked {
  readonly id: Uint8Array;
  /** Empty for `null`. */
  readonly ingress: Uint8Array;
  /** Whole milliseconds. */
  readonly keptAt: number;
}

/** Throws `RangeError` on a record that no log can hold. */
export const checked = ({ id, keptAt, ingress, bytes }: PacketRecord): Checked => {
  const who = ingress === null ? new Uint8Array(0) : utf8(ingress);
  const ids = fromHex(id);
  if (ids.length !== idBytesCount) throw new RangeError(`Cannot log an object: its id has ${idBytesCount} bytes, got ${ids.length}`);
  if (ingress !== null && (who.length < 1 || who.length > ingressBytesMax)) {
    throw new RangeError(`Cannot log an object: ingress must be null or 1..${ingressBytesMax} bytes, got ${who.length}`);
  }
  if (bytes.length < 1 || bytes.length > objectBytesMax) {
    throw new RangeError(`Cannot log an object: it must have 1..${objectBytesMax} bytes, got ${bytes.length}`);
  }
  if (!Number.isSafeInteger(Math.floor(keptAt)) || keptAt < 0) throw new RangeError(`Cannot log an object: keptAt must be an instant, got ${keptAt}`);
  return { id: ids, ingress: who, keptAt: Math.floor(keptAt) };
};
