/** Every number of the link: meaning, unit, source. SPEC is docs/SPEC.md, chapter Link. */

/** First byte of each datagram. Free in RFC 7983 and 9443, so a port can be shared with STUN, DTLS, TURN and QUIC. SPEC, Datagrams. */
export const datagramType = { init: 0x05, response: 0x06, cookie: 0x07, data: 0x08, relay: 0x09, punch: 0x0a } as const;

/** Bytes of a session index. SPEC, Datagrams. */
export const indexBytes = 4;
/** Bytes of an X25519 or Ed25519 key. RFC 7748, RFC 8032. */
export const keyBytes = 32;
/** Bytes of a Poly1305 tag. RFC 8439. */
export const sealTagBytes = 16;
/** Bytes of mac1, mac2 and of a cookie: HMAC-SHA256 cut in half. SPEC, Macs and cookies. */
export const macBytes = 16;
/** Bytes of the nonce of a sealed cookie: XChaCha20, so that random ones never meet. SPEC, Macs and cookies. */
export const cookieNonceBytes = 24;
/** Bytes of the token of a PUNCH. SPEC, Datagrams. */
export const punchTokenBytes = 8;

/** Bytes of an INIT in front of its Noise message: type, from. */
export const initHeadBytes = 1 + indexBytes;
/** Bytes of a RESP in front of its Noise message: type, from, to. */
export const responseHeadBytes = 1 + 2 * indexBytes;
/** Bytes of a DATA in front of its seal: type, to, counter. */
export const dataHeadBytes = 1 + indexBytes + 8;
/** What a session adds to every frame. SPEC, Datagrams; 1198 + 29 = 1227. */
export const sessionOverheadBytes = dataHeadBytes + sealTagBytes;
/** What a relay adds to every datagram: type, channel. SPEC, Datagrams; 1227 + 5 = 1232. */
export const relayOverheadBytes = 1 + 4;
/** Most bytes of a datagram: 1232 + UDP 8 + IPv6 40 = 1280, what every IPv6 path carries. RFC 8200 section 5. */
export const datagramBytesMax = 1232;
/** Most bytes of a bundle, where a datagram has room for it; @srp/wire makes them. SPEC, Frames: 32 of the longest frames. */
export const bundleBytesMax = 38_401;
/** Most bytes of a DATA on a path that carries large datagrams: such a bundle, sealed. SPEC, Large datagrams. */
export const largeDatagramBytesMax = bundleBytesMax + sessionOverheadBytes;
/** Bytes of a COOKIE. */
export const cookieDatagramBytes = 1 + indexBytes + cookieNonceBytes + macBytes + sealTagBytes;
/** Bytes of a PUNCH. */
export const punchBytes = 1 + punchTokenBytes;

/** First byte of the frames that a link reads itself, or lets ride in an INIT; @srp/wire makes them. SPEC, Frames. */
export const linkFrameType = { bundle: 0x00, ping: 0x01, pong: 0x02, hello: 0x20, find: 0x22, bye: 0x28 } as const;
/** Bytes of a PING and of a PONG; @srp/wire makes them. SPEC, Frames. */
export const pingBytes = 33;
/** Bytes of the token of a PING. SPEC, Frames. */
export const pingTokenBytes = 8;
/** Bytes a bundle adds: its type, and a length in front of each frame. SPEC, Frames. */
export const bundleTypeBytes = 1;
/** See {@link bundleTypeBytes}. */
export const bundleLengthBytes = 2;
/** Most bytes of a frame or an object. SPEC, Frames. */
export const frameBytesMax = 1198;
/** Most frames in a bundle. SPEC, Frames. */
export const bundleFramesMax = 64;

/** Bytes of an INIT's payload in front of its frames: ms 8, continues 4, length 2. SPEC, Handshake. */
export const initPayloadHeadBytes = 8 + indexBytes + 2;
/** Bytes of the Noise message of an INIT around its payload: e, sealed s, tag of the payload. */
export const initNoiseOverheadBytes = keyBytes + keyBytes + sealTagBytes + sealTagBytes;
/** Bytes of an INIT around its frames. */
export const initOverheadBytes = initHeadBytes + initNoiseOverheadBytes + initPayloadHeadBytes + 2 * macBytes;
/** Fewest bytes of an INIT, so that no answer to it is longer. SPEC, Datagrams. */
export const initBytesMin = 200;
/** Most bytes of an INIT, RESP or DATA: it may be relayed. */
export const innerBytesMax = datagramBytesMax - relayOverheadBytes;
/** Bytes of the Noise message of a RESP around its payload: e, tag. */
export const responseNoiseOverheadBytes = keyBytes + sealTagBytes;
/** Bytes of a RESP's payload in front of its frames: continued 1. SPEC, Handshake. */
export const responsePayloadHeadBytes = 1;
/** Bytes of a RESP around its frames. */
export const responseOverheadBytes = responseHeadBytes + responseNoiseOverheadBytes + responsePayloadHeadBytes + macBytes;
/** Most bytes of the frames a caller may put into an INIT, each with its length: what is left beside our PING in a bundle. */
export const earlyBytesMax = innerBytesMax - initOverheadBytes - (bundleTypeBytes + bundleLengthBytes + pingBytes);
/** Most bytes of an INIT to an address that somebody else named, who may mean a victim: of these, three go out. SPEC, Handshake. */
export const initProbeBytesMax = 300;
/** The same for such an INIT. */
export const probeEarlyBytesMax = initProbeBytesMax - initOverheadBytes - (bundleTypeBytes + bundleLengthBytes + pingBytes);
/** Fewest bytes of an INIT that holds a FIND: its RESP then has room for a HELLO and a PEERS with eight names. Measured: early.test.ts. */
export const initFindBytesMin = 672;

/** When INIT is sent, ms after the first time. SPEC, Handshake: where a fifth is lost each way 4.7 % of handshakes fail with three, 0.6 % with five. */
export const initScheduleMs = [0, 300, 1000, 1600, 2200] as const;
/** How many of them go to an address that somebody else named, who may mean a victim. SPEC, Handshake. */
export const initProbesMax = 3;
/** Two round trips are as long as each other if they differ by no more than this, ms, or by this share of the one in use. Guess: what a busy Wi-Fi adds. */
export const sameRttMs = 5;
/** See {@link sameRttMs}. */
export const sameRttShare = 0.1;
/** When an unanswered INIT is given up, ms after the first. SPEC, Handshake. */
export const initGiveUpMs = 3000;
/** How long a connect waits before its own INIT when the other side's is being answered, ms. Guess: one round trip. */
export const initDeferMs = initScheduleMs[1];
/** How long after the end of our handshake an INIT of the other side may still be one that crossed ours, ms: its last copy, and half a second under way. */
export const crossingMs = 2700;
/** Most addresses tried at once for one peer. SPEC, Handshake: HELLO names at most 4. */
export const handshakeAddressesMax = 4;
/** Channels of relays that are tried besides. One is enough: the others are tried after it. */
export const handshakeChannelsMax = 1;
/** Most handshakes of our own at once; the caller is told of the next. Guess: 16 times a full set of neighbours. */
export const handshakesMax = 128;
/** Most frames that wait for one handshake; the oldest goes. Guess: 16 x 1198 B x 128 = 2.4 MiB at worst. */
export const queuedFramesMax = 16;
/** Most cookies one address may make us answer with another INIT in one handshake. Guess: one, and one after a rotation. */
export const cookiesPerAddressMax = 2;

/** Most handshakes of others that were answered and not yet confirmed; the oldest goes. At 220 a second, the most, one lives 2.3 s. */
export const unconfirmedMax = 512;
/** How long an answered handshake waits for its first DATA, ms: the initiator's 3 s, its queue and a slow round trip. Guess. */
export const unconfirmedMs = 10_000;
/** Most addresses that copies of one INIT are answered at. More than are tried, so that a few spoofed copies do not keep the true one out. Guess. */
export const responseAddressesMax = 16;
/** Most copies of an INIT that one address gets an answer to. Five are sent, and one more per cookie. SPEC, Handshake. */
export const responsesPerAddressMax = 7;
/** How long the time of an INIT is remembered at least, ms. Not for ever: a clock that is set back must not shut its owner out for long. SPEC, Replay. */
export const initTimeMs = 600_000;
/** Most peers whose last INIT time is remembered beyond their session; the oldest goes. 2048 x ~130 B. SPEC, Replay. */
export const initTimesMax = 2048;

/** Handshakes a second that are answered without a cookie where the suite is native (0.7 ms each, bench/speed.ts). SPEC, Load. */
export const freeInitsPerSecondNative = 20;
/** The same where the suite is JavaScript (4 DH = 3 ms). SPEC, Load. */
export const freeInitsPerSecondScript = 5;
/** Most that a caller may allow. Guess: more than any machine computes. */
export const freeInitsPerSecondMax = 1_000_000;
/** With a valid cookie: handshakes a second of one IPv4 address or IPv6 /64. SPEC, Load. */
export const cookieInitsPerSecond = 5;
/** Sources whose cookie rate is tracked; the oldest goes and starts afresh. Guess: 1024 x ~200 B. */
export const cookieSourcesMax = 1024;
/** With valid cookies: handshakes a second in all, as a multiple of the free ones. Measured: 200/s native = 14 % of a core (bench/speed.ts, half a handshake each). */
export const cookieInitsFactor = 10;
/** RESPs a second that are tried on our handshakes, 2 DH each: whoever sees an INIT can send false ones. Guess: 2 % of a core, native. */
export const responsesPerSecondMax = 100;
/** COOKIEs sent a second at most, 15 us each. Guess: 1.5 % of a core. */
export const cookiesPerSecondMax = 1000;
/** How long one cookie secret makes cookies, ms; they are accepted for as long again. SPEC, Macs and cookies. */
export const cookieSecretMs = 120_000;

/** Bits of the replay window. SPEC, Replay. */
export const replayWindowBits = 1024;
/** Age at which the keys of a session are renewed, ms. SPEC, Rekey. */
export const rekeyAfterMs = 3_600_000;
/** The responder waits longer by this share, so that both do not start at once. SPEC, Rekey. */
export const rekeyResponderShare = 0.02;
/** Age at which keys no longer send or receive, ms: 5 minutes of attempts to renew them. SPEC, Rekey. */
export const rejectAfterMs = rekeyAfterMs + 300_000;
/** Packets under one key after which it is renewed. SPEC, Rekey. */
export const rekeyAfterPackets = 2 ** 48;
/** Packets under one key after which it no longer sends; counters stay exact integers. SPEC, Rekey. */
export const rejectAfterPackets = 2 ** 49;
/** Pause after a renewal that failed while the session lives, ms. Guess. */
export const rekeyPauseMs = 60_000;
/** How long the keys before these still open what was under way, ms: many times what a datagram takes. SPEC, Rekey. */
export const previousKeysMs = 60_000;
/** A deadline missed by this much means the host slept or was restored: its sessions are over. Guess: far above any pause of a program that runs. SPEC, Rekey. */
export const sleptMs = 10_000;

/** Most sessions; who goes is said in table.ts. SPEC, Limits. */
export const sessionsMax = 512;
/** Most sessions of one network. SPEC, Limits. */
export const sessionsPerNetworkMax = 8;
/** Silence after which a PING goes out: half the age of the session, at least so long, ms. Guess: a peer that lives 6 s is missed after two of them. SPEC, Liveness. */
export const keepaliveMinMs = 2000;
/** ... and at most so long, whatever is known, ms. SPEC, Liveness. Guess: nobody who talks waits for it, and few mappings live longer. */
export const keepaliveMaxMs = 100_000;
/** ... and at most where a relay passes it on, ms: it waits for 60 s. SPEC, Relays. */
export const keepaliveRelayedMs = 45_000;
/** How long a mapping is taken to live while nothing is known, ms. SPEC, Liveness: mappings of 30 s are seen. */
export const keepaliveUnknownMs = 25_000;
/** ... and at least, whatever was tried in vain, ms: mappings of 20 s are rare, shorter ones unheard of. Who asks so often pays no more than twice as much. SPEC, Liveness. */
export const keepaliveLeastMs = 12_000;
/** By how much a keepalive may come earlier, as a share of it, so that peers do not act in step. SPEC, Liveness. */
export const keepaliveShare = 0.1;
/** How much longer than is known we let a peer that is free wait before it asks. Guess: a step that is too long leaves it out of reach for a third of its time, once. */
export const silenceTrialFactor = 1.5;
/** How much of a silence that was not too long is made use of: a datagram may be lost, and said again a moment later. */
export const silenceProvenShare = 0.9;
/** After a silence that was too long, the next that is tried, as a share of it. */
export const silenceFailedShare = 0.75;
/** From a silence that was too long to the next one as long, ms. Guess. */
export const silenceAgainMs = 1_800_000;
/** Networks whose longest silence is remembered; the oldest goes. */
export const provenNetworksMax = 16;
/** What PING and PONG say of an address that nothing translates, and the most seconds they tell otherwise. SPEC, Frames. */
export const silenceForEver = 255;
export const silenceToldMax = 254;
/** How much later than the other side should have asked we do, ms: eight PINGs of it fit in at most round trips. Guess. */
export const askGraceMs = 2000;
/** How long an answer may take, in round trips. SPEC, Liveness. */
export const answerRtts = 2;
/** ... and at least, ms. SPEC, Liveness. */
export const answerMinMs = 300;
/** ... and at most, ms, whatever round trip a peer made us measure. Guess. */
export const answerMaxMs = 3000;
/** The last PING is waited for so long at least, as a share of the silence: a path of a long session may slow down. Guess. SPEC, Liveness. */
export const lastAnswerShare = 1 / 9;
/** What a round trip is taken for while none was measured, ms. Guess: across an ocean. */
export const rttUnknownMs = 300;
/**
 * PINGs after the first one that was not answered, half the time of an answer apart, after which a session is closed. SPEC, Liveness.
 * Where a fifth of all datagrams is lost, eight in a row go unanswered 28 times in 100 000: once in a day at rest (liveness.test.ts).
 */
export const quickPingsMax = 7;
/** Packets that have not come count as lost so long after a later one came, ms: what is late by another way is mostly late by less. Guess, not measured. */
export const missedAfterMs = 50;
/** Silence after a frame of ours that went through a relay before a PING asks whether anybody is there, ms; twice what an answer may take, if that is more. SPEC, Liveness. */
export const unansweredRelayedMs = 1000;
/** How long the answer to the last PING of an asking may at least take where a frame of ours was not answered, ms: a host may be busy for so long. Guess. */
export const lastAnswerMinMs = 1000;
/** From one asking to the next one that a frame of ours brings about, ms: who only listens is not asked without end. SPEC, Liveness. */
export const unansweredPauseMs = 4000;
/** PINGs whose answer is waited for, per session; the oldest is forgotten. As many as one asking has. */
export const pingsOutstandingMax = 8;
/** Weight of the newest round trip in the smoothed one. RFC 6298 section 2. */
export const rttWeight = 1 / 8;

/** Bytes that may go to an unproved path per byte that came from it. SPEC, Paths; RFC 9000 section 8.2. */
export const unprovedFactor = 3;
/** PINGs to an address the caller names, before anything came from it, ms after the first. SPEC, Paths. */
export const probeScheduleMs = [0, 300, 1000] as const;
/** How long an answer says that a path carries large datagrams, ms. SPEC, Large datagrams. Guess: twice the time to the next question. */
export const largeKnownMs = 10_000;
/** From a question that was answered to the next one, ms: a path that carries less than before is noticed within {@link largeKnownMs}. Guess. */
export const largeAgainMs = 5_000;
/** From one that was not answered to the next one, ms. Guess: a burst may have taken its place. */
export const largeRetryMs = 1_000;
/** New paths tried a second in all because packets came from them. SPEC, Paths. */
export const probesPerSecond = 10;
/** Most of them at once: a network whose NAT restarts moves all its peers together. Guess. */
export const probesBurst = 32;
/** How long one new path is tried before another may take its place, ms. Guess. SPEC, Paths. */
export const probeGiveUpMs = 3000;

/** Channels that a relay keeps in use at once. SPEC, Relays. */
export const relayChannelsMax = 8;
/** Bytes a second that it passes on for one channel, both ways together, and at once. SPEC, Relays. */
export const relayBytesPerSecond = 32 * 1024;
/** See {@link relayBytesPerSecond}. */
export const relayBytesBurst = 32 * 1024;
/** After so long without a datagram between two ends that have both spoken, a channel is closed, ms; longer than a session is silent. SPEC, Relays. */
export const relayIdleMs = 60_000;
/** An offer is good for so long, ms: the introduced try the direct way first, and once more. Guess. SPEC, Relays. */
export const relayOfferMs = 10_000;
/** Offers and channels that a relay keeps; the oldest offer goes. Guess: 25 introductions a second. */
export const relayOffersMax = 256;
/** Datagrams that an end gets before it has spoken on a channel: the copies of an INIT. SPEC, Relays. */
export const relayKnocksMax = initScheduleMs.length;
/** Ways through relays that an end keeps, offered or used; the oldest offer goes. Guess. */
export const relayedPathsMax = 64;
/** For so long after a session went from a relay to a direct path, or began on one where it is still heard, what comes by a relay does not move it there, ms: the other side is about to follow. */
export const relayAfterglowMs = 3000;
/** From one direct path that was left for a relay and is tried again to the next, ms: who drops some of what goes there makes the session change no more often. Guess. */
export const tryAgainMs = 60_000;
/** A session whose other side is heard by a relay asks there again after so long, ms. */
export const relayTryMs = 300;
/** With so many PINGs in a row, the last of which has just left, the path is in doubt. Guess: the second copy of a lost one was lost too. */
export const doubtfulPings = 3;
