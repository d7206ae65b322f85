/** A fault to test with: peers that a lookup cannot see, drawn anew for each lookup. SPEC does not know of it. */
import { type PeerId, type Random } from '@srp/machine';

/** Whether a peer is one of them: each is with probability `share`, and stays so. */
export type BlindSpot = (peer: PeerId) => boolean;

/** Makes one for each lookup. */
export const blindSpots = (random: Random, share: number): (() => BlindSpot) => () => {
  const drawn = new Map<PeerId, boolean>();
  return (peer) => {
    const known = drawn.get(peer) ?? random.below(2 ** 32) < share * 2 ** 32;
    drawn.set(peer, known);
    return known;
  };
};

/** Of lookups that see everybody. */
export const noBlindSpots = (): BlindSpot => () => false;
