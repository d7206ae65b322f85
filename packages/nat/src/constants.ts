/** Every number of `@srp/nat`: what it means, its unit, and where it comes from. */

// Probes: packets to an address that has not yet proved that it wants them. SPEC, Probes.

/** Packets to one unproved address within {@link probeWindowMs}, INIT and PUNCH together. */
export const probesPerAddressMax = 3;
/** Packets to one unproved host (IPv4 address or IPv6 /64; on loopback one port) within {@link probeWindowMs}. */
export const probesPerHostMax = 5;
/** Packets to unproved addresses within one second, in all. */
export const probesPerSecondMax = 10;
/** Of the packets to one address, how many calls that nobody here asked for may use: one own INIT is left. */
export const probesUnaskedPerAddressMax = 2;
/** Of the packets to one host, the same. */
export const probesUnaskedPerHostMax = 3;
/** Of the packets within one second, the same: a flood of calls leaves room for four own INITs. */
export const probesUnaskedPerSecondMax = 6;
/** Of both rates in a second, what is kept for the first packet to somebody and not used for repetitions. Guess. */
export const probesForFirstPerSecond = 2;
/** The time over which probes to an address and to a host are counted, ms. SPEC, Probes. */
export const probeWindowMs = 60_000;
/** How often a probe that waits for room asks again, ms. Guess: short against a handshake. */
export const probePollMs = 100;
/** When INIT leaves to an address that somebody told, ms after the first one. SPEC, Handshake. */
export const initDelaysMs = [0, 300, 1_000] as const;
/** How long after its punch a called peer sends INIT, ms, if no handshake has begun: by then the other side's first INIT is here or lost. Guess. */
export const calledDelayMs = 300;
/** The lowest port that is ever probed, unless the user named the address: below sit the services worth attacking. SPEC, Probes. */
export const probePortMin = 1024;

// Calls: what an introducer tells me.

/** Calls of one introducer per second, after {@link callBurst}; second copies are free. Guess: above what the probes allow. */
export const callsPerSecond = 4;
/** Calls one introducer may send at once. Guess: a group that starts together, all through one introducer. */
export const callBurst = 32;
/** Tokens of calls that are remembered, so that the second copy of a call does nothing. */
export const tokensMax = 256;
/** Packets that are due or wait for room. Then no more are. Guess: a group of 32 that starts together. */
export const volleysMax = 96;
/** How long a call may wait for room, ms: the other side sends its last INIT 1 s after the first. */
export const callWaitMs = 1_000;

// Introducing others.

/** Introductions per second, after the burst, for one asker and also to one asked-for peer. Guess. */
export const introductionsPerSecond = 2;
/** Introductions at once for one asker, or to one asked-for peer. Guess: a group that starts together. */
export const introductionBurst = 32;
/** Introductions per second in all, whoever asks. Guess: 4 calls of about 120 bytes each, so 50 kB/s. */
export const introductionsInAllPerSecond = 100;
/** Introductions at once in all. Guess. */
export const introductionsInAllBurst = 200;
/** Two peers that were introduced are not introduced again for so long, ms, even if the other one asks. */
export const introducedQuietMs = 1_500;
/** Pairs of introduced peers that are remembered. */
export const introducedPairsMax = 1_024;
/** A call is sent again after so long, ms, because nobody acknowledges it. Its token shows that it is the same. */
export const callRepeatMs = 250;
/** Second copies of calls that wait to be sent. */
export const callRepeatsMax = 128;

// Reaching a peer.

/** Peers that are being reached at once. Then the one waiting longest fails, never a configured one. */
export const reachesMax = 128;
/** Peers the user named with their address, tried for ever. One more is refused. */
export const configuredMax = 64;
/** Introducers that are remembered per wanted peer. */
export const introducersMax = 8;
/** Attempts to reach a peer that others told of, before it is given up. SPEC, Meeting. */
export const attemptsMax = 2;
/** How long an asked introducer may take until its call is here, ms: a slow round trip and one lost copy. */
export const callAnswerMs = 2_000;
/** How long a connection may take, ms, if the link says nothing. The link itself gives up after 3 s. */
export const connectAnswerMs = 6_000;
/** How long an address from this peer's own memory may wait for room, ms: 64 remembered peers take 20 s. */
export const rememberedWaitMs = 60_000;
/** The first pause after a failed attempt, ms; it doubles. SPEC, Meeting. */
export const retryDelayMs = 1_000;
/** The longest pause, ms. */
export const retryDelayMaxMs = 60_000;
/** Pauses move by this share up or down, so that peers do not act in step. */
export const retryJitter = 0.2;
/** Peers on the local network whose address is remembered. Guess: a crowded one. */
export const foundMax = 256;
/** Of two peers that find each other on a LAN the lower id connects; the other waits so long first, ms. */
export const foundDelayMs = 1_000;

// Other ways to a peer with a session.

/** Addresses that a peer names for itself that are tried in one session. SPEC, Frames: as many as a HELLO names. */
export const namedMax = 4;

// Moving to another address.

/** When those who are silent after a move are asked for, ms after it: once who hears this peer has proved its new address, and again when they may be introduced anew. Guess; 1 s is the aim. */
export const movedAskDelaysMs = [200, 1_800] as const;
/** Of those who have answered, how many are asked for one who has not: one may not know it. Guess. */
export const movedWitnessesMax = 4;
/** How many silent peers are asked for: as many as an introducer introduces at once. See {@link introductionBurst}. */
export const movedPeersMax = 32;

// Relays.

/** How much longer than a round trip to who called the direct way has before a session begins through the relay, ms. A direct handshake takes about one. Guess. */
export const directHeadStartMs = 10;
/** ... and at least in all, ms: a busy machine takes so long to answer. Guess. */
export const directHeadStartMinMs = 40;
/** ... and at most, ms. The called side leaves the first INIT to the other for so long besides. */
export const directHeadStartMaxMs = 300;
/** After how long a direct path is looked for again when a session has begun to be relayed, ms: what was lost on the way to one is sent again. SPEC, Relays. Guess. */
export const relayedFirstRetryMs = 4_000;
/** ... and from then on, ms, twice as long each time. SPEC, Relays; Tailscale: 1 minute. */
export const relayedRetryMs = 60_000;
/** ... and at most. Guess: between two hard NATs there is none, and a NAT that changed makes its peer doubt the path. */
export const relayedRetryMaxMs = 960_000;
/** How many are asked for a peer whose path is in doubt: the one that called last may have gone too. Guess. */
export const doubtedAskedMax = 2;
/** Peers of whom is known who introduced them, with at most {@link introducersMax} names each. */
export const knownByMax = 512;

// Birthday: many ports on one side, many guesses on the other. SPEC, Birthday.

/** Sockets that are opened at once towards a peer. SPEC, Birthday; hyperdht: 256. */
export const birthdaySocketsMax = 256;
/** Ports that are guessed at most. With 256 of 64 512 open, 98.4 % find one. */
export const birthdayProbesMax = 1_024;
/** One guess after another, ms: 125 a second, 4.6 kB with headers; 1024 take 8.2 s. */
export const birthdayProbeMs = 8;
/** Guesses that a late timer makes up for at once. Guess. */
export const birthdayProbesAtOnceMax = 8;
/** How long sockets stay open, ms: 1024 guesses, and a slow relay. */
export const birthdaySocketsMs = 11_000;
/** A socket that was found has so long to lead to a session before another one is tried, ms: PING at 0, 300 and 1000 ms. */
export const birthdayFoundMs = 1_300;
/** Sockets that sessions go by, one each. Then no more are opened. Guess. */
export const birthdaySocketsKeptMax = 16;
/**
 * From the end of the first to the next, ms; then twice as long each time. hyperdht: 20 s, always. In a large network each peer has relayed
 * neighbours enough to search without end: with 20 s half of what 256 peers at rest sent were guesses. SPEC, Birthday.
 */
export const birthdayPauseMinMs = 600_000;
/** ... and at most, ms. Guess. */
export const birthdayPauseMaxMs = 9_600_000;
/** From one to the next towards one host, ms. SPEC, Birthday. */
export const birthdayTargetMs = 600_000;
/** Hosts that are remembered for that; more need an hour and a half. */
export const birthdayTargetsMax = 256;
/** How old the word of a neighbour about where a peer is may be, ms. */
export const birthdayCallMs = 600_000;
/** How long a simple punch has before, ms: PING at 0 and 300 ms. Guess. */
export const birthdayWaitMs = 350;
/** Where so few ports were seen to be used, between the least and the greatest, nothing is waited for: half of the guesses find one within ten. */
export const birthdayNarrowPorts = 4_096;
/** How far beyond the ports that were seen those lie that are guessed first. */
export const birthdayHullMarginPorts = 256;
/** The greatest port. RFC 768. */
export const portMax = 65_535;

// Filtering: whom a NAT lets in. SPEC, Filtering.

/** Observers that are asked about each family of addresses. As many as tell the mapping. */
export const filterObserversMax = 4;
/** Networks that must have taken part before it counts that nothing came. As with the mapping. */
export const filterObserversMin = 3;
/** When those who have not taken part, or of whose third party nothing came, are asked again, ms: above two round trips each. Guess. */
export const filterAgainMs = [500, 1_000] as const;
/** When nothing more is waited for, ms. Guess. */
export const filterMs = 1_600;
/** Askers that are remembered. Then the oldest goes. Guess. */
export const knockersMax = 64;
/** How long an asker has, ms. Guess: above what it waits. */
export const knockWaitMs = 5_000;
/** How often an asker is answered from another port and another host: as often as it asks. */
export const knockAnswersMax = 3;
/** How long the other port stays open after the last who asked, ms. Guess. */
export const knockSocketMs = 10_000;

// Sessions, votes, address book.

/** Sessions that are known. The link has no more. SPEC, Sessions. */
export const sessionsMax = 512;
/** Networks whose observation of my address counts. Then the oldest vote goes. Guess. */
export const votersMax = 64;
/** A vote counts for so long, ms. SPEC, Own address: the classes are taken anew every 30 minutes. */
export const voteLifeMs = 30 * 60_000;
/** Networks that must agree on an address, unless a peer the user named says so. */
export const agreeingMin = 2;
/** Networks that must see one and the same address before the mapping counts as independent. hyperdht: 3. */
export const independentMin = 3;
/** Networks that must have voted before the mapping can count as dependent. hyperdht: 4. */
export const dependentVotesMin = 4;
/** Peers in the address book. SPEC, Address book. */
export const bookPeersMax = 64;
/** Peers in the address book from one public /24 or /48, so that no subnet fills it. Guess. */
export const bookPeersPerNetworkMax = 4;
/** Entries of a stored address book that are looked at. */
export const bookEntriesReadMax = 256;

// Port mapping: PCP (RFC 6887), NAT-PMP (RFC 6886), UPnP IGD.

/** How long a mapping is asked for, s. RFC 6886 section 3.3 recommends it. */
export const leaseS = 7_200;
/** The longest life that is believed, s: a mapping is asked for anew at half of it. RFC 6887 section 15: a day. */
export const leaseMaxS = 86_400;
/** A mapping that lives shorter is given back, s: RFC 6887 section 15 wants two minutes at least. */
export const leaseMinS = 120;
/** From one refusal to the next question, ms; it doubles. Guess: who turned mapping off will not turn it on in a minute. */
export const askGatewayAgainMs = 300_000;
/** The longest such pause, ms. Guess: a lease. */
export const askGatewayAgainMaxMs = 7_200_000;
/** Where PCP and NAT-PMP are spoken. RFC 6887 section 19. */
export const gatewayPort = 5_351;
/** When a datagram to the gateway leaves, ms; the last is when it is given up. RFC 6886 section 3.1 begins so, and goes on for a minute. */
export const gatewayAskMs = [0, 250, 750, 1_250] as const;
/** The group and port of SSDP. UPnP Device Architecture 1.1, section 1. */
export const ssdpGroup = '239.255.255.250';
export const ssdpPort = 1_900;
/** When a search for UPnP gateways leaves, ms; the last is when it is given up. They answer within `MX` of 1 s. */
export const ssdpAskMs = [0, 500, 2_000] as const;
/** How long one request over HTTP to the gateway may take, ms. Guess: home routers are slow. */
export const gatewayHttpMs = 2_000;
/** The longest description or answer that is read over HTTP, bytes. miniupnpd's description has 5 kB. */
export const gatewayHttpBytesMax = 65_536;
/** UPnP services of one description that are looked at. */
export const servicesMax = 64;
/** How many external ports are tried with UPnP when others hold the wished one. Guess. */
export const upnpPortsTried = 3;
/** Gateways that are asked, in turn. A host has one, or one for Wi-Fi and one for a cable. */
export const gatewaysMax = 2;
/** How long giving a mapping back may take when the peer stops, ms. */
export const releaseMs = 1_000;

// Discovery on the local network. RFC 6762 (mDNS) and RFC 6763 (DNS-SD).

/** The group and port of mDNS. RFC 6762 section 3. */
export const multicastGroup = '224.0.0.251';
export const multicastPort = 5353;
/** How long others may keep a record, s. RFC 6762 section 10 for records with a host name. */
export const recordLifeSeconds = 120;
/** The second query and announcement, ms after the first: the first may be lost. RFC 6762 section 8.3. */
export const secondQueryMs = 1_000;
/** All further queries and announcements, ms apart. */
export const queryIntervalMs = 60_000;
/** A query is answered so much later, ms, at random between the two, so that not all answer at once. RFC 6762 section 6. */
export const answerDelayMinMs = 20;
export const answerDelayMaxMs = 120;
/** Answers per second and at once, per interface. RFC 6762 section 6 wants one a second of a record. */
export const answersPerSecond = 1;
export const answerBurst = 5;
/** Packets per second and at once, per interface, that are looked at. Guess: 20 peers starting together make 200. */
export const packetsPerSecond = 200;
export const packetBurst = 500;
/** Of these, from one host of the link, so that a flood from one leaves the others heard. Guess. */
export const packetsPerHostPerSecond = 20;
export const packetHostBurst = 60;
/** Hosts of a link whose packets are counted one by one. */
export const hostsMax = 64;
/** The largest packet that is looked at, bytes: an Ethernet frame. Ours have about 250. */
export const packetBytesMax = 1_500;
/** Bytes of a DNS header. RFC 1035 section 4.1.1. */
export const dnsHeaderBytes = 12;
/** Questions and records of a packet that are looked at, in all; a packet that claims more is dropped. */
export const packetRecordsMax = 64;
/** Finds reported per second, and at once. Guess: a crowded LAN party. */
export const findsPerSecond = 20;
export const findBurst = 20;
/** Finds that are remembered, so that none is reported again within {@link findAgainMs}. */
export const findsMax = 256;
/** When a peer that is heard again is reported again, ms. */
export const findAgainMs = 30_000;
/** How often the interfaces are looked through for new and vanished ones, ms. */
export const interfaceScanMs = 30_000;
/** Interface addresses used at once. */
export const interfacesMax = 16;
/** Different errors that are remembered as reported. Past this nothing more is reported. */
export const reportsMax = 64;
/** How long closing waits for the goodbye to leave, ms. */
export const goodbyeMs = 100;
