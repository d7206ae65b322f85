/** Every number of the cache: meaning, unit, source. SPEC is docs/SPEC.md. */

/** Bytes the cache may take in memory, overhead included, unless it is told otherwise: 16 MiB. SPEC, Cache. */
export const budgetBytesDefault = 16 * 1024 * 1024;
/** Smallest budget: each pool's share must hold one object of the greatest size. SPEC, Cache. */
export const budgetBytesMin = 64 * 1024;
/** Most objects at once, whatever the budget. SPEC, Cache. */
export const entriesMax = 32_768;

/** Most bytes of the text that names who is charged for an object: `networkOf` gives at most 45. Guess, not measured. */
export const ingressBytesMax = 64;

/** Bytes that one log file holds before it is worth rewriting: 1 MiB. Guess, not measured. ADR 4. */
export const compactBytesMin = 1024 * 1024;
/** A log is rewritten when it is this many times as long as what lives in it. ADR 4: disk use stays below it, churn is written at most twice. */
export const compactRatio = 2;
/** Most bytes that wait to be written; a put that would go beyond is refused. 4 MiB: 8 s of 512 objects a second. Guess, not measured. */
export const pendingBytesMax = 4 * 1024 * 1024;
/** Most objects one log holds: twice what a cache holds, since a put may come before the delete that makes room. */
export const logRecordsMax = 2 * entriesMax;
/** Bytes read, copied or checked at a time, so that no step holds the thread for 5 ms: 64 KiB take 0.3 ms. Measured, bench/log.bench.ts. */
export const logStepBytes = 64 * 1024;
/** Only the owner reads what a peer keeps: it holds neighbours' networks. */
export const logFileMode = 0o600;
