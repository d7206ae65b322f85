/**
 * How old an object may be, and how many hops its age leaves it. SPEC, Postage and age.
 *
 * ```
 *  postage
 *   16 ┤▀▀▀▀▀▀▀▀▙▄▄
 *      │           ▀▀▙▄▄          one hop less for each sixteenth of its life:
 *    8 ┤                ▀▀▙▄▄     the postage is not signed, but the time is, so
 *      │                     ▀▀▙  whoever winds the postage back gains nothing
 *    0 ┼────────┬──────────────┬─▶ age
 *    time    time + skew    time + skew + life: expired
 * ```
 *
 * Everything is whole seconds, so that all peers compute the same.
 */
import { type Instant, unixSeconds } from '@srp/machine';
import { lifeSeconds, postageMax, skewSeconds } from '../constants.js';
import type { Life } from './layout.js';
import type { PacketRefusal } from './refusal.js';

/** What of an object decides on its age. */
export interface Aged {
  readonly life: Life;
  /** Unix seconds. */
  readonly time: number;
}

/** How long an object of this class lives, milliseconds. */
export const lifeMs = (life: Life): number => lifeSeconds[life] * 1000;

/** When an object of this class and time is refused as expired, milliseconds since the Unix epoch: life and skew are over. */
export const expiresAt = ({ life, time }: Aged): Instant => ((time + lifeSeconds[life] + skewSeconds[life] + 1) * 1000) as Instant;

/** Whether the object may be taken at `now`: `null`, or why not. */
export const checkPacket = (packet: Aged & { readonly postage: number }, now: Instant): PacketRefusal | null => {
  const seconds = unixSeconds(now);
  if (packet.time > seconds + skewSeconds[packet.life]) return 'packet-from-future';
  if (packet.time + lifeSeconds[packet.life] + skewSeconds[packet.life] < seconds) return 'packet-expired';
  return packet.postage > postageBound(packet, now) ? 'packet-overpaid' : null;
};

/** The most postage anyone accepts on this object at `now`, 0..16. */
export const postageBound = (packet: Aged, now: Instant): number => boundAt(packet, unixSeconds(now) - skewSeconds[packet.life]);

/**
 * The postage to put on this object when it is sent at `now` because the other side asked for it, 0..15: one below the
 * bound as a clock without error sees it, so that a receiver whose clock is ahead, within the skew, takes it.
 */
export const pullPostage = (packet: Aged, now: Instant): number => Math.max(0, boundAt(packet, unixSeconds(now)) - 1);

const boundAt = ({ life, time }: Aged, seconds: number): number => {
  const sixteenths = Math.floor((postageMax * Math.max(0, seconds - time)) / lifeSeconds[life]);
  return Math.max(0, postageMax - sixteenths);
};
