/**
 * Machines that reach each other by address, in one process and in virtual time. Nothing is lost and nothing takes time,
 * unless a test moves the clock or takes datagrams out of the air.
 */
import { type Address, after, type Instant, instant } from '@srp/machine';
import { start } from './samples.js';

/** A datagram to send. */
export interface Sent {
  readonly to: Address;
  readonly bytes: Uint8Array;
}

/** A machine as the network sees it. */
export interface Node {
  readonly address: Address;
  arrive(now: Instant, from: Address, bytes: Uint8Array): readonly Sent[];
  wake(now: Instant): readonly Sent[];
  deadline(): Instant | null;
}

/** A datagram under way. */
export interface Flight extends Sent {
  readonly from: Address;
}

/** Rounds of wakeups at one instant, after which a machine that wants ever more is taken for broken. */
const wakeupsMax = 1000;

export class World {
  #now: Instant = start;
  readonly #nodes = new Map<Address, Node>();
  #air: Flight[] = [];
  /** Sees everything that is sent, before it arrives. */
  onSent: (flight: Flight) => void = () => undefined;

  get now(): Instant {
    return this.#now;
  }

  add(node: Node): void {
    this.#nodes.set(node.address, node);
  }

  /** Puts what a node sends into the air. */
  send(from: Node, sent: readonly Sent[]): void {
    for (const { to, bytes } of sent) {
      const flight = { from: from.address, to, bytes };
      this.onSent(flight);
      this.#air.push(flight);
    }
  }

  /** Takes what is in the air out of it. */
  grab(): readonly Flight[] {
    const grabbed = this.#air;
    this.#air = [];
    return grabbed;
  }

  /** Lets one datagram arrive, wherever it says it came from. */
  arrive({ from, to, bytes }: Flight): void {
    const node = this.#nodes.get(to);
    if (node !== undefined) this.send(node, node.arrive(this.#now, from, bytes));
  }

  /** Lets everything arrive, and all that follows from it. */
  settle(): void {
    for (let flight = this.#air.shift(); flight !== undefined; flight = this.#air.shift()) this.arrive(flight);
  }

  /** Moves the clock, with every wakeup on the way. */
  pass(ms: number): void {
    const end = after(this.#now, ms);
    let atOnce = 0;
    for (;;) {
      let next: number = end;
      for (const node of this.#nodes.values()) next = Math.min(next, node.deadline() ?? end);
      if (next >= end) break;
      atOnce = next > this.#now ? 0 : atOnce + 1;
      if (atOnce > wakeupsMax) throw new Error(`a machine wants more than ${wakeupsMax} wakeups at one instant`);
      this.#now = instant(Math.max(next, this.#now));
      for (const node of this.#nodes.values()) {
        const due = node.deadline();
        if (due !== null && due <= this.#now) this.send(node, node.wake(this.#now));
      }
      this.settle();
    }
    this.#now = end;
  }

  /** Lets time pass until something holds, at most `ms`; whether it does. */
  passUntil(holds: () => boolean, ms: number): boolean {
    for (let passed = 0; passed < ms && !holds(); passed += 100) this.pass(100);
    return holds();
  }
}
