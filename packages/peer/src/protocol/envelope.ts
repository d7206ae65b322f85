/** What the sealed envelope of a message says besides its payload, as far as there is room. SPEC, Envelope. */
import type { Instant, PacketId } from '@srp/machine';
import { type Envelope, idBytes, payloadBytesMax } from '@srp/wire';

/** An envelope that says nothing takes no room: a message may then have 1023 bytes. */
const nothing: Envelope = { parents: [], ms: 0 };

/** The most bytes of a message in one packet; a longer one goes in parts. */
export const packetMessageBytesMax = payloadBytesMax(nothing);

/** What each parent but the first adds: its id, and the head that says how long that is. */
const parentBytes = idBytes + 1;

/**
 * The envelope of a message published at `now` after `parents`, latest first. Later messages name what an earlier
 * one leaves out, so a payload that needs the room drops the oldest parents first, and at last the milliseconds.
 */
export const fittingEnvelope = (payloadBytes: number, now: Instant, parents: readonly PacketId[]): Envelope => {
  const ms = Math.floor(now) % 1000;
  const roomBeside = (count: number): number => payloadBytesMax({ parents: parents.slice(0, count), ms }) - payloadBytes;
  if (parents.length > 0) {
    const room = roomBeside(1);
    if (room >= 0) return { parents: parents.slice(0, 1 + Math.floor(room / parentBytes)), ms };
  }
  return roomBeside(0) >= 0 ? { parents: [], ms } : nothing;
};
