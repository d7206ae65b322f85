/**
 * The UDP sockets of a peer: one per host it binds, all on one port.
 *
 * An IPv6 link-local address needs a zone, which an {@link Address} does not carry; such peers are met by
 * their IPv4 or routable IPv6 address.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Address, BoundedMap, familyOf, hostOf, makeAddress, portOf, scopeOf } from '@srp/machine';
import { closeTurnsMax, receiveBufferBytes, sharedPortAttempts, sourcesMax } from '../constants.js';
import { PeerError } from '../errors.js';

export interface SocketEvents {
  readonly onDatagram: (from: Address, bytes: Uint8Array) => void;
  /** A socket failed. The peer lives on: UDP promises nothing. */
  readonly onError: (error: Error) => void;
}

interface Bound {
  readonly host: string;
  readonly family: 4 | 6;
  readonly socket: Socket;
}

export class Sockets {
  readonly port: number;
  readonly #bound: readonly Bound[];
  /** As the system writes them: to parse one for each datagram takes as long as to hash it. */
  readonly #sources = new BoundedMap<string, Address>(sourcesMax);

  private constructor(bound: readonly Bound[], port: number, { onDatagram, onError }: SocketEvents) {
    this.#bound = bound;
    this.port = port;
    for (const { socket } of bound) {
      socket.on('error', onError);
      socket.on('message', (bytes, { address, port: fromPort }) => {
        const from = this.#addressOf(address, fromPort);
        if (from !== null) onDatagram(from, bytes);
      });
    }
  }

  /**
   * Binds every host to one port; 0 lets the system choose it. A host this system has no address for is left
   * out as long as another binds. Throws PORT_UNAVAILABLE when none does or the port is taken.
   */
  static async open(hosts: readonly string[], port: number, events: SocketEvents): Promise<Sockets> {
    for (let attempt = 1; ; attempt += 1) {
      const { bound, failures } = await bindAll(hosts, port);
      const isTaken = failures.some(({ code }) => code === 'EADDRINUSE' || code === 'EACCES');
      const first = bound[0];
      if (first !== undefined && !isTaken) return new Sockets(bound, first.socket.address().port, events);
      for (const { socket } of bound) socket.close();
      if (first === undefined || port !== 0 || attempt === sharedPortAttempts) {
        const cause = failures[0];
        throw new PeerError('PORT_UNAVAILABLE', `Cannot listen on UDP port ${port} of ${hosts.join(', ')}: ${cause?.message ?? 'no host was given'}`, { cause });
      }
    }
  }

  /** `null` if no peer can have this address. */
  #addressOf(host: string, port: number): Address | null {
    const key = `${host}:${port}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const address = makeAddress(host, port);
    if (address !== null) this.#sources.set(key, address);
    return address;
  }

  /** The address of a family that is bound, if one is. */
  hostOf(family: 4 | 6): string | null {
    return this.#bound.find((bound) => bound.family === family)?.host ?? null;
  }

  /** Sends one datagram, or drops it if no socket speaks the address's family. */
  send(to: Address, bytes: Uint8Array): void {
    const family = familyOf(to);
    const socket = this.#bound.find((bound) => bound.family === family)?.socket;
    if (socket === undefined) return;
    // Without a callback, which would be another turn for each datagram: what the system refuses is lost, as a datagram may be.
    socket.send(bytes, portOf(to), hostOf(to));
  }

  /** Where other hosts, or with loopback only this one, can send to us: at most one address an interface address. */
  addresses(): readonly Address[] {
    const isAny = (host: string): boolean => host === '0.0.0.0' || host === '::';
    const own = this.#bound.some(({ host }) => isAny(host)) ? Object.values(networkInterfaces()).flatMap((entries) => entries ?? []) : [];
    const reachable = this.#bound.flatMap(({ host, family }) => {
      const hosts = isAny(host) ? own.filter((entry) => (entry.family === 'IPv6' ? 6 : 4) === family).map((entry) => entry.address) : [host];
      return hosts.flatMap((name) => makeAddress(name, this.port) ?? []);
    });
    const farthestFirst = { public: 0, private: 1, 'link-local': 2, loopback: 3, forbidden: 4 };
    return reachable
      .filter((address) => !(familyOf(address) === 6 && scopeOf(address) === 'link-local'))
      .sort((a, b) => farthestFirst[scopeOf(a)] - farthestFirst[scopeOf(b)] || familyOf(a) - familyOf(b));
  }

  /** Resolves when what was handed to the system has left it, and nothing more comes in. */
  async close(): Promise<void> {
    // A socket that closes drops what it has not handed over yet, goodbyes among it.
    const waits = (): boolean => this.#bound.some(({ socket }) => socket.getSendQueueCount() > 0);
    for (let turn = 0; turn < closeTurnsMax && waits(); turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    await Promise.all(this.#bound.map(async ({ socket }) => await new Promise<void>((resolve) => socket.close(resolve))));
  }
}

const bindAll = async (hosts: readonly string[], wantedPort: number): Promise<{ bound: Bound[]; failures: NodeJS.ErrnoException[] }> => {
  const bound: Bound[] = [];
  const failures: NodeJS.ErrnoException[] = [];
  for (const host of hosts) {
    const port = bound[0]?.socket.address().port ?? wantedPort;
    const result = await bind(host, port);
    if ('socket' in result) bound.push(result);
    else failures.push(result);
  }
  return { bound, failures };
};

const bind = async (host: string, port: number): Promise<Bound | NodeJS.ErrnoException> =>
  await new Promise((resolve) => {
    const family = isIPv6(host) ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      // Every host here is an IP address. Node would look for a name all the same, and send in another turn.
      lookup: (ip, _options, found) => found(null, ip, family),
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      socket.setRecvBufferSize(receiveBufferBytes);
      resolve({ host, family, socket });
    });
  });
