/** Every reason to refuse an object or its content, one per rule of SPEC. */
import { type CborRefusal, cborRefusals } from '../cbor/gate.js';

/** SPEC, Objects: what `decodePacket` answers; SPEC, Postage and age: what `checkPacket` answers (the last three). */
export const packetRefusals = [
  'packet-too-short',
  'packet-too-long',
  'packet-version-unknown',
  'packet-kind-reserved',
  'packet-postage-too-high',
  'packet-from-future',
  'packet-expired',
  'packet-overpaid',
] as const;

/** Why bytes are no object, or one whose time has not come, is over, or does not allow its postage. */
export type PacketRefusal = (typeof packetRefusals)[number];

const own = [
  'content-tag-wrong',
  'content-seal-broken',
  'envelope-missing',
  'envelope-truncated',
  'envelope-not-a-map',
  'parents-invalid',
  'parents-too-many',
  'parents-repeated',
  'ms-invalid',
  'recipient-invalid',
  'epoch-invalid',
  'content-type-invalid',
] as const;

/** Why a member cannot read an object: SPEC, Envelope. */
export type ContentRefusal = (typeof own)[number] | CborRefusal;

/** All of {@link ContentRefusal}. */
export const contentRefusals: readonly ContentRefusal[] = [...own, ...cborRefusals];
