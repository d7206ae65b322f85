/** From what happened to one packet to what is told of it. docs/guides/scenarios.md, "Measures". */
import type { PacketId } from '@srp/machine';
import type { Member } from './population.js';
import { curveTimesMs, type PublishResult } from './result.js';

/** A publish, and what became of its packet. */
export interface Publication {
  readonly id: PacketId;
  readonly phase: string;
  readonly atMs: number;
  readonly publisher: Member;
  /** E. */
  readonly expected: readonly Member[];
  /** Everybody who ever was. */
  readonly members: readonly Member[];
  sent: number;
  sentBytes: number;
  received: number;
}

export const measure = ({ id, phase, atMs, publisher, expected, members, sent, sentBytes, received }: Publication, costMs: number, endMs: number): PublishResult => {
  // For each member of E: after how long it was reached, and after how long it died.
  const fates = expected.map(({ reachedAt, endedAtMs }) => ({ reachedMs: (reachedAt.get(id) ?? Infinity) - atMs, diedMs: (endedAtMs ?? Infinity) - atMs }));
  const doneMs = fates.reduce((latest, { reachedMs, diedMs }) => Math.max(latest, Math.min(reachedMs, diedMs)), 0);
  const coveredAt = (ms: number): { readonly stayed: number; readonly reached: number } => {
    const alive = fates.filter(({ diedMs }) => diedMs > ms);
    return { stayed: alive.length, reached: alive.filter(({ reachedMs }) => reachedMs <= ms).length };
  };
  const after10s = coveredAt(costMs);
  return {
    phase,
    id,
    atMs,
    expected: expected.length,
    t100Ms: Math.min(doneMs, endMs - atMs),
    isComplete: doneMs <= endMs - atMs,
    stayed: after10s.stayed,
    stayedReached: after10s.reached,
    curve: curveTimesMs.map((ms) => shareOf(coveredAt(ms))),
    sent,
    sentBytes,
    received,
    reached: members.filter((member) => member !== publisher && (member.reachedAt.get(id) ?? Infinity) - atMs <= costMs).length,
  };
};

const shareOf = ({ stayed, reached }: { readonly stayed: number; readonly reached: number }): number => (stayed === 0 ? 1 : reached / stayed);
