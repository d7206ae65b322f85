/** The numbers of the doctor. */

/** How long it looks at most, seconds, if nothing else is said. A silent gateway is given up after 5 s, a slow handshake after 3. */
export const limitSDefault = 12;
/** How often it looks whether it knows enough, ms. */
export const lookMs = 50;
/** For so long it waits for peers on the local network, ms: they are asked at once and after a second, and answer within 120 ms. */
export const lanMs = 2_000;
/** Neighbours are asked to try the filter when the mapping is known, or after this, ms; again so often; and each time takes so long. SPEC, Filtering. */
export const examineAfterMs = 3_000;
export const examineTimes = 2;
export const examineMs = 2_000;
/** An introducer that has not answered by then does not, ms: three handshakes of 3 s, with their pauses. */
export const introducersMs = 8_000;
/** How far a clock may be off before it is said, ms. Others refuse packets that are 10 minutes from the future; a minute is what a phone keeps. */
export const clockOffMs = 60_000;
/** How far it may be off before others refuse what is published, ms. SPEC, Objects. */
export const clockRefusedMs = 600_000;
