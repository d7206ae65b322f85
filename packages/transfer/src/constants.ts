/** Every number of this package: meaning, unit, source. SPEC is docs/spec/transfer.md. */

/** Bytes of a block, be it a piece of the file or a node of its tree. SPEC, The tree. */
export const blockBytes = 1024;
/** Bytes of a hash in a node. SHA-256. */
export const hashBytes = 32;
/** Children of a node: as many hashes as a block holds. SPEC, The tree. */
export const childrenMax = blockBytes / hashBytes;
/** Bytes of a group, the leaves below one node: what is encrypted, read and written at once. */
export const groupBytes = childrenMax * blockBytes;
/** Bytes of a file's key. ChaCha20. */
export const keyBytes = 32;
/** Bytes of the nonce, which is zero: a key is of one content alone. SPEC, The tree. */
export const nonceBytes = 12;
/** Blocks of keystream in a leaf: 1024 bytes are 16 blocks of 64. RFC 8439 section 2.3. */
export const keystreamBlocksPerLeaf = 16;
/** Most bytes of a file: 64 GiB, of which the keystream has four times as many. SPEC, The tree. */
export const fileBytesMax = 2 ** 36;
/** What is hashed in front of size and top block into the id of a file, and in front of a content into its key. ASCII. SPEC, The tree. */
export const labels = { file: 'srp1 file', key: 'srp1 file key' } as const;

// Pace: src/window.ts.

/** Blocks that are asked for at first. protocol: 16. */
export const windowFirst = 16;
/** Fewest blocks under way: with fewer, one loss could be noticed by its time alone. */
export const windowLeast = 4;
/** Most blocks under way: 300 Mbit/s over 100 ms. Bounds what a receiver holds. */
export const windowMost = 4096;
/** By how much a transfer may make the line's queue longer, ms. LEDBAT++ (draft-irtf-iccrg-ledbat-plus-plus) has 60; two of them must stay below 100. */
export const queueTargetMs = 45;
/** The queue at which the first doubling ends, as a part of the target. LEDBAT++: 3/4. */
export const startUntilShare = 0.75;
/** The queue from which on a loss counts as one of congestion, ms. protocol: simulated, 15 keeps a line full at 5 % random loss. */
export const lossQueueMs = 15;
/** ... and where many are lost, so that a line whose queue is short is not flooded: simulated, one of 8 ms is full at 5. */
export const lossyQueueMs = 4;
/** What share of blocks is many. Guess: lines that lose more by themselves than radio in bad weather are rare. */
export const lossyShare = 0.08;
/** Where more than this share is lost, each loss counts, queue or not. Guess: the worst of the bad lines loses a quarter. */
export const hopelessShare = 0.5;
/** Weight of one block in the share that is lost. */
export const lossWeight = 1 / 256;
/** What a loss of congestion leaves of the window, once a round trip. protocol has 0.7; simulated, 0.8 keeps a line fuller that loses 5 %. */
export const lossFactor = 0.8;
/** Blocks by which the window grows in a round trip. Simulated: two transfers come to equal shares within 20 round trips, with 8; with 1 in 250. */
export const growthBlocks = 8;
/** ... and at most this part of the window, so that a slow line's queue stays near its target. */
export const growthShareMax = 0.25;
/** Most that one block that came through a long queue takes from the window: half of it in a round trip. LEDBAT++. */
export const shrinkMost = 0.5;
/** Round trips of which the least counts as the latest: timers and batches make single ones longer. protocol: 8. */
export const recentRtts = 8;
/** How long the least round trip is believed, ms, twice: what was measured may be of another path. protocol: 10 minutes. */
export const baseKeptMs = 300_000;
/** Round trips with few blocks under way after the first doubling: the line's queue runs empty, so its true length shows. LEDBAT++: 2. */
export const drainRtts = 2;
/** How long the queue may seem too long although next to nothing is under way, ms: then it is not ours, or the path has changed. Guess, not measured. */
export const baseDoubtedMs = 4_000;
/** How much faster than a window a round trip blocks are asked for, so that a window that grows is used. protocol: 1.25. */
export const paceFactor = 1.25;
/** ... while the window doubles. */
export const startPaceFactor = 2.5;
/** The round trip before one was measured, ms. RFC 6298: 1 s; a wrong guess costs the pace of the first 16 blocks. */
export const rttUnknownMs = 200;
/** Least time after which blocks that were asked for count as lost, ms. protocol: 200. */
export const timeoutLeastMs = 200;
/** ... most, ms: the ninth of the bad lines has round trips of 1.6 s and a queue. */
export const timeoutMostMs = 6_000;
/** Times out in a row after which it begins anew. protocol: 3, and then 4 blocks; a burst of 40 losses is through sooner with the first 16. */
export const timeoutsUntilStart = 3;

// Fetching: src/plan.ts, src/source.ts, src/fetch.ts.

/** Groups from the first that is not whole on of which leaves are asked for: what a slow source may hold back, and what is held in memory, 8 MiB. */
export const groupsAheadMax = 256;
/** Nodes of groups are asked for so many windows ahead of their leaves: two round trips, and two more where a node above is missing. */
export const nodesAheadWindows = 4;
/** ... and so many groups more. */
export const nodesAheadLeast = 8;
/** Bytes that were handed out to be written and are not yet: more is not asked for then. 4 MiB. */
export const unwrittenBytesMax = 4 * 1024 * 1024;
/** Blocks that one PULL asks for: this part of the window, so that what they make of the line's queue stays small. */
export const batchShare = 1 / 32;
/** ... or what goes out in so many ms, where that is more: on a fast line a PULL for each block costs as much as the block. */
export const batchMs = 2;
/** ... but not more than this part of the window then. */
export const batchShareMost = 1 / 4;
/** ... at most. SPEC, Frames: 64; a burst of 32 is 3 ms at 100 Mbit/s. */
export const batchMost = 32;
/** A block is lost when one that was asked for this part of a round trip later has come ... */
export const reorderShare = 1 / 8;
/** ... but for this time, ms: disks and timers reorder too. Guess, not measured. */
export const reorderLeastMs = 4;
/** A block that comes sooner than this part of the least round trip after it was asked for again answers what was asked before. Guess: round trips are measured to a millisecond. */
export const answeredShare = 7 / 8;
/** Blocks that counted as lost and may yet come, of one source: the largest window. */
export const missedMax = windowMost;
/** The source that gave nothing for so many times out in a row is left for a while. Guess, not measured. */
export const timeoutsUntilAway = 5;
/** How long a source is left, ms; each further time twice as long. Guess, not measured. */
export const awayMs = 1_000;
/** ... at most, ms. Guess, not measured: a sharer that was killed is asked again half a minute after it is back. */
export const awayMostMs = 30_000;
/** Sources of one fetch; further ones are not asked. Guess, not measured. */
export const sourcesMax = 32;
/** Peers that sent what is not of a file and are remembered, of one fetch. Guess: one that is forgotten wastes one more block. */
export const liarsMax = 1_024;
/** Sources of one fetch that nobody named: whoever has a session, or asks us for the file and so will soon have some of it. Leaves room for those that were named. */
export const unnamedSourcesMax = sourcesMax / 2;
/** How long a source that has nothing we lack is left in peace before it is asked whether it has more by now, ms, in case its word was lost. Guess, not measured. */
export const askHolderMs = 5_000;
/** Fetches at once. Guess, not measured: each holds up to 13 MiB. */
export const fetchesMax = 64;
/** Over how long the rate of a fetch is measured, ms, and in how many steps. */
export const rateOverMs = 4_000;
export const rateSteps = 16;

// Sharing: src/serve.ts.

/** Files that are shared at once. An app's doing; each is a thousandth of its size in memory. */
export const sharesMax = 4_096;
/** Groups that are kept encrypted after they were read: 4 MiB. A window of the fastest line, for one receiver. */
export const groupsKept = 128;
/** Groups that are being read at once. */
export const readsMax = 16;
/** Blocks that one receiver may be waiting for: the largest window. */
export const waitingMax = windowMost;
/** Blocks that are given at once: what a processor seals in a few ms. Then whatever else there is to say has its turn. */
export const givenAtOnceMost = 256;
/** Bytes a second that are given without a limit: more than a processor seals, so that what was asked for at once does not go out at once. 256 MiB. */
export const givenBytesPerSecondMost = 256 * 1024 * 1024;
/** What a limit gives in so many ms may go out at once. */
export const givenOverMs = 20;
/** Receivers that are waiting for blocks; as many as a link has sessions. */
export const receiversMax = 512;
/** How long a peer that asked for a block counts as a receiver, ms. Guess, not measured. */
export const receiverKeptMs = 30_000;

/** Peers that are told of one file how much of it is here by now. Guess, not measured: more wait until they ask again. */
export const followersMax = 64;
/** How often each is told, ms: 90 bytes each time. Guess, not measured. */
export const tellEveryMs = 250;
/** HOLDS that a source may say at once: as many as the first PULLs ask for, and what of its word every `tellEveryMs` comes together. */
export const wordsKept = windowFirst;
/** Groups behind the first missing one that HOLDS can name. SPEC, Frames. */
export const holdsBitsMax = 256;

// Streams: src/streams/.

/** Pieces that may be sent before any is asked for: what a request needs, and the first window. SPEC, Streams. */
export const unaskedPieces = windowFirst;
/** What is asked for ahead of what the app has read. Bytes. 2 MiB: 170 Mbit/s over 100 ms. */
export const unreadBytesMax = 2 * 1024 * 1024;
/** Streams between two peers. Guess, not measured. */
export const streamsPerPeerMax = 64;
/** Streams in all. Guess, not measured: each holds up to 2 MiB and a window. */
export const streamsMax = 512;
/** Streams that are over and whose last pieces may come again. */
export const endedKept = 1_024;
/** Pieces between two words of how far a stream is whole, so that its sender can let go of them. */
export const piecesPerWord = 32;
/** Unit in which CHUNK tells how long it was asked for in vain, ms. SPEC, Frames. */
export const heldUnitMs = 0.25;
/** How long a sender that hears nothing waits before it sends what is not acknowledged again, ms: at first ... */
export const repeatFirstMs = 300;
/** ... and at most; each pause is twice the one before. Guess, not measured. */
export const repeatMostMs = 2_000;
/** How long it goes on: as long as a session lives that hears nothing, and some more, ms. Guess, not measured. */
export const repeatUntilMs = 60_000;
/** Pieces that one ASK has sent again: twice what one asks for. */
export const repeatedMost = 2 * batchMost;
