/** The numbers of the lab. Addresses and the like stand where the network is drawn, in lab/topology.ts. */

/** How long a pair has to deliver both ways over a direct path, seconds. Guessing the port of a box with 64 512 takes 10 s at 100 probes a second. */
export const limitSDefault = 10;

/** How often a peer's neighbours are looked at for a path that changed, ms. The resolution of "direct ms". */
export const pathPollMs = 10;

/** Pairs at a time for each core. Most wait for a path that may not come; those that meet are one for two cores. Guess. */
export const pairsPerCore = 4;

/** A pair counts as busy so long after it began, ms. A simple punch takes 0.1 to 0.8 s on a machine that has time; guess with room. */
export const busyMs = 2_000;

/** How long a process of the lab has to come up, ms. Five Node processes start in 2 s on one busy core; guess with room. */
export const startLimitMs = 30_000;

/** Helpers: peers with public addresses. Four networks is what an own mapping is judged by (SPEC, N-15). */
export const helperCount = 4;

/** How often the helpers are looked at until they all know each other, ms. */
export const helpersPollMs = 20;

/** After the answer that must come, what may come is waited for so long, ms. Both take the same path, the second went first. */
export const graceMs = 150;

/** A datagram of the probe that gets no answer is sent again after this, ms, so many times in all. Nothing is lost but under load. */
export const askAgainMs = 500;
export const askTimesMax = 6;

/** Fresh mappings that the probe makes to see which ports a box gives. 64 of 4096 ports span 94% of them on average. */
export const portSampleCount = 64;

/** When the probe asks for a late answer, as a share of the mapping's life: one that must come, one that must not. */
export const lateShares = [0.6, 1.4] as const;
