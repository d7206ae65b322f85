/** Every number of the simulator: meaning, unit, source. */

/** When every simulated network begins: 2026-01-01T00:00:00Z, in Unix milliseconds. Fixed, so that a seed fixes everything. */
export const epochMs = 1_767_225_600_000;

// Links

/** One-way latency of a pair of places, drawn once a pair. Milliseconds. From a city to a continent away; guess, not measured. */
export const latencyMsDefault: readonly [number, number] = [20, 145];
/** What a single datagram may take longer than its pair's latency. Milliseconds. Guess, not measured. */
export const jitterMsDefault = 5;
/** How much later a datagram that is reordered comes, at most. Milliseconds. Guess, not measured. */
export const reorderingMsDefault = 200;
/** One-way latency inside one LAN, which loses nothing. Milliseconds. Guess, not measured. */
export const lanLatencyMs = 1;
/** When peers on one LAN find each other after a start. Milliseconds. SPEC: within 1 s. */
export const discoveryDelayMs = 300;

/** More places than there are public addresses to give out. */
export const placesMax = 2 ** 20;
/** Directions of pairs whose last loss is remembered. */
export const waysMax = 2 ** 20;
/** Latencies of pairs kept at a time; they are drawn again, and the same, when they are asked for again. */
export const latencySharesMax = 2 ** 20;

/** Bytes of an IPv4 and a UDP header, which a connection carries besides the datagram. RFC 791, RFC 768. */
export const packetOverheadBytes = 28;
/** How long a datagram waits before a full connection, at most, unless told otherwise. Milliseconds. Guess, not measured. */
export const queueMsDefault = 100;

// Addresses

/** Ports a program gets from its system: RFC 6335 and Linux, 32768..60999. */
export const ephemeralPortMin = 32_768;
export const ephemeralPortMax = 60_999;
/** Ports a NAT box maps to when it draws them: uniform in 1024..65534. */
export const natPortMin = 1_024;
export const natPortMax = 65_534;
/** How long an unused mapping lives. Milliseconds. RFC 4787 asks for 2 minutes or more; boxes at home have 30 s to 3 min. */
export const mappingLifetimeMs = 60_000;
/** Hosts in one LAN, 192.168.1.2 to .254. */
export const lanHostsMax = 253;
/** Boxes behind one carrier's box, 100.64.0.0 to 100.127.255.255, less than a /10. */
export const carrierHostsMax = 16_384;

// What a run may take

/** Events in one call of `run`, unless the network is told otherwise: two stuck machines must not hang a test. */
export const eventsMaxDefault = 20_000_000;
/** Wakeups of one machine without time passing between them; more is a machine that spins. */
export const wakeupsAtOnceMax = 100;
/** How often a peer's known peers are written to its disk. Milliseconds. As the UDP driver does. */
export const bookWriteIntervalMs = 10_000;

/** How often a program looks whether its host's addresses have changed. Milliseconds. As the UDP driver does. */
export const interfacePollMs = 5_000;

// What is asserted

/** Most bytes of a datagram: 1280 less an IPv6 and a UDP header. SPEC, Link. */
export const datagramBytesMax = 1_232;
/** First byte of what a relay passes on. SPEC, Datagrams. */
export const relayType = 0x09;
/** First byte of the packet that opens a NAT, and the least port that one may be sent to without being told it. SPEC, Datagrams, Birthday. */
export const punchType = 0x0a;
/** See {@link punchType}. */
export const guessedPortMin = 1_024;
/** Postage of an object as its author sends it. SPEC, Objects. */
export const postageMax = 16;
/** Events kept for the message of a broken invariant. */
export const recentEventsMax = 512;
/** Of these, how many the message shows. */
export const recentEventsShown = 16;
/** Objects whose signature was found good and is remembered by their bytes; others are checked again. */
export const signedTrackedMax = 4_096;
/** How full a machine is gets looked at after each so many inputs. */
export const inputsPerSample = 64;
/** Addresses a program may know first hand, and peers it may have heard, before it is no longer held to what it was told. */
export const addressesKnownMax = 65_536;
export const speakersKnownMax = 16_384;
/** Packets whose life and holders are kept, unless the network is told otherwise; the oldest goes first. */
export const packetsTrackedDefault = 65_536;
