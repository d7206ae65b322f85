/**
 * Every number of this package: meaning, unit, source. SPEC is docs/SPEC.md.
 */

/** How long an object waits for its past before it is delivered with a gap, ms. SPEC, Order: default 30 s. */
export const giveUpMs = 30_000;
/** Most objects held back in one topic. SPEC, Order. */
export const heldMax = 1024;
/** Most bytes of the objects held back in one topic. SPEC, Order: 1 MiB. */
export const heldBytesMax = 1_048_576;
/** Most parents of one object that are looked at; the wire format carries no more. SPEC, Envelope. */
export const parentsMax = 8;
/** Most heads offered as parents of one new object. SPEC, Order. */
export const headsOfferedMax = 8;

/** From first hearing of an unknown id to asking for it, ms: it may only be late. SPEC, Order: 100 ms. */
export const askDelayMs = 100;
/** From the first question to the second, ms; it doubles each time. SPEC, Order: 0.25 s. */
export const askBackoffMs = 250;
/** The longest pause between two questions, ms. SPEC, Order: 60 s. */
export const askBackoffMaxMs = 60_000;
/** How far a pause is moved at random, as a share of it. SPEC, Order: 50 %. */
export const askJitter = 0.5;
/** Questions fall on multiples of this, ms, so that those of one moment share a datagram. Guess, not measured. */
export const askTickMs = 50;
/** For how long an id is asked for, ms; reconciliation goes on after that. Guess, not measured. SPEC, Order. */
export const askForMs = 3_600_000;
/** Most ids in one question. SPEC, Frames: one WANT. */
export const askIdsMax = 60;
/** Ids asked for in one second, over all questions of one topic: 4 full WANTs. Guess, not measured. */
export const askIdsPerSecond = 240;
/** Ids that may be asked for at once after a quiet time. Guess, not measured. */
export const askIdsBurst = 480;

/** Most ids asked for in one topic. Guess, not measured: what {@link heldMax} objects may wait for. */
export const wantsMax = 1024;
/** Most ids asked for because of one author, so that a flooder competes with itself: all parts of two messages. Guess, not measured. */
export const wantsPerAuthorMax = 128;
/** Most ids asked for in one topic that a `next` alone names. Guess, not measured: a sixteenth of {@link wantsMax}. */
export const nextsMax = 64;
/** ... and because of one author: a run has one end. What a lie costs is {@link askNextForMs} long. Guess, not measured. */
export const nextsPerAuthorMax = 8;
/** For how long they are asked for, ms: eight questions. What follows it names them too, or reconciliation brings it. Guess, not measured. */
export const askNextForMs = 60_000;
/** Most delivered ids remembered: what a whole cache holds (32 768 entries, SPEC, Cache), so that it is not delivered twice. */
export const deliveredMax = 32_768;
/** Most ids remembered as given up. Guess, not measured. */
export const goneMax = 4096;
/** Most heads remembered. Guess, not measured: each is offered once, 8 to a message. */
export const headsMax = 1024;
/** Most ids remembered that were named before they came. Guess, not measured. */
export const namedMax = 4096;
/** Most links from an object to the next of its author remembered: how far apart a fork is seen. Guess, not measured. */
export const chainLinksMax = 8192;
/** Most authors whose last object is remembered, besides the own one. Guess, not measured. */
export const authorsMax = 4096;
/** Most chain ends remembered of one author: one, and one for each lost state or fork. Guess, not measured. */
export const tipsPerAuthorMax = 8;

/** Most objects of one topic that wait for parts of theirs. Guess, not measured: each lists 60 ids. */
export const incompleteMax = 256;
/** How long an object waits for its parts, ms: what an author gets who does not choose a life. SPEC, Order. */
export const incompleteForMs = 86_400_000;
/** Most parts of one topic kept in memory until their manifest comes. Guess, not measured: {@link partsBytesMax} of full ones, and as many short ones. */
export const partsKeptMax = 2048;
/** Most bytes of them: 17 of the longest messages. SPEC, Order: 1 MiB. */
export const partsBytesMax = 1_048_576;
/** How long one is kept, ms; afterwards it is looked for in the cache. Guess, not measured. */
export const partsForMs = 600_000;
/** Most objects remembered that are not for the application: 68 of the longest messages. Guess, not measured. */
export const silentMax = 4096;
/** How many of them in a row are looked through for the object before them: a run. SPEC, Manifest. */
export const silentRunMax = 64;
/** Most ids remembered as lost. Guess, not measured. */
export const lostMax = 4096;
