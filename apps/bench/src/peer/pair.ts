/**
 * A whole peer and one neighbour with a true session to it, in one process and in virtual time: what the one sends is handed
 * to the other at once.
 */
import { generateKeyPair, type KeyPair } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { Link, type LinkOutput } from '@srp/link';
import { type Address, after, instant, type Instant, parseAddress, type Random, wakeup } from '@srp/machine';
import { PeerProtocol, type PeerOutput } from '@srp/peer/protocol';

const addressOf = (text: string): Address => {
  const address = parseAddress(text);
  if (address === null) throw new Error(`no address: ${text}`);
  return address;
};

export class Pair {
  /** As a real peer has it; a seeded one costs other sums. */
  readonly random = systemRandom();
  readonly peer: PeerProtocol;
  readonly #neighbour: Link;
  readonly #peerAddress = addressOf('192.0.2.1:4001');
  readonly #neighbourAddress = addressOf('198.51.100.2:4002');
  #now: Instant = instant(1_800_000_000_000);

  constructor(options: { readonly cacheBytes?: number } = {}) {
    const own = (): { keys: KeyPair; random: Random } => ({ keys: generateKeyPair(this.random), random: this.random });
    this.peer = new PeerProtocol({ ...own(), author: generateKeyPair(this.random), ...options });
    this.#neighbour = new Link(own());
    this.#carry(this.#neighbour.handle(this.#now, { kind: 'connect', peer: this.peer.id, address: this.#peerAddress }));
    if (this.#neighbour.sessionOf(this.peer.id) === null) throw new Error('no session');
  }

  get now(): Instant {
    return this.#now;
  }

  /** The datagram in which the neighbour sends a frame. It is not delivered. */
  sealed(frame: Uint8Array): Uint8Array {
    const outputs = this.#neighbour.handle(this.#now, { kind: 'send', peer: this.peer.id, frame });
    const sent = outputs.find((output) => output.kind === 'transmit');
    if (sent === undefined) throw new Error('the neighbour sent nothing');
    return sent.bytes;
  }

  /** Delivers a datagram of the neighbour. What the peer does then is not carried out. */
  receive(bytes: Uint8Array): readonly PeerOutput[] {
    return this.peer.handle(this.#now, { kind: 'datagram', from: this.#neighbourAddress, bytes });
  }

  /** Lets time pass, with every wakeup on the way. */
  pass(ms: number): void {
    const end = after(this.#now, ms);
    for (;;) {
      const next = Math.min(this.peer.deadline() ?? end, this.#neighbour.deadline() ?? end);
      if (next >= end) break;
      this.#now = instant(Math.max(next, this.#now));
      this.#carry(this.#neighbour.handle(this.#now, wakeup));
      this.#carryBack(this.peer.handle(this.#now, wakeup));
    }
    this.#now = end;
  }

  #carry(outputs: readonly LinkOutput[]): void {
    for (const output of outputs) if (output.kind === 'transmit' && output.to === this.#peerAddress) this.#carryBack(this.receive(output.bytes));
  }

  #carryBack(outputs: readonly PeerOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'transmit' && output.to === this.#neighbourAddress) this.#carry(this.#neighbour.handle(this.#now, { kind: 'datagram', from: this.#peerAddress, bytes: output.bytes }));
    }
  }
}
