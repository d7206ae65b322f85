/**
 * Every number and fixed word of the chat, with its unit and where it comes from.
 */

/** The room of whoever names none. */
export const defaultRoom = 'lobby';

/** The room of `--private` without `--room`. */
export const defaultPrivateRoom = 'den';

/** Characters of a name people see. Guess: two long words and a dash fit, and half a narrow terminal stays free. */
export const nameLengthMax = 24;

/** Bytes of a room's name in UTF-8. Guess: an invite link stays short enough to paste. */
export const roomNameBytesMax = 64;

/** Bytes of one message's text in UTF-8: 60 KiB less our own first line (a name of 24 characters, 4 bytes each, and 12 more). SPEC, Manifest. */
export const messageTextBytesMax = 61_332;

/** UTF-16 units before and behind a cut in which the end of a character is looked for. Guess: the longest emoji have a tenth of that. */
export const charactersLookedAt = 256;

/** Marks that may sit on one letter; more are taken off a remote's text. Vietnamese and Hebrew need 2 and 3. */
export const marksMax = 3;

/** Copies that run side by side under one home. Guess: more than anybody opens by hand. */
export const profilesMax = 32;

/** Private rooms a profile keeps; the one not used for longest goes first. */
export const keptRoomsMax = 64;

/** Authors remembered for `/who` and for names used twice; the one silent for longest goes first. */
export const authorsMax = 256;

/** How long a message waits to be shown for one it follows, ms: longer than asking a neighbour for it takes. Guess. */
export const orderHoldMs = 700;

/** Messages that wait at once; then the first shows out of order. */
export const heldMax = 512;

/** Lines `/history` shows when no number is given, and the most it shows. */
export const historyLines = 20;
export const historyLinesMax = 1000;

/**
 * Messages published at once, and per second after that: pasted or piped lines. SPEC, Receiving an object: a neighbour takes
 * 256 at once and 64 a second of what it did not ask for; this stays below, so that nothing has to be asked for again.
 */
export const publishBurst = 128;
export const publishPerSecond = 50;

/** Without a terminal: how often a long work says how far it is, ms, and with how many lines left it is one. */
export const progressIntervalMs = 2_000;
export const progressLinesMin = 50;

/** Without a terminal: lines read and not yet published, at which stdin rests until half of them are. Even. Guess: 20 s of publishing. */
export const linesAheadMax = 1024;

/** Files offered here that `/get` can still name; the oldest goes first. Guess: a long evening of photos. */
export const offersMax = 256;

/** Files of one name that are kept side by side: photo.jpg, photo (2).jpg and so on. */
export const sameNamesMax = 100;

/** Old messages shown when a terminal enters a room. */
export const welcomeHistoryLines = 5;

/** Lines kept to paint the terminal anew when its size changes: more than the tallest terminal shows. */
export const paintedLinesMax = 300;

/** Characters the input line holds. Guess: a page of pasted text. */
export const inputLengthMax = 8192;

/** UTF-16 units taken of one paste: a full input line of characters with several code points each. */
export const pasteLengthMax = 4 * inputLengthMax;

/** Lines typed before, kept for the arrow keys. */
export const inputHistoryMax = 100;

/** How often the status line is looked at, ms. */
export const statusIntervalMs = 500;

/** Work that takes longer than this says that it is being done, ms. */
export const progressAfterMs = 300;

/** The time a resized terminal has to settle before it is painted anew, ms. */
export const resizeSettleMs = 60;

/** A process that asked to be stopped and still runs after this long was not stopped, ms. */
export const unstoppedMs = 100;

/**
 * After the end of stdin, ms: how long we wait for a first neighbour when nobody was there to take what was typed
 * (a LAN neighbour is found within 1 s, an introducer answers within 3 s), and how long that neighbour has to ask for it.
 */
export const lingerForNeighbourMs = 4_000;
export const lingerForExchangeMs = 1_000;
export const lingerPollMs = 50;

/** How long leaving may take before we give up on a good end, ms. */
export const leaveLimitMs = 5_000;
