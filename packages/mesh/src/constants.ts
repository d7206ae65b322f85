/**
 * Every number of this package: meaning, unit, source. SPEC is docs/SPEC.md.
 */

/** Version of the protocol in HELLO. SPEC, Frames. */
export const protocolVersion = 1;
/** Most topics one HELLO names, and so most topics of one peer. SPEC, Frames. */
export const tagsMax = 64;
/** Most addresses of its own one HELLO names. SPEC, Frames. */
export const addressesMax = 4;
/** Most peers one PEERS names. SPEC, Frames. */
export const peersMax = 8;
/** Most names in all lists of one PEERS. SPEC, Frames. */
export const namesMax = 20;

/** Most neighbours looked after: as many as the link holds sessions. SPEC, Link. */
export const neighboursMax = 512;
/** How many neighbours a peer wants in all. SPEC, Mesh. */
export const neighboursWanted = 8;
/** How many subscribers of each own topic a peer wants as neighbours: HyParView's active view. SPEC, Mesh. */
export const subscribersWanted = 6;
/** How many open neighbours that are not needed now a peer keeps. Guess, not measured: one may vanish. */
export const introducersKept = 2;
/** How often it looks how many there are, ms. Guess, not measured. */
export const introducersLookMs = 30_000;
/** How many neighbours of each kind a peer wants at least that it chose itself, whoever else came to it. SPEC, Mesh: against eclipse. */
export const chosenLeast = 2;
/** How many it chooses at most: as others choose too, it ends with twice as many. */
export const chosenMost = 3;

/** To how many subscribers a peer that does not subscribe pushes an object. SPEC, Mesh. */
export const pushSubscribersMax = 6;
/** To how many neighbours that do not subscribe an object goes when it is published into a topic of few subscribers, its keepers counted. SPEC, Mesh. */
export const publishStrangers = 3;
/** ... and to how many besides the keepers, in case they lie. SPEC, Mesh. */
export const publishStrangersBesides = 1;
/** A topic with fewer known subscribers than this needs others to keep its objects. SPEC, Mesh. */
export const keepersNeededBelow = 8;
/** ... and so does one with fewer links than this, however many others somebody named. Guess, not measured. */
export const linksNeededForHot = 3;
/**
 * With fewer links of a topic than this, a peer asks soon whether what it published came. Where a fifth of all datagrams is lost, one
 * message in a hundred took over a minute between two, and a second among six, who announce to each other. SPEC, Cache negotiation.
 */
export const sparseBelow = 6;
/** To how many neighbours an object goes that is near its end. SPEC, Custody. */
export const rebroadcastTo = 3;
/** Most postage there is. SPEC, Postage and age. */
export const postageMax = 16;

/** Most links of one topic: then another goes, and finds another peer. Guess: 2 to 3 times what each looks for. */
export const linksMax = 16;
/** With more links than this a peer lets one go from time to time instead of taking up one more. Guess, not measured. */
export const linksKept = 8;
/** From letting a link go to the next such look, ms. Guess, not measured. */
export const trimMs = 10_000;
/** So many are drawn then, and a lazy one goes, if there is one: the tree need not be mended. Guess, not measured. */
export const trimDraws = 3;
/** Of so many looks one draws one link alone, whatever it is: who makes its link eager would stay for ever. Guess, not measured. */
export const trimBlindEvery = 4;
/** From one renewal of a link to the next, ms: so that two parts of a topic that lost each other meet again. Guess, not measured. */
export const renewMs = 180_000;

/** Links of a topic that are eager at first; later as many as the tree needs. */
export const eagerWanted = 2;
/** A subscriber with fewer ways than this to others of a topic has it carried by as many neighbours that do not subscribe as are missing. SPEC, Support. */
export const supportedBelow = 2;
/** How long a link lives that support made, ms, unless it is asked for again. */
export const supportForMs = 60_000;
/** From one GRAFT of support to the next, ms: two may be lost. */
export const supportAgainMs = 20_000;
/** How long a first answer to GRAFT of support may take, ms; each further pause is twice as long. Guess, not measured: as a question of a lookup. */
export const supportAnswerMs = 2_000;
/** How often in a row who has answered may leave GRAFT unanswered before another is asked: a datagram may be lost. Guess, not measured. */
export const supportChances = 2;
/** After so long another is asked to carry a topic, or to push one that is carried, ms: who is asked may keep objects back. Guess, not measured. */
export const supportTurnMs = 300_000;
/** Objects of a topic with few links of which it is remembered who brought them. Guess, not measured. */
export const supportCameMax = 32;
/** So many must have come before it is judged who keeps objects back. Guess: where a fifth of all datagrams is lost, 1 of 100 is judged wrong. */
export const supportBroughtMin = 8;
/** How long who carries a topic may take to bring or announce what came otherwise, ms. Guess, not measured: many times the 25 ms of an IHAVE. */
export const supportSettledMs = 2_000;
/** Topics that a peer carries for one neighbour: an eighth of all. Guess, not measured. */
export const supportedOfOneMax = 8;
/** Subscribers that who carries a topic asks to push to it: should one be dead, there are others. Guess, not measured. */
export const supportParents = 3;
/** Topics that a peer carries for others at once. Guess, not measured. */
export const supportedTopicsMax = 64;
/** Links of a topic that a peer carries for others. Guess, not measured. */
export const supportPerTopicMax = 64;
/** How long an id waits for others, to be announced with them, ms. protocol: 50. */
export const announceDelayMs = 25;
/** From an IHAVE of the other side of a link to one of this side, ms: in a topic of 50 objects a second 25 share one. Guess: with four such links the first comes after 100 ms. */
export const announceTurnMs = 500;
/** From an IHAVE of this side to its next one, ms, if the other side says nothing: 100 ms more than its turn takes, so that what both have is said by one. */
export const announcePauseMs = 600;
/** Most ids of one topic that wait for one neighbour: one IHAVE. SPEC, Frames. */
export const announceAtMost = 148;
/** When an own object is announced again, ms after it was published, unless somebody is known to have it. Guess: the first a long round trip and {@link announceDelayMs} later, when who has it would mostly have said so; the last after a run of losses. Why: ADR 8. */
export const announceOwnMs = [400, 1_000, 2_000, 4_000] as const;
/** What is due within so long is announced with what is due, ms: where two are alone nobody ever says that he has an object. Guess: at 48 messages a second one IHAVE instead of five. */
export const announceOwnWithinMs = 100;
/** ... and to how many links each time, drawn anew. */
export const announceOwnTo = 3;
/** Own objects that may be announced again; the oldest goes. Four long messages of 60 parts. */
export const ownMax = 256;
/** Most ids one GRAFT asks for. SPEC, Frames. */
export const graftIdsMax = 60;
/** How long an announced object may take to come by itself, ms. */
export const graftDelayMs = 250;
/** How long an object that was asked for may take, ms, before the next one is asked: a long round trip. */
export const graftAgainMs = 400;
/** ... and so much longer for each object of a GRAFT before one is asked that was asked before: what it sends may be under way. 60 objects take 0.6 s on a line of 1 Mbit/s. */
export const graftEachMs = 10;
/** Who announced an object are asked in turn again as long as it was asked for less often than this: where a fifth is lost each way one of sixty GRAFTs fails four times. */
export const graftsLeast = 4;
/** Most objects announced and not here that one neighbour was the first to announce; of more the rest is left to reconciling. Guess, not measured. */
export const lackingOfOneMax = 256;
/** Most objects announced and not here: the share of one for each of 16 links. Then the first goes. */
export const lackingMax = 4_096;
/** Most neighbours that are asked for one object. Guess, not measured. */
export const lackingSourcesMax = 8;
/** How long an object may be on its way along the tree, ms. Of about so many as came in it, one prunes. Guess: what reaches everyone in the simulated headline. Why: ADR 8. */
export const underWayMs = 400;
/** Topics of which it is remembered how many objects came lately: own ones, and those that are carried for others. */
export const pacedTopicsMax = tagsMax + supportedTopicsMax;
/** Objects of which it is remembered who has them. Guess: 5 s of 100 objects a second. */
export const recentMax = 512;
/** Neighbours of which it is remembered that they have one of these: twice the links of a topic. To others it is announced, which costs 8 bytes. Guess, not measured. */
export const knownByMax = 32;

/** How long changes of the own topics are gathered before a HELLO tells them, ms. Guess, not measured. */
export const helloDelayMs = 10;
/** From the first HELLO of a session to its repetition, ms, since a datagram may be lost; twenty times longer each time. Guess, not measured. */
export const helloRepeatMs = 1_000;
/** How much longer each pause between two HELLOs is. Guess, not measured. */
export const helloRepeatFactor = 20;
/** The longest pause between two HELLOs, ms: half of the time after which a contact counts as lost. Guess, not measured. */
export const helloRepeatMaxMs = 900_000;

/** With at most so many names, those who are named and new are introduced at once: the asker would want them all. Guess, not measured. */
export const introducedAtOnceMax = 2;
/** How long a subscriber counts as new, ms: two that start at one moment are heard of half a round trip apart. Guess, not measured. */
export const newForMs = 1_000;
/** Most neighbours that wait to hear of the first subscriber of one topic. Guess, not measured: as many as one PEERS names. */
export const awaitingMax = 8;
/** To how many neighbours one round of FIND goes. Guess, not measured. */
export const findFanout = 3;
/** From one round of FIND to the second, ms; it doubles each time. SPEC, Mesh. */
export const findBackoffMs = 1_000;
/** The longest pause between two rounds of FIND, ms. SPEC, Mesh. */
export const findBackoffMaxMs = 60_000;
/** A search that had found enough for at least this long starts again with the shortest pause, ms. Guess, not measured. */
export const findRestMs = 60_000;
/** How far a pause is moved at random, as a share of it. SPEC, Mesh. */
export const pauseJitter = 0.5;

/** Most peers heard of and not connected that are remembered. Guess, not measured: HyParView's passive view is 30 a topic. */
export const candidatesMax = 256;
/** Most neighbours remembered that know one candidate. Guess, not measured. */
export const viaMax = 3;
/** Most candidates being connected at one time. Guess, not measured. */
export const reachingMax = 32;
/** The share of what one search wants, and of {@link reachingMax}, that may be tried on the word of one neighbour at a time. Guess, not measured. */
export const viaShareMax = 0.5;
/** How long a connection may take before another candidate is tried, ms. SPEC, Link: the handshake gives up at 3 s; the rest is for introductions. */
export const reachForMs = 10_000;
/** How long a connection that is tried counts as good as made, ms; then another one is tried beside it. Twice what an introduction takes over long links. */
export const reachHopeMs = 1_500;
/** Pause before a candidate that did not answer is tried again, ms; twenty times longer each time. Guess, not measured. */
export const retryMs = 30_000;
/** How much longer each pause between two tries is. Guess, not measured. */
export const retryFactor = 4;
/** The longest pause between two tries of one candidate, ms. Guess, not measured. */
export const retryMaxMs = 600_000;

/** IHAVE, GRAFT and PRUNE taken from one neighbour in a second, and at once. Guess, not measured: an IHAVE each 25 ms, and some. */
export const treeFramesPerSecond = 64;
export const treeFramesBurst = 256;
/** Ids that one neighbour may announce in a second, and at once. Guess, not measured. */
export const announcedPerSecond = 512;
export const announcedBurst = 2_048;
/** HELLO, FIND and PEERS taken from one neighbour in a second. Guess, not measured. */
export const framesPerSecond = 4;
/** HELLO, FIND and PEERS taken from one neighbour at once: a FIND for each of 64 topics and one more, twice. Guess, not measured. */
export const framesBurst = 132;
/** A topic that a neighbour takes up again is met again only after this, ms. Guess, not measured. */
export const meetAgainMs = 10_000;
/** A neighbour of which something was lost is asked what it has no sooner than this after the last time, ms. Guess, not measured. */
export const missedAgainMs = 500;
/** ... of topics of which an object, or word of one, has come for so long, ms: at rest what is lost are PINGs. Guess, not measured. */
export const busyMs = 10_000;
/** ... and of so many of them. Guess, not measured. */
export const missedTagsMax = 4;
/** From one look at a busy topic to the next, ms. Guess, not measured. */
export const pulseMs = 2_000;
/** A link of a busy topic that was silent for so long is asked whether it is there, ms. Guess, not measured. */
export const linkSilentMs = 4_000;
/** After such a silence of a busy topic somebody is asked what there is, ms. Guess: longer than what is announced takes to come. */
export const silentMs = 2_000;
/** ... so often. Guess: question or answer may be lost. */
export const silentAsks = 2;
/** From one such question about a topic to the next, ms. Guess, not measured. */
export const silentAgainMs = 4_000;

// Rendezvous: src/routing.

/** How many of an IPv4 /24 are told apart by position: the low bits of the first byte of the peer's key, 8 values. SPEC, Rendezvous. */
export const positionKeyMaskIpv4 = 7;
/** Seconds of a day, after which every topic has another position. SPEC, Rendezvous. */
export const daySeconds = 86_400;
/** So long before and after midnight (UTC) both days count, seconds. Guess, not measured: twice the 15 min that an announcement lives. */
export const dayOverlapSeconds = 1_800;

/** Most contacts with a place in one bucket: Kademlia's k. SPEC, Rendezvous. */
export const bucketMax = 8;
/** Buckets; the last holds all who have 31 bits and more in common with the own position. Guess, not measured: 10^9 open peers do not fill it. */
export const bucketCount = 32;
/** Most contacts without a place in a bucket. SPEC, Rendezvous: networks up to this size are known whole. */
export const sparesMax = 64;
/** Most peers of one IPv4 /16 or IPv6 /32 in a bucket, and among the nearest three of a lookup. SPEC, Rendezvous: against eclipse. */
export const blockMax = 2;
/** A contact not heard of for this long is to be tried again, ms. SPEC, Rendezvous. */
export const contactStaleMs = 900_000;
/** One not heard of for this long may be replaced as if it had failed, ms: once more than until it is tried. Guess, not measured. */
export const contactLostMs = 1_800_000;
/** Most contacts to be tried again at one time. Guess, not measured. */
export const staleMax = 8;
/** A contact that failed this often in a row is forgotten. Guess, not measured. */
export const contactFailuresMax = 3;

/** How many open peers nearest to a topic keep it for those who are away. SPEC, Keepers. protocol: 8, simulated. */
export const keepersWanted = 8;
/** How many of them, the nearest, are handed whatever they lack. SPEC, Custody. Simulated: with all eight a packet has a quarter more copies. */
export const keepersFirst = 6;
/** With so many open keepers found nobody behind a NAT is asked. Simulated: with eight, who seeks among a dozen open peers asks them most of the time, and a packet has twice the copies. */
export const openKeepersEnough = 4;
/** A peer that knows of fewer nearer ones than this takes part in keeping a topic: tables differ. SPEC, Keepers: twice as many. */
export const keepersNear = 16;
/** A peer that has been up for so long keeps objects for others, ms. protocol: 30 min. */
export const dutyUptimeMs = 1_800_000;
/** If as many of the three nearest to its own position keep, a newcomer does not. Guess, not measured: one of three is new or keeps nothing. */
export const dutyNearestEnough = 2;
/** For so long after it was asked for keepers of a topic a peer that is not open keeps it, ms: the longest period of custody of a day, and a third. Guess, not measured. */
export const askedToKeepMs = 7_200_000;
/** Topics of which it remembers that. Guess, not measured. */
export const askedToKeepMax = 1_024;
/** How long a peer that others can reach looks who is there before it decides, ms: a second until it looks itself up, and one for that. Guess, not measured. */
export const dutyDecidesMs = 2_000;
/** ... and how long at most, where a lookup takes long, ms. Guess, not measured: 24 questions, 3 at a time, of which every other waits in vain. */
export const dutyDecidesMaxMs = 30_000;
/** From one look to the next, ms. Guess, not measured. */
export const dutyAgainMs = 60_000;
/** Peers behind NATs that a search for the keepers of one topic remembers. Guess, not measured: eight answers of eight names. */
export const introducedKeepersMax = 64;
/** Most questions of a lookup for keepers: each of the eight has to answer. Guess, not measured: what one for three takes, and five more for each day. */
export const keeperAskedMax = 40;
/** How long the sessions of keepers that were found are needed, ms: for what they lack to be offered, asked for and sent. Guess: 2 000 objects at 128 a second; before the third HELLO. */
export const keeperSessionMs = 15_000;
/** Topics whose keepers are sought, or were just found. Guess, not measured. */
export const seeksMax = 8;

/** How many peers nearest to a position a lookup finds. Guess, not measured. */
export const nearestWanted = 3;
/** Most questions of a lookup without an answer yet: Kademlia's alpha. SPEC, Rendezvous. */
export const lookupParallel = 3;
/** Most questions of one lookup. Simulated: among 10,000 peers, a tenth of them dead, 9 in the mean and 15 at most. */
export const lookupAskedMax = 24;
/** Most contacts a lookup starts from. Guess, not measured: one answer more. */
export const lookupSeedsMax = 8;
/** How long a lookup waits for one answer, ms. Guess, not measured: a handshake around the world is 0.3 s. */
export const lookupAnswerMs = 1_500;
/** After so many names of one peer did not answer, its others are asked only on somebody else's word. Guess, not measured: of 8 names a tenth is dead. */
export const namesFailedMax = 3;
/** Contacts that one PEERS names as nearer; and with how many a lookup begins. Half of what the frame holds: the answer fits into a RESP. */
export const closerMax = 4;
/** From joining a topic, and from the first contact, to the first lookup, ms: the neighbours of the start have answered by then. */
export const lookupDelayMs = 1_000;
/** From one lookup of a topic to the next, ms. protocol: 10 min. */
export const lookupAgainMs = 600_000;
/** From the loss of one that was found to the next lookup, ms. Guess, not measured. */
export const lookupRepairMs = 5_000;
/** How often an open peer looks for contacts to be tried again, ms. Guess: 8 of at most 320 each time, which are due once in 15 min. */
export const staleCheckMs = 20_000;
/** Subscribers of one foreign topic that may stay with this peer to be found here. Then one of them, drawn, goes. Guess, not measured. */
export const guestsPerTopicMax = 128;
