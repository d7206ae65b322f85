/** `@srp/cache`: what a peer holds for itself and others, and how two peers make what they hold alike. */
export { CacheError, type CacheErrorCode, errorCodes } from './errors.js';
export type { CacheDrop, CacheInput, CacheOutput, CacheStats, PacketCacheOptions } from './cache-types.js';
export { PacketCache } from './packet-cache.js';
export { SeenFilter, type SeenFilterOptions } from './seen-filter.js';
export { type PacketRecord, type Part, type Pool, pools } from './record.js';
export type { ReconcilerDrop, ReconcilerFrame, ReconcilerInput, ReconcilerOutput, ReconcilerStore } from './reconcile/types.js';
export type { Sketch } from './reconcile/sketch.js';
export { Sketches, type SketchesOptions } from './reconcile/sketches.js';
export { Reconciler, type ReconcilerOptions, type ReconcilerStats } from './reconciler.js';
