/** Peers at one table: protocols joined by hand, with a clock of the test's own and no network in between. */
import { generateKeyPair, seededRandom } from '@srp/identity';
import { after, type Address, type Instant, instant, parseAddress, type PeerId } from '@srp/machine';
import { type Delivery, type PeerInput, type PeerOutput, PeerProtocol, type PeerProtocolOptions } from '@srp/peer/protocol';

export interface Seat {
  readonly protocol: PeerProtocol;
  readonly address: Address;
  readonly delivered: Delivery[];
  readonly outputs: PeerOutput[];
}

export class Table {
  now: Instant = instant(1_800_000_000_000);
  readonly seats: Seat[] = [];
  readonly #random = seededRandom(new Uint8Array(32).fill(7));
  /** Datagrams for which this answers true are lost. */
  isLost: (from: Seat, to: Seat, bytes: Uint8Array) => boolean = () => false;

  seat(options: Partial<PeerProtocolOptions> = {}): Seat {
    const random = this.#random.fork(`seat ${this.seats.length}`);
    const protocol = new PeerProtocol({ keys: generateKeyPair(random), author: generateKeyPair(random), random, ...options });
    const address = parseAddress(`198.51.${this.seats.length}.1:4000`) as Address;
    const seat = { protocol, address, delivered: [], outputs: [] };
    this.seats.push(seat);
    return seat;
  }

  /** Hands in one input, and passes on what comes of it until nothing more comes at this instant. */
  input(seat: Seat, input: PeerInput): readonly PeerOutput[] {
    const outputs = seat.protocol.handle(this.now, input);
    seat.outputs.push(...outputs);
    for (const output of outputs) {
      if (output.kind === 'delivered') seat.delivered.push(output.delivery);
      if (output.kind !== 'transmit') continue;
      const to = this.seats.find(({ address }) => address === output.to);
      if (to !== undefined && !this.isLost(seat, to, output.bytes)) this.input(to, { kind: 'datagram', from: seat.address, bytes: output.bytes });
    }
    return outputs;
  }

  /** Lets `ms` pass, waking everyone when they ask for it. */
  pass(ms: number): void {
    const end = after(this.now, ms);
    for (;;) {
      const due = this.seats.filter(({ protocol }) => (protocol.deadline() ?? end) < end).sort((a, b) => (a.protocol.deadline() ?? 0) - (b.protocol.deadline() ?? 0))[0];
      if (due === undefined) break;
      this.now = instant(Math.max(this.now, due.protocol.deadline() ?? 0));
      this.input(due, { kind: 'wakeup' });
    }
    this.now = end;
  }

  /** Connects two seats. */
  introduce(a: Seat, b: Seat): void {
    this.input(a, { kind: 'connect', peer: b.protocol.id, address: b.address });
    this.pass(100);
  }

  isConnected(a: Seat, peer: PeerId): boolean {
    return a.protocol.neighbours().some((session) => session.peer === peer);
  }
}
