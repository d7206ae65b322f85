/**
 * The last moments before leaving, when something was said to nobody: somebody may be about to come.
 */
import type { Peer } from '@srp/peer';
import { lingerForExchangeMs, lingerForNeighbourMs, lingerPollMs } from './constants.js';

/**
 * Waits for a first neighbour, and then until it had the time to ask for what was said. Resolves to whether one came;
 * the signal ends the waiting.
 */
export async function linger(peer: Peer, signal: AbortSignal): Promise<boolean> {
  const end = Date.now() + lingerForNeighbourMs;
  while (peer.neighbours().length === 0) {
    if (signal.aborted || Date.now() >= end) return false;
    await pause(lingerPollMs, signal);
  }
  await pause(lingerForExchangeMs, signal);
  return true;
}

/** A pause that the signal cuts short. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      done();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}
