/** Every number of the cache: meaning, unit, source. SPEC is docs/SPEC.md. */

/** Bytes the cache may take in memory, overhead included, unless it is told otherwise: 16 MiB. SPEC, Cache. */
export const budgetBytesDefault = 16 * 1024 * 1024;
/** Smallest budget: each pool's share must hold one object of the greatest size. SPEC, Cache. */
export const budgetBytesMin = 64 * 1024;
/** Most objects at once, whatever the budget. SPEC, Cache. */
export const entriesMax = 32_768;

/** Bytes of an id. SPEC, Objects. */
export const idBytesCount = 16;
/** Most bytes of an object: what wire allows, with room for a later version. */
export const objectBytesMax = 2_048;
/** Bytes of a block, in which objects are kept: 128 lose 64 an object, and 64 would lose more to what joins them. Guess, not measured. */
export const blockBytes = 128;
/** Blocks that memory is taken for at once, 8 KiB; and at first, 1 KiB, so that the cache of a peer that holds little is little. */
export const slabBlocks = 64;
export const slabBlocksMin = 8;
/** Bytes of a buffer that copies of objects share: seven of 534 bytes. Who keeps one of them for long keeps the buffer. [m: npm run bench -- cache/lookup; with 8 KiB no faster] */
export const copiesBytes = 4_096;
/** Bytes that a block counts: its own and the number of the next one. */
export const blockCharge: number = blockBytes + 4;
/**
 * Bytes one object takes besides its blocks: 430 measured with node 20 where tables have just doubled, bench/memory.bench.ts, less
 * otherwise. A third more is charged for what V8 and the allocator keep around it: `npm run bench -- cache/rss`.
 */
export const entryOverheadBytes = 576;
/** Bytes that each author, topic and ingress of a pool takes: 100 to 285 measured with the above. */
export const partyBytes = 352;
/** How the budget is divided, in sixteenths; what one part does not use the others borrow. SPEC, Cache. */
export const partSixteenths = { unsent: 1, topics: 8, duty: 5, strangers: 2 } as const;
/**
 * What one ingress may displace of what others brought for this peer's topics: a 64th of the budget at once (but 8 KiB, some
 * objects, of a small one), and all of it in 32 hours. So a flood of an hour through one network takes 4.7 %. SPEC, Cache.
 */
export const allowance = { burstPart: 64, burstBytesMin: 8_192, refillSeconds: 32 * 3_600 } as const;
/** Ingresses whose allowance is remembered, twice as many as a link has sessions. The one that brought something longest ago begins anew. */
export const allowancesMax = 1_024;
/** Objects looked at to find one to evict. SPEC, Cache: 8 of a pool at random find one of the worst eighth with 66 %. */
export const evictionSample = 8;
/**
 * Most parties a pool is divided between to tell a fair share: whoever holds less than that part of a pool never
 * counts as greedy. Without it an attacker with many keys makes everybody's fair share tiny. SPEC, Cache. Guess, not measured.
 */
export const fairParties = { author: 64, topic: 16, ingress: 8 } as const;
/** Objects with one `prev` that are named to who asks: more is a fork flood. Guess, not measured. */
export const successorsMax = 8;

/** A custody period is this part of an object's life: 16 of them, one for each step of its postage. SPEC, Cache. */
export const custodyPeriods = 16;
/** By how much a custody period is longer or shorter, so that holders do not act in step. SPEC, Cache. */
export const custodyJitter = 0.25;
/** How long an object that goes for good is still there for who was told of it, milliseconds. Guess, not measured. */
export const leavingMs = 10_000;
/** Objects a second that are sent on at the end of their custody, and how many at once. Guess: 32 x 3 x 1.2 kB = 115 kB/s at most. */
export const rebroadcastRate = { perSecond: 32, burst: 32 } as const;
/** How long one waits whose turn did not come, milliseconds; half of it to one and a half. */
export const rebroadcastDelayMs = 2_000;

/** Objects that are due and handled in one step: 128 take half a millisecond. Measured, bench/cache.bench.ts. */
export const dueStepMax = 128;
/** Objects that change pools in one step. Measured with the above. */
export const moveStepMax = 256;
/** Records restored in one step: 32 signatures take 2.4 ms. figures: 74 microseconds each. */
export const restoreMax = 32;

/** Ids one generation of the seen filter holds; two generations are kept. SPEC, Cache. */
export const seenGenerationMax = 65_536;
/** How long one generation lasts at most: the default life and its skew. SPEC, Cache. */
export const seenGenerationMs = 86_400_000 + 600_000;
/**
 * Slots looked at for one id before a generation counts as full. In a table half full a run of 128 taken slots has a chance
 * of about 131 072 x e^(-0.193 x 128) = 2 in a million: Knuth, The Art of Computer Programming 3, 6.4, linear probing.
 */
export const seenProbesMax = 128;

/** Neighbours whose state is kept, as many as a link has sessions. The one heard of longest ago goes. SPEC, Cache negotiation. */
export const neighboursMax = 512;
/** Topics shared with one neighbour: as many as a HELLO names. */
export const neighbourTagsMax = 64;
/** Ids in one WANT, one OFFER and one SYNC_IDS: what fits a datagram of 1200 bytes with the 29 of its session. SPEC, Frames. */
export const frameIds = { want: 60, offer: 145, syncIds: 144 } as const;
/** Symbols in one SYNC_SYM: 27 + 84 x 13 = 1119 bytes, and 52 for those whose excess takes two. SPEC, Frames. */
export const frameSymbols = 84;

/** Between two rounds of a topic, each with one neighbour at random, milliseconds; half of it to one and a half. SPEC, Cache negotiation. */
export const roundMs = 60_000;
/** By how much a round is earlier or later. */
export const roundJitter = 0.5;
/** Every so many rounds a topic is compared whole; the others compare what is younger than {@link hotSeconds}. Guess: one hour is what a minute's round repairs. */
export const wholeRoundEvery = 6;
/** What the frequent rounds compare, seconds. SPEC, Cache negotiation. */
export const hotSeconds = 3_600;
/** To what the beginning of that is rounded down, seconds, so that sketches serve all who ask. */
export const hotStepSeconds = 600;

/** Symbols there are of one set. SPEC, Frames. */
export const syncSymbolsMax = 4_096;
/** Bytes of the digest of a set. SPEC, Frames. */
export const syncDigestBytes = 12;
/** Bytes of a salt, and how long one is used, milliseconds. SPEC, Cache negotiation. */
export const saltBytes = 8;
export const saltMs = 3_600_000;
/** Sketches kept: 0.2 MB each if the whole cache is of one topic, 64 KiB more if somebody asked for all symbols. Guess, not measured. */
export const sketchesMax = 8;
/** Symbols that are made at first: what 640 differences take. 98 % of the work for all of them is in these. */
export const sketchSymbols = 1_024;
/** Changes that wait for somebody to ask; more, and the sketch is made anew: 256 take 1.5 ms to put in, making 14 000 takes 8. */
export const sketchChangesMax = 256;
/** Ids put into new sketches count as so many units, and one more, of what neighbours may cause. */
export const sketchUnitIds = 1_024;

/**
 * Symbols asked for: so many for each difference, and so many for its square root. Measured: 144 (130..162) are needed for
 * 100, 1 375 (1 338..1 420) for 1 000, and the estimate is off by 18 %; so five of six need no second time.
 */
export const symbolsAsked = { perDifference: 1.6, perRoot: 1.5 } as const;
/** A difference of more than this share of the neighbour's ids is told by the list: 8 bytes an id against 1.35 x 13 a difference. */
export const listShare = 0.45;
/** Fewest symbols that are asked for once more. */
export const moreSymbolsMin = 16;
/** Symbols one SYNC_REQ is answered with at most: 8 datagrams. SPEC, Cache negotiation. */
export const requestSymbolsMax = 8 * frameSymbols;
/** Symbols asked for at once, 24 datagrams or 28 kB, and in how many SYNC_REQ at most, if there are many gaps. Guess, not measured. */
export const roundSymbolsMax = 3 * requestSymbolsMax;
export const requestsMax = 8;
/** How often one question is asked for more symbols. */
export const symbolRoundsMax = 8;
/** Symbols that must do for a difference, as a multiple and so many more: 2.4 for 10, 1.5 for 1 000 do in 999 of 1 000 cases. Beyond, ids were made to collide. */
export const hopelessSymbols = { perDifference: 3, more: 64 } as const;
/** How long more symbols may take, milliseconds: as a multiple of what the first ones took, but within these. Guess, not measured. */
export const moreSymbolsPatience = { times: 3, msMin: 300 } as const;
/** How long symbols may come out of order, milliseconds. Guess, not measured. */
export const reorderMs = 200;
/** How often a set may change while it is told. */
export const restartsMax = 2;
/** After symbols that could not be decoded, the list is asked for; and so again after so long, milliseconds. SPEC, Cache negotiation. */
export const listAgainMs = 600_000;
/** Neighbours and topics of which that is remembered. */
export const listedMax = 512;

/** Questions open at once, over all neighbours; each holds the ids of one topic as numbers, 0.4 MB if the whole cache is of that topic. */
export const questionsMax = 8;
/** Topics that wait to be compared with one neighbour because they are kept for others. Guess, not measured: 2 are handed on at a time. */
export const comparisonsMax = 8;
/** How long a first part of an answer may take, and each further one, milliseconds. Guess: ten times a long round trip. */
export const answerMs = 3_000;
/** How often a question is asked that nobody answers. */
export const questionAttemptsMax = 2;
/** How long a question stays open, however its answer trickles in, milliseconds. */
export const questionMs = 20_000;
/** Between two questions to one neighbour about one topic, milliseconds: what it would answer. SPEC, Cache negotiation. */
export const askAgainMs = 10_000;
/** From a push that may be lost to the question that tells, ms: above the time that a push takes, and below what a reader notices. Guess. SPEC, Cache negotiation. */
export const pushedMs = 2_000;
/** From such a question to the next one, as long as the neighbour lacks something, ms: what was offered comes within that. Guess. */
export const pushedAgainMs = 3_000;
/** How many such questions come so soon: a neighbour answers three at once (C-31). Those after them wait for {@link askAgainMs}. */
export const pushedSoonMax = 3;
/** ... and how many there are in all: a minute, after which the rounds do. Guess. */
export const pushedAsksMax = 8;
/** How long an offer waits for others to the same neighbour, ms. Guess, not measured: what is fetched at once comes within that. */
export const offerWaitMs = 100;
/** Ids that wait so. Guess, not measured: what is wanted of all. */
export const offersWaitingMax = 8_192;
/** Frames of OFFER after one answer; the rest is offered in a later round. Guess: 1 184 ids. */
export const offerFramesMax = 8;

/** Parts of one answer: 98 x 144 = 14 112 ids, a whole cache of large objects. SPEC, Cache negotiation. */
export const answerPartsMax = 98;
/** Parts sent at once, and the pause before the next ones, milliseconds: a socket with a small buffer keeps 92 datagrams of a burst (figures). */
export const answerStep = { parts: 8, ms: 50 } as const;
/** Answers under way at once, over all neighbours; each holds a list of one topic, 0.1 MB if the whole cache is of that topic. */
export const answersMax = 32;

/** Objects asked of one neighbour at once. SPEC, Cache negotiation: two WANT. */
export const claimIdsMax = 120;
/** How often it is looked whether they came, milliseconds. */
export const claimPollMs = 250;
/** How long nothing may come before the rest is asked for again, milliseconds. */
export const claimStallMs = 1_000;
/** How long a claim may take in all, milliseconds, however its objects trickle in: 60 of 120 objects in 15 s are 38 kbit/s. Guess, not measured. */
export const claimMs = 15_000;
/** How often they are asked for in all. */
export const claimAttemptsMax = 3;
/** Claims of a neighbour that fail in a row before it is not believed for {@link muteMs}. A claim fails if more than half of it never comes. SPEC, Abuse. */
export const failedClaimsMax = 3;
/** How long a neighbour that claims what it does not have is not asked and not listened to, milliseconds. SPEC, Abuse. */
export const muteMs = 3_600_000;
/** Neighbours that are not listened to; the one muted longest ago goes. */
export const mutedMax = 256;
/** Ids waiting to be asked of one neighbour; the next round brings the rest. */
export const neighbourWantsMax = 1_024;
/** Ids wanted in all. */
export const wantsMax = 8_192;
/** Other neighbours that are remembered to have an object, in case the first does not send it. */
export const alternativesMax = 3;

/** What one neighbour may ask for: frames, ids it offers, parts of answers, objects. */
export const neighbourRates = {
  frames: { perSecond: 32, burst: 64 },
  offeredIds: { perSecond: 64, burst: 2_048 },
  strangersIds: { perSecond: 8, burst: 64 },
  keptIds: { perSecond: 8, burst: 512 },
  parts: { perSecond: 16, burst: 192 },
  sketchUnits: { perSecond: 4, burst: 64 },
  objects: { perSecond: 128, burst: 256 },
} as const;
/** What all neighbours together may ask for: answers, new sketches (32 000 ids, 2 % of a core), objects (256 x 1.2 kB = 307 kB/s). Guess, not measured. */
export const totalRates = {
  answers: { perSecond: 64, burst: 128 },
  sketchUnits: { perSecond: 32, burst: 256 },
  objects: { perSecond: 256, burst: 512 },
} as const;

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
/** Records written, or indexed, in one step: 2 048 take less than 1 ms. */
export const batchEntriesMax = 2_048;
/** Bytes written, copied or checked at a time, so that no step holds the thread for 5 ms: 64 KiB take 0.3 ms. `npm run bench -- cache/blocked` */
export const logStepBytes = 64 * 1024;
/** Records that a log which is opened takes in at once: less than a millisecond. [m: npm run bench -- cache/blocked] */
export const logTakenAtOnce = 512;
/** Bytes read at a time when a log is opened; each four steps. With 64 KiB half the time was spent waiting for the next ones. */
export const logReadBytes = 256 * 1024;
/** Only the owner reads what a peer keeps: it holds neighbours' networks. */
export const logFileMode = 0o600;
