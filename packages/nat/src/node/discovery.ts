/**
 * Finding peers on the local network without any server: DNS-SD `_srp._udp.local` over mDNS. SPEC, Local network.
 *
 * One {@link Room} per IPv4 interface address. Each asks and announces at once, again after a second, then every
 * minute, and answers whoever asks, always to the group and never to one host, so it cannot be made to answer a
 * victim. What comes in says only "a peer with this key may be at this address": a handshake has to prove it.
 *
 * It needs no network: loopback alone will do. Where multicast is not to be had it says so once and stays quiet.
 */
import { type Address, BoundedMap, instant, type Instant, makeAddress, type PeerId, TokenBucket } from '@srp/machine';
import { answerBurst, answerDelayMaxMs, answerDelayMinMs, answersPerSecond, findAgainMs, findBurst, findsMax, findsPerSecond, interfaceScanMs, queryIntervalMs, reportsMax, secondQueryMs } from '../constants.js';
import { NatError } from '../errors.js';
import { localInterfaces, type LocalInterface, loopbackInterface } from './interfaces.js';
import { openRoom, type Room } from './room.js';

/** What {@link discoverLocally} needs. */
export interface DiscoveryOptions {
  /** Who this peer is; announced to everybody on the link. */
  readonly peer: PeerId;
  /** The UDP port of its link, 1..65535. */
  readonly port: number;
  /** Another peer may be at that address: IPv4, on the link of one of the interfaces. At most 20 calls a second. */
  readonly onPeer: (peer: PeerId, address: Address) => void;
  /** `all` IPv4 interfaces (the default), or 127.0.0.1 alone. */
  readonly interfaces?: 'all' | 'loopback';
  /** An interface cannot be used: `MULTICAST_UNAVAILABLE`, once per interface and reason. Default: nobody is told. */
  readonly onError?: (error: NatError) => void;
}

/** Discovery at work. */
export interface Discovery {
  /** Takes the announcement back and closes all sockets. */
  close(): Promise<void>;
}

interface OpenRoom {
  readonly room: Room;
  readonly timers: Set<NodeJS.Timeout>;
}

/**
 * Announces this peer on the local network and reports the others there.
 *
 * @throws {NatError} `DISCOVERY_OPTIONS_INVALID` if peer or port is none. Multicast that does not work never throws.
 * @example
 * const discovery = discoverLocally({ peer, port: 4711, onPeer: (other, address) => nat.handle(now(), { kind: 'found', peer: other, address }) });
 * await discovery.close();
 */
export const discoverLocally = (options: DiscoveryOptions): Discovery =>
  discoverOn(options, { interfaces: options.interfaces === 'loopback' ? () => [loopbackInterface] : localInterfaces, scanMs: interfaceScanMs });

/** What is different in a test: which interfaces there are, and how often that is looked at. */
export interface Surroundings {
  readonly interfaces: () => readonly LocalInterface[];
  readonly scanMs: number;
}

/** {@link discoverLocally} with given surroundings. */
export const discoverOn = (options: DiscoveryOptions, surroundings: Surroundings): Discovery => {
  const { peer, port } = options;
  if (!/^[0-9a-f]{64}$/.test(peer)) throw new NatError('DISCOVERY_OPTIONS_INVALID', `Cannot discover: peer must be 64 hex digits, got ${peer.length} characters`);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new NatError('DISCOVERY_OPTIONS_INVALID', `Cannot discover: port must be 1..65535, got ${port}`);

  const rooms = new Map<string, OpenRoom>();
  const finds = new BoundedMap<string, Instant>(findsMax);
  const findRate = new TokenBucket(findsPerSecond, findBurst);
  const reported = new Set<string>();
  let isClosed = false;

  const report = (where: string, error: NodeJS.ErrnoException): void => {
    const key = `${where} ${error.code ?? error.message}`;
    if (isClosed || reported.has(key) || reported.size >= reportsMax) return;
    reported.add(key);
    options.onError?.(new NatError('MULTICAST_UNAVAILABLE', `Cannot discover peers on ${where}: ${error.message}`, { cause: error }));
  };

  const found = (other: PeerId, address: Address): void => {
    if (isClosed || other === peer) return;
    const key = `${other} ${address}`;
    const at = now();
    const before = finds.get(key);
    if ((before !== undefined && at - before < findAgainMs) || !findRate.take(at)) return;
    finds.set(key, at);
    options.onPeer(other, address);
  };

  const open = (own: LocalInterface): void => {
    const timers = new Set<NodeJS.Timeout>();
    const answers = new TokenBucket(answersPerSecond, answerBurst);
    let answer: NodeJS.Timeout | null = null;
    const speak = (): void => {
      room.query();
      room.announce({ peer, port });
    };
    const later = (ms: number, act: () => void): NodeJS.Timeout => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        act();
      }, ms);
      timers.add(timer);
      return timer;
    };
    const room = openRoom(own, now, {
      ready() {
        speak();
        later(secondQueryMs, speak);
        timers.add(setInterval(speak, queryIntervalMs));
      },
      asked() {
        if (answer !== null || !answers.take(now())) return;
        answer = later(answerDelayMinMs + Math.random() * (answerDelayMaxMs - answerDelayMinMs), () => {
          answer = null;
          room.announce({ peer, port });
        });
      },
      announced(announcement, host) {
        const address = makeAddress(host, announcement.port);
        if (address !== null) found(announcement.peer, address);
      },
      failed(error, isFatal) {
        report(own.address, error);
        if (isFatal) leave(own.address);
      },
    });
    rooms.set(own.address, { room, timers });
  };

  const leave = (address: string): OpenRoom | undefined => {
    const entered = rooms.get(address);
    rooms.delete(address);
    for (const timer of entered?.timers ?? []) clearTimeout(timer); // clears intervals as well
    return entered;
  };

  // Interfaces come and go (Wi-Fi, VPN), and one that failed may work later.
  const scan = (): void => {
    const present = surroundings.interfaces();
    for (const address of [...rooms.keys()]) {
      if (!present.some((own) => own.address === address)) void leave(address)?.room.close(null);
    }
    for (const own of present) if (!rooms.has(own.address)) open(own);
    if (present.length === 0) queueMicrotask(() => report('this host', new Error('no IPv4 interface is up')));
  };
  scan();
  const scanning = setInterval(scan, surroundings.scanMs);

  return {
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(scanning);
      const left = [...rooms.keys()].map((address) => leave(address));
      await Promise.all(left.map(async (entered) => entered?.room.close({ peer, port })));
    },
  };
};

/** The monotonic clock; only differences count here. */
const now = (): Instant => instant(performance.now());
