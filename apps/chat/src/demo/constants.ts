/**
 * The demo's numbers, and what is said in it.
 */

/** Peers that have no key, besides the introducer. */
export const relayCount = 3;

/** The whole demo, ms: the founders' 60 s, less the time to clean up. */
export const demoLimitMs = 55_000;

/** How long the actors have to find each other, ms. Guess: an introduction takes 3 attempts of 3 s at worst. */
export const meetingLimitMs = 15_000;

/** How long a relay has to take what a member hands it, ms. */
export const custodyLimitMs = 5_000;

/** How long Alice waits for what was said in her absence, ms. A neighbour is asked every 60 s, a new one at once. */
export const returnLimitMs = 20_000;

/** Caches that do not change for this long have settled, ms. Guess: an exchange on loopback takes a tenth of it. */
export const quietMs = 300;

/** How often an actor is asked how it is, ms. */
export const reportIntervalMs = 100;

export const roomName = 'offline-demo';
export const greeting = 'Are you there, Bob?';
export const messages = ['Yes! You went offline, so this waits for you.', 'I have to leave as well.', 'Whoever reads this, it is not our relays.'] as const;
