/** Every reason to refuse bytes as a frame, one per rule of SPEC, Frames. */
import { type CborRefusal, cborRefusals } from '../cbor/gate.js';

const own = [
  'frame-empty',
  'frame-too-long',
  'frame-is-object',
  'frame-is-bundle',
  'frame-is-block',
  'frame-type-unknown',
  'frame-length-wrong',
  'flags-unknown',
  'padding-not-zero',
  'reserved-not-zero',
  'want-form-unknown',
  'ids-empty',
  'ids-too-many',
  'ids-repeated',
  'part-out-of-range',
  'symbols-out-of-range',
  'symbol-truncated',
  'symbol-invalid',
  'ranges-empty',
  'ranges-too-long',
  'range-invalid',
  'not-a-map',
  'version-invalid',
  'tag-invalid',
  'tags-invalid',
  'tags-too-many',
  'tags-repeated',
  'address-invalid',
  'address-forbidden',
  'addresses-invalid',
  'addresses-too-many',
  'addresses-repeated',
  'behaviour-invalid',
  'keeping-invalid',
  'peer-invalid',
  'peers-invalid',
  'peers-too-many',
  'peers-repeated',
  'closer-invalid',
  'closer-too-many',
  'closer-repeated',
  'keepers-invalid',
  'keepers-too-many',
  'keepers-repeated',
  'token-invalid',
  'role-invalid',
  'reason-invalid',
] as const;

/** Why bytes are no frame. */
export type FrameRefusal = (typeof own)[number] | CborRefusal;

/** All of {@link FrameRefusal}. */
export const frameRefusals: readonly FrameRefusal[] = [...own, ...cborRefusals];
