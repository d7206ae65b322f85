/** Every reason to refuse an object, one per rule of SPEC, Objects, and Postage and age. */

/** What `decodePacket` answers (the first five) and what `checkPacket` answers (the others). */
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
