/** Links wired by hand: a clock in the test, a bag of datagrams, and every output kept. Nothing happens by itself. */
import { generateKeyPair, type KeyPair, seededRandom } from '@srp/identity';
import { type AnswerEarly, Link, type LinkConfig, type LinkInput, type LinkOutput } from '@srp/link';
import { type Address, instant, type Instant, parseAddress, type PeerId, wakeup } from '@srp/machine';

/** An address of a text that is one. */
export const at = (text: string): Address => {
  const address = parseAddress(text);
  if (address === null) throw new Error(`no address: ${text}`);
  return address;
};

/** A datagram under way. */
export interface Flight {
  readonly from: Address;
  readonly to: Address;
  readonly bytes: Uint8Array;
}

export type OutputOf<Kind extends LinkOutput['kind']> = Extract<LinkOutput, { readonly kind: Kind }>;

/** One link with an address and everything it ever said. */
export class Node {
  readonly link: Link;
  readonly keys: KeyPair;
  readonly outputs: LinkOutput[] = [];
  address: Address;

  constructor(seed: number, address: string, config: LinkConfig = {}, keys?: KeyPair, answerEarly?: AnswerEarly) {
    const random = seededRandom(Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? seed >>> (8 * i) : i)));
    this.keys = keys ?? generateKeyPair(random);
    this.link = new Link({ keys: this.keys, random: random.fork('link'), config, ...(answerEarly === undefined ? {} : { answerEarly }) });
    this.address = at(address);
  }

  get id(): PeerId {
    return this.link.self;
  }

  all<Kind extends LinkOutput['kind']>(kind: Kind): readonly OutputOf<Kind>[] {
    return this.outputs.filter((output): output is OutputOf<Kind> => output.kind === kind);
  }

  /** Kinds of everything but transmit, in order. */
  get said(): readonly string[] {
    return this.outputs.filter(({ kind }) => kind !== 'transmit').map((output) => ('reason' in output ? `${output.kind} ${output.reason}` : output.kind));
  }
}

/** Links that reach each other by address. A test moves the clock and decides what arrives when. */
export class World {
  now: Instant = instant(1_000_000);
  readonly nodes: Node[];
  /** Under way, in the order of sending, and when each arrives. */
  air: (Flight & { readonly dueAt: number })[] = [];
  /** How long each copy of a datagram is under way, ms; none is loss. */
  route: (flight: Flight) => readonly number[] = () => [0];

  constructor(...nodes: Node[]) {
    this.nodes = nodes;
  }

  /** Hands one input to a node; its datagrams go into the air. */
  tell(node: Node, input: LinkInput): readonly LinkOutput[] {
    const outputs = node.link.handle(this.now, input);
    node.outputs.push(...outputs);
    for (const output of outputs) {
      if (output.kind !== 'transmit') continue;
      const flight = { from: node.address, to: output.to, bytes: output.bytes };
      for (const delayMs of this.route(flight)) this.air.push({ ...flight, dueAt: this.now + delayMs });
    }
    return outputs;
  }

  /** Lets one datagram arrive, from where it says. */
  arrive({ from, to, bytes }: Flight): void {
    for (const node of this.nodes) if (node.address === to) this.tell(node, { kind: 'datagram', from, bytes });
  }

  /** Takes what is in the air out of it: it is the test's now. */
  intercept(): readonly Flight[] {
    return this.air.splice(0);
  }

  /** Delivers all that is in the air, and all that follows from it, at this very moment. */
  settle(): void {
    for (let flight = this.air.shift(); flight !== undefined; flight = this.air.shift()) this.arrive(flight);
  }

  /** Moves the clock by `ms`, with every arrival and every wakeup at its time. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const arrival = this.air.reduce<(typeof this.air)[number] | null>((first, flight) => (first === null || flight.dueAt < first.dueAt ? flight : first), null);
      const wakeupAt = Math.min(...this.nodes.map(({ link }) => link.deadline() ?? Infinity));
      const next = Math.min(arrival?.dueAt ?? Infinity, wakeupAt);
      if (next > end) break;
      this.now = instant(Math.max(next, this.now));
      if (arrival !== null && arrival.dueAt <= wakeupAt) {
        this.air.splice(this.air.indexOf(arrival), 1);
        this.arrive(arrival);
      } else {
        for (const node of this.nodes) {
          const due = node.link.deadline();
          if (due !== null && due <= this.now) this.tell(node, wakeup);
        }
      }
    }
    this.now = instant(end);
  }

  connect(a: Node, b: Node, address: Address = b.address): void {
    this.tell(a, { kind: 'connect', peer: b.id, address });
  }

  /** A session between both, opened. */
  open(a: Node, b: Node): void {
    this.connect(a, b);
    this.settle();
  }

  say(from: Node, to: Node, ...frame: number[]): void {
    this.tell(from, { kind: 'send', peer: to.id, frame: Uint8Array.from(frame) });
  }
}
