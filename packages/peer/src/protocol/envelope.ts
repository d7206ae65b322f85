/** What the sealed envelope of a message says besides its payload, as far as there is room. SPEC, Envelope. */
import type { Instant, PacketId } from '@srp/machine';
import { type Envelope, payloadBytesMax } from '@srp/wire';

/** An envelope that says nothing takes no room: a message may then have 1023 bytes. */
const nothing: Envelope = { parents: [], ms: 0 };

/** The most bytes of a message in one packet; a longer one goes in parts. */
export const packetMessageBytesMax = payloadBytesMax(nothing);

/**
 * The envelope of a message published at `now` after `parents`, latest first. Later messages name what an earlier
 * one leaves out, so a payload that needs the room drops the oldest parents first, and at last the milliseconds.
 */
export const fittingEnvelope = (payloadBytes: number, now: Instant, parents: readonly PacketId[]): Envelope => {
  for (let count = parents.length; count >= 0; count -= 1) {
    const envelope = { parents: parents.slice(0, count), ms: Math.floor(now) % 1000 };
    if (payloadBytes <= payloadBytesMax(envelope)) return envelope;
  }
  return nothing;
};
