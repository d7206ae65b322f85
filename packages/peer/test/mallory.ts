/** An attacker with a true session: a link and a socket of its own, and anything to say over them. */
import { createSocket, type Socket } from 'node:dgram';
import { generateKeyPair, type KeyPair } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { Link, type LinkInput } from '@srp/link';
import { type Address, hostOf, instant, makeAddress, type PeerId, peerId, portOf } from '@srp/machine';

export class Mallory {
  readonly keys: KeyPair = generateKeyPair(systemRandom());
  readonly received: Uint8Array[] = [];
  readonly #link = new Link({ keys: this.keys, random: systemRandom() });
  readonly #socket: Socket = createSocket('udp4');
  readonly #opened = new Set<PeerId>();

  async bind(): Promise<this> {
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
    this.#socket.on('message', (bytes, { address, port }) => {
      const from = makeAddress(address, port);
      if (from !== null) this.input({ kind: 'datagram', from, bytes });
    });
    return this;
  }

  get id(): PeerId {
    return peerId(this.keys.publicKey);
  }

  /** Raw bytes to an address, with no session at all. */
  throwAt(to: Address, bytes: Uint8Array): void {
    this.#socket.send(bytes, portOf(to), hostOf(to));
  }

  input(input: LinkInput): void {
    for (const output of this.#link.handle(instant(Date.now()), input)) {
      if (output.kind === 'transmit') this.throwAt(output.to, output.bytes);
      if (output.kind === 'received') this.received.push(output.frame);
      if (output.kind === 'opened') this.#opened.add(output.peer);
    }
  }

  /** Says one frame, or anything else, inside the session with `peer`. */
  say(peer: PeerId, frame: Uint8Array): void {
    this.input({ kind: 'send', peer, frame });
  }

  hasSession(peer: PeerId): boolean {
    return this.#opened.has(peer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}
