/** What several frames have in common: ids and addresses, written with the caller's mistakes thrown at once. */
import { type Address, decodeAddress, type Decoded, decoded, encodeAddress, parseAddress, refused, scopeOf, type ShortId } from '@srp/machine';
import { shortIdBytes } from '../constants.js';
import { WireError } from '../errors.js';
import { readHex, writeHex } from '../hex.js';
import { type Frame, frameType } from './frame.js';
import type { FrameRefusal } from './refusal.js';

/** A caller's frame breaks a rule. */
export const invalid = (kind: Frame['kind'], rule: string): WireError =>
  new WireError('FRAME_FIELD_INVALID', `Cannot encode ${kind}: ${rule}`);

/** Writes an id or token of `length` bytes at `offset`. */
export const putHex = (bytes: Uint8Array, offset: number, hex: string, length: number, kind: Frame['kind'], field: string): void => {
  if (!writeHex(bytes, offset, hex, length)) {
    throw invalid(kind, `${field} must be ${2 * length} lowercase hex characters, got ${JSON.stringify(hex)}`);
  }
};

/** The bytes of an id or token. */
export const hexBytes = (hex: string, length: number, kind: Frame['kind'], field: string): Uint8Array => {
  const bytes = new Uint8Array(length);
  putHex(bytes, 0, hex, length, kind, field);
  return bytes;
};

/** The 19 bytes of an address that a peer can have. */
export const addressOf = (address: Address, kind: Frame['kind'], field: string): Uint8Array => {
  const canonical = parseAddress(address);
  if (canonical !== address || scopeOf(canonical) === 'forbidden') {
    throw invalid(kind, `${field} must be an address that a peer can have, got ${JSON.stringify(address)}`);
  }
  return encodeAddress(canonical);
};

/** Checks an integer of a caller. */
export const checkInteger = (value: number, min: number, max: number, kind: Frame['kind'], field: string): void => {
  if (!Number.isInteger(value) || value < min || value > max) throw invalid(kind, `${field} must be an integer ${min}..${max}, got ${value}`);
};

/** Checks a list of a caller: its length, and that nothing is in it twice. */
export const checkList = (list: readonly string[], min: number, max: number, kind: Frame['kind'], field: string): void => {
  if (list.length < min || list.length > max) throw invalid(kind, `${field} must be ${min}..${max}, got ${list.length}`);
  if (hasRepeats(list)) throw invalid(kind, `${field} must not repeat, got one twice`);
};

/** Whether something is in the list twice. */
export const hasRepeats = (list: readonly string[]): boolean => new Set(list).size < list.length;

/** The address in 19 bytes, if a peer can have it. */
export const readAddress = (bytes: Uint8Array, offset: number): Decoded<Address, 'address-invalid' | 'address-forbidden'> => {
  const address = decodeAddress(bytes, offset);
  if (address === null) return refused('address-invalid');
  return scopeOf(address) === 'forbidden' ? refused('address-forbidden') : decoded(address);
};

/** The bytes of a fixed frame, zero but for its type. */
export const started = (kind: Frame['kind'], length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  bytes[0] = frameType[kind];
  return bytes;
};

/** Writes short ids one after the other. */
export const putIds = (bytes: Uint8Array, offset: number, ids: readonly ShortId[], kind: Frame['kind']): void => {
  ids.forEach((id, i) => putHex(bytes, offset + shortIdBytes * i, id, shortIdBytes, kind, 'every id'));
};

/** The ids from `offset` to the end. */
export const readIds = (bytes: Uint8Array, offset: number, min: number, max: number): Decoded<readonly ShortId[], FrameRefusal> => {
  const length = bytes.length - offset;
  if (length % shortIdBytes !== 0) return refused('frame-length-wrong');
  const count = length / shortIdBytes;
  if (count < min) return refused('ids-empty');
  if (count > max) return refused('ids-too-many');
  const ids: ShortId[] = [];
  for (let at = offset; at < bytes.length; at += shortIdBytes) ids.push(readHex(bytes, at, shortIdBytes) as ShortId);
  return hasRepeats(ids) ? refused('ids-repeated') : decoded(ids);
};
