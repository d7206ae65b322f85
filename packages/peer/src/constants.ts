/** Every number of the peer: meaning, unit, source. */

/** Remembered peers that are reached for at a start, the one seen last first. Guess, not measured. */
export const rememberedReached = 16;
/** What each frame of an answer in a handshake takes besides its own bytes. SPEC, Frames: a bundle. */
export const bundledFrameBytes = 2;
/** Records handed to the cache at once when a peer starts; the cache takes no more. */
export const restoredAtOnce = 32;
/** Objects of joined topics a neighbour may send unasked, per second: along the tree all may come from one. SPEC, Receiving an object. */
export const ownTopicPerSecond = 512;
/** ... and at once. SPEC, Receiving an object. */
export const ownTopicBurst = 1_024;
/** Objects of topics that this peer carries for others, per second: each goes on to up to 67 links. SPEC, Receiving an object. */
export const carriedPerSecond = 64;
/** ... and at once. SPEC, Receiving an object. */
export const carriedBurst = 256;
/** Objects of other topics a neighbour may send unasked, per second. SPEC, Receiving an object. */
export const strangerPerSecond = 8;
/** ... and at once. SPEC, Receiving an object. */
export const strangerBurst = 64;
/** Ids asked for and not yet here; the oldest is forgotten, and its object then counts as unasked. */
export const askedIdsMax = 8192;
/** Neighbours whose rates are remembered; more than the link holds sessions. */
export const neighbourRatesMax = 1024;
/** Joined topics; each costs a stream. A hello carries at most this many tags. SPEC, Frames. */
export const topicsMax = 64;
/** Neighbours asked again for one missing object, besides the one that named it. SPEC, Order. */
export const wantNeighbours = 2;
/** Subscribers told of an object that was fetched, at a peer that does not subscribe. SPEC, Mesh. */
export const offeredSubscribers = 6;
/** Packets kept for `history()` per room, the oldest go first. */
export const historyMax = 2048;
/** Forks kept for `forks()` per room, each with two packets; the oldest go first. */
export const forksMax = 64;
/** Packets waiting in one message iterator; a reader that slow loses the oldest, and is told. */
export const unreadMax = 4096;
/** How often the list of known peers is written to disk, when it changed. Milliseconds. Guess, not measured. */
export const bookWriteIntervalMs = 10_000;
/** Neighbours that are connected again, where they were, by a host that wakes up. Guess, not measured: four times what a peer wants. */
export const redialledMax = 32;
/** UDP receive buffer asked of the system. Bytes. A burst of 8,000 datagrams: a default buffer keeps 92 of them, this one 3,640. */
export const receiveBufferBytes = 4 * 1024 * 1024;
/** Turns of the event loop that a peer that closes waits for its last datagrams to leave. Guess, not measured: a socket takes more as soon as the network card does. */
export const closeTurnsMax = 10_000;
/** Sources of datagrams whose addresses are kept as they were parsed, the oldest go first. Twice what the link holds sessions. */
export const sourcesMax = 1024;
/** Tries to find one port that is free on every host, when the system chooses it. */
export const sharedPortAttempts = 16;
/** A wall clock that runs this far ahead of the monotonic one means the host slept or its clock was set. Milliseconds. */
export const clockJumpMs = 2_000;
/** A wall clock this far behind the peer's clock was set back, and the user is told. Milliseconds; packets may be 600 s off. SPEC, Objects. */
export const clockSetBackMs = 300_000;
/** The longest wait of the driver's one timer; it then asks again. Milliseconds. */
export const timerDelayMaxMs = 60_000;
/** How often the driver looks whether the host's addresses changed, or it slept. Milliseconds: half of the second in which a move is to be over; a look takes 0.04 ms. */
export const interfacePollMs = 500;
/** Peers found on the local network that are counted, for who asks. */
export const lanPeersMax = 256;
/** Peers named in an invite. */
export const invitePeersMax = 4;
/** Characters of a room's name. */
export const roomNameMax = 64;
/** Characters of an invite; a longer one is refused unread. */
export const inviteCharactersMax = 2048;
/** Warnings kept for who asks later. */
export const warningsMax = 100;
/** Objects of one topic whose contents wait for the stream to deliver them: twice what a stream holds back. */
export const waitingMax = 2048;
/** Objects of a topic that was just joined, of those that the cache held, which are opened or delivered in one step: 0.5 ms. */
export const recallStep = 32;
/** From one such step to the next, ms. The least a timer waits: datagrams have their turn in between. */
export const recallEveryMs = 1;
/** Objects that arrive meanwhile and wait until the older ones are out; beyond, they do not wait. As many as one neighbour may send of its own accord at once. */
export const meanwhileMax = 1_024;
/** Ids a generation of the seen filter holds for topics that are not joined, a power of two: what a cache's share for strangers holds, many times. */
export const strangersSeenMax = 16_384;
/** The least a peer lends to the shared cache, bytes; what `PacketCache` takes at least. */
export const cacheBytesMin = 65_536;
/** Least that files can be limited to, bytes a second: a block. */
export const uploadBytesPerSecondMin = 1024;

// Custody: src/protocol/custody.ts.

/** A custody period is this part of an object's life: 16 of them, one for each step of its postage. SPEC, Custody. */
export const custodyPeriods = 16;
/** The period of a peer whose cache is in memory alone, ms: a quarter of the time it has been up, which is all it knows of its sessions; 20 min are a quarter of the median of those of two hours. */
export const memoryPeriodMs = { least: 300_000, most: 1_200_000, share: 0.25 } as const;
/** By how much a period is longer or shorter, so that holders do not act in step. SPEC, Custody. */
export const custodyJitter = 0.25;
/** Of a period that ended while this peer was away, the part in which the next round begins. SPEC, Custody. */
export const restoredShare = 0.25;
/** Within so long of the moment at which topics begin to move to other keepers what is held is handed on, ms: before midnight. SPEC, Custody. */
export const moveMs = 1_800_000;
/** Rounds under way at once. Guess, not measured: each is some 15 sessions. */
export const roundsMax = 2;
/** Rounds that may begin in a second, and at once. Guess: 900 topics in the shortest period, 6 h / 16. */
export const roundRate = { perSecond: 0.7, burst: 4 } as const;
/** How long the search for keepers may take, ms: 40 questions, 3 at a time, of 1.5 s at most, twice around midnight. */
export const searchMs = 45_000;
/** How long comparing may take, ms: as long as the sessions of the keepers are needed. SPEC, Custody. */
export const roundMs = 15_000;
/** From a round that found no keeper to the next, ms. Guess, not measured. */
export const roundRetryMs = 10_000;
/** From a round that found fewer than three keepers to the next, ms, each further one so many times as long as hurried ones; and how many. Guess, not measured: peers that have just started keep within seconds. */
export const poorAgainMs = 5_000;
export const poorAgainMax = 4;
/** From one round of a topic to one that is hurried, ms; each further pause is so many times as long. Guess, not measured. */
export const hurryAgainMs = 60_000;
export const hurryFactor = 4;
/** The longest of these pauses; after so long a topic is hurried as at first. Two who talk for hours cost two rounds an hour, ms. Guess, not measured. */
export const hurryAgainMaxMs = 1_800_000;
/** How soon who was sent an object unasked, and does not subscribe, hands it to its keepers, ms: its author may be gone. Guess, not measured. */
export const dutySoonMs = 30_000;
/** Who sees to a topic itself has spoken within so long, or is asked and has so long to answer, ms: a session is closed 1.5 to 6 s after a question that nobody answers. SPEC, Liveness. */
export const attendedMs = 8_000;
/** How soon who joins a topic, or wakes up, asks its keepers for what it missed, ms: by then it knows who else is there. Guess, not measured. */
export const joinSoonMs = 10_000;
/** To how many keepers one holder offers an object in one round: all of a day. protocol: 3, which some who take nothing can use up, every time. */
export const offersPerRound = 8;
/** By how many keepers an object must be held before one who is far from the topic lets go of it. Guess, not measured: two of them may lie. */
export const handOverLeast = 3;
/** Topics that are looked after: as many as a cache holds objects. SPEC, Cache. */
export const custodyTopicsMax = 32_768;

// Files: src/protocol/files.ts, src/node/.

/** How often a peer that a file is to be fetched from, and that has no session, is looked for, ms. Guess, not measured. */
export const sourceRetryMs = 5_000;
/** Neighbours that are asked to introduce it. */
export const sourceViaMax = 4;
/** Peers that the link of a file names. */
export const linkPeersMax = 4;
/** Characters of such a link: 32 + 32 + 255 + 4 · 32 bytes and what CBOR adds, in base64url. */
export const linkCharactersMax = 1_000;
/** Bytes of a file's name in UTF-8: what common file systems take. */
export const fileNameBytesMax = 255;
/** How often an app is told of the progress of a fetch, ms. Guess: what an eye follows. */
export const progressEveryMs = 250;
/** How much of a file is read at once while its tree is made: 32 groups. Bytes. 2 ms of hashing, between which others have their turn. */
export const treeReadBytes = 1024 * 1024;
/** How much is written between two notes of how far a fetch is. Bytes. After a crash at most so much is fetched again, and what was under way. */
export const checkpointBytes = 4 * 1024 * 1024;
/** How much of a shared file is read at once: 8 groups. Bytes. A call costs a thread's turn, 0.2 ms on a busy machine, however short it is. */
export const readAheadBytes = 256 * 1024;
/** How many of these are kept for each share that is being read. */
export const readAheadKept = 4;
/** How long what has come of a file waits for more, to be written with it, ms: 400 kB at 100 MB/s. */
export const writeSoonMs = 4;
/** How long the file of a share stays open after it was read, ms. Guess, not measured. */
export const fileIdleMs = 5_000;

// Long messages: src/protocol/outbox.ts.

/** Objects of long messages that are passed on at once ... Guess, not measured: a twentieth of what a default socket buffer keeps. */
export const outboxStepObjects = 4;
/** ... and how long until the next are, ms: 800 a second. */
export const outboxStepMs = 5;
/** How many are passed on at that pace: two of the longest messages. Half of {@link carriedBurst}, since a neighbour may bring others' too. */
export const outboxBurst = 122;
/** Afterwards so many a second: fewer than {@link carriedPerSecond}. */
export const outboxPerSecond = 48;
/** Objects that may wait to be passed on: 16 of the longest messages. An app that waits for `publish` has one waiting. */
export const outboxMax = 976;

// Streams and requests: src/streams.ts.

/** Most bytes of a datagram of an app. SPEC, Frames. */
export const datagramBytesMax = 1_197;
/** Characters of what a stream or request is for; a label has 2 more. SPEC, Frames. */
export const streamNameMax = 62;
/** How long a session with the other peer may take, ms. Guess: longer than an introduction and a punch. */
export const reachMs = 15_000;
/** How long a request may take, unless its caller says otherwise, ms. Guess, not measured. */
export const requestMs = 30_000;
/** Bytes of a request, and of an answer, which are held in memory. A stream has no limit. Guess, not measured. */
export const requestBytesMax = 16 * 1024 * 1024;
/** Bytes that wait to be sent when a writer is told to wait. */
export const unsentBytesHigh = 256 * 1024;
