/**
 * Sockets besides those that everything goes by: each has a port of its own, and so another mapping in a NAT. SPEC, Birthday, Filtering.
 *
 * There are hundreds for some seconds, and then one that a session goes by, or none. A host that gives no more (a process has so many
 * files and no more) gives fewer; nothing fails for that.
 */
import { createSocket, type Socket } from 'node:dgram';
import { type Address, hostOf, makeAddress, portOf } from '@srp/machine';

export class MoreSockets {
  readonly #hostOf: (family: 4 | 6) => string | null;
  readonly #onDatagram: (from: Address, bytes: Uint8Array, socket: number) => void;
  readonly #open = new Map<number, Socket>();
  #isClosed = false;

  /** `hostOf`: the address of a family that they are bound to; `null` if there is none. */
  constructor(hostOf: (family: 4 | 6) => string | null, onDatagram: (from: Address, bytes: Uint8Array, socket: number) => void) {
    this.#hostOf = hostOf;
    this.#onDatagram = onDatagram;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Opens at most `count`, numbered from `first` on without gaps; resolves with how many. Never rejects. */
  async open(first: number, count: number, family: 4 | 6 = 4): Promise<number> {
    const host = this.#hostOf(family);
    if (host === null) return 0;
    const tried = await Promise.all(Array.from({ length: count }, async () => await bind(host, family)));
    const bound = tried.flatMap((socket) => socket ?? []);
    if (this.#isClosed) for (const socket of bound) socket.close();
    if (this.#isClosed) return 0;
    for (const [place, socket] of bound.entries()) this.#add(first + place, socket);
    return bound.length;
  }

  /** Sends one datagram, or drops it if there is no such socket. */
  send(number: number, to: Address, bytes: Uint8Array): void {
    this.#open.get(number)?.send(bytes, portOf(to), hostOf(to), () => undefined); // a refused send is a lost datagram
  }

  close(numbers: readonly number[]): void {
    for (const number of numbers) {
      this.#open.get(number)?.close();
      this.#open.delete(number);
    }
  }

  closeAll(): void {
    this.#isClosed = true;
    this.close([...this.#open.keys()]);
  }

  #add(number: number, socket: Socket): void {
    this.#open.set(number, socket);
    socket.on('error', () => undefined);
    socket.on('message', (bytes, { address, port }) => {
      const from = makeAddress(address, port);
      if (from !== null) this.#onDatagram(from, bytes, number);
    });
  }
}

const bind = async (host: string, family: 4 | 6): Promise<Socket | null> =>
  await new Promise((resolve) => {
    // Every host here is an IP address: node would look for a name all the same.
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', ipv6Only: family === 6, lookup: (ip, _options, found) => found(null, ip, family) });
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind(0, host, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
