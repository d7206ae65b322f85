/**
 * Says HELLO: to who comes, to everybody when something in it has changed, and again, ever more rarely, since nobody acknowledges
 * it. SPEC, Telling and asking (M-1).
 *
 * ```
 *   session opens ──▶ HELLO ──1 s──▶ HELLO ──20 s──▶ HELLO ──400 s──▶ HELLO ──900 s──▶ HELLO
 *   something changed ──10 ms──▶ to all, and from 1 s on again
 * ```
 */
import { after, earliest, type Instant, jittered, type Random, type TopicTag } from '@srp/machine';
import { type Frame, type Hello } from '@srp/wire';
import { helloDelayMs, helloRepeatFactor, helloRepeatMaxMs, helloRepeatMs, pauseJitter, protocolVersion } from './constants.js';
import { type MeshOutput } from './contract.js';
import { type Neighbour, type Neighbours } from './neighbours.js';

/** What a peer says about itself, besides its topics. */
export type About = Pick<Hello, 'addresses' | 'mapping' | 'filtering' | 'keepsNothing'>;

export class Greeter {
  readonly #neighbours: Neighbours;
  readonly #random: Random;
  readonly #tags: () => readonly TopicTag[];
  #about: About = { addresses: [], mapping: 'unknown', filtering: 'unknown' };
  /** No later than the first HELLO that is due. */
  #nextAt: Instant | null = null;

  constructor(neighbours: Neighbours, random: Random, tags: () => readonly TopicTag[]) {
    this.#neighbours = neighbours;
    this.#random = random;
    this.#tags = tags;
  }

  deadline(): Instant | null {
    return this.#nextAt;
  }

  hello(): Hello {
    return { kind: 'hello', version: protocolVersion, tags: this.#tags(), ...this.#about };
  }

  /** What this peer found out about itself. */
  describe(now: Instant, about: About): void {
    this.#about = about;
    this.tellAll(now);
  }

  /** A session opened. The neighbour has had the frames of `said` already. */
  came(now: Instant, neighbour: Neighbour, said: readonly Frame[]): readonly MeshOutput[] {
    if (!said.some((frame) => frame.kind === 'hello' && isSame(frame, this.hello()))) return [this.#say(now, neighbour)];
    this.#plan(now, neighbour, helloRepeatMaxMs);
    return [];
  }

  /** Something in the HELLO changed: everybody hears of it soon, and again in case that is lost. */
  tellAll(now: Instant): void {
    for (const neighbour of this.#neighbours.all()) {
      neighbour.helloPauseMs = 0;
      neighbour.helloAt = after(now, helloDelayMs);
    }
    this.#nextAt = earliest(this.#nextAt, after(now, helloDelayMs));
  }

  wake(now: Instant): readonly MeshOutput[] {
    if (this.#nextAt === null || now < this.#nextAt) return [];
    this.#nextAt = null;
    const outputs: MeshOutput[] = [];
    for (const neighbour of this.#neighbours.all()) {
      if (now >= neighbour.helloAt) outputs.push(this.#say(now, neighbour));
      this.#nextAt = earliest(this.#nextAt, neighbour.helloAt);
    }
    return outputs;
  }

  #say(now: Instant, neighbour: Neighbour): MeshOutput {
    const frame = this.hello();
    this.#plan(now, neighbour, neighbour.helloPauseMs === 0 ? helloRepeatMs : Math.min(neighbour.helloPauseMs * helloRepeatFactor, helloRepeatMaxMs));
    return { kind: 'frame', to: neighbour.peer, frame };
  }

  #plan(now: Instant, neighbour: Neighbour, pauseMs: number): void {
    neighbour.helloPauseMs = pauseMs;
    neighbour.helloAt = after(now, jittered(this.#random, pauseMs, pauseJitter));
    this.#nextAt = earliest(this.#nextAt, neighbour.helloAt);
  }
}

/** Whether two HELLOs say the same. Both were made by {@link Greeter}, so their fields come in one order. */
const isSame = (a: Hello, b: Hello): boolean => JSON.stringify(a) === JSON.stringify(b);
