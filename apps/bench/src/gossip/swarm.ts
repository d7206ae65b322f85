/** Nodes of one engine in processes of their own, all connected, and what they do with messages. */
import { seededRandom } from '@srp/identity';
import { sample } from '@srp/machine';
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Answer, Answers, Call, Heard, Post, Taken } from './calls.js';
import type { EngineName } from './engine.js';

/** How many nodes, in how many processes. */
export interface Shape {
  readonly nodes: number;
  readonly processes: number;
}

/** How much a swarm publishes. */
export interface Load {
  readonly messagesMin: number;
  readonly forMs: number;
}

/** What a swarm spent on some messages. */
export interface Spent extends Taken {
  readonly messages: number;
  /** From the first until all nodes had the last. */
  readonly tookMs: number;
}

/** A node connects to its successor in each of as many rings through all nodes, and so has twice as many neighbours. */
const rings = 4;
/** How many neighbours each must have before anything is measured, if the graph gives it as many. */
const degreeMin = 6;
const readyWithinMs = 60_000;
/** Messages on their way at one time. */
const lanes = 4;
/** A message that not all have after so long is no longer waited for, but still counted when it comes. */
const patienceMs = 2_000;

export class Swarm {
  readonly #shape: Shape;
  readonly #processes: readonly ChildProcess[];
  /** Messages that some processes have not, and how many. */
  readonly #awaited = new Map<number, { left: number; readonly resolve: () => void }>();
  readonly #failed: Promise<never>;
  #published = 0;

  private constructor(shape: Shape, processes: readonly ChildProcess[]) {
    this.#shape = shape;
    this.#processes = processes;
    this.#failed = Promise.race(processes.map((process) => new Promise<never>((_, reject) => {
      process.on('exit', (code) => reject(new Error(`Cannot measure: a process with nodes ended with ${String(code)}`)));
    })));
    this.#failed.catch(() => undefined);
    for (const process of processes) {
      process.on('message', (message: Answer | Heard) => {
        if ('heard' in message) this.#heard(message.heard);
      });
    }
  }

  /** Resolves when all nodes have found neighbours. */
  static async start(engine: EngineName, shape: Shape): Promise<Swarm> {
    const worker = fileURLToPath(new URL('worker.js', import.meta.url));
    // They get the flags of this process, so that a profiler sees them too.
    const swarm = new Swarm(shape, Array.from({ length: shape.processes }, () => fork(worker, [engine])));
    const each = shape.nodes / shape.processes;
    const all = (await swarm.#ask(() => ({ kind: 'open', count: each }))).flat();
    const first = neighboursOf(shape.nodes);
    await swarm.#ask((process) => ({
      kind: 'meet',
      meetings: Array.from({ length: each }, (_, i) => ({ all, self: process * each + i, first: first[process * each + i] ?? [] })),
    }));
    const end = performance.now() + readyWithinMs;
    const degree = Math.min(degreeMin, leastDegree(first));
    while (Math.min(...(await swarm.#ask(() => ({ kind: 'degree' })))) < degree) {
      if (performance.now() > end) throw new Error(`Cannot measure ${engine}: after ${readyWithinMs} ms some nodes have too few neighbours`);
      await setTimeout(50);
    }
    await swarm.rest(0);
    return swarm;
  }

  /**
   * Publishes at least so many messages and for so long, four on their way at a time, each by another node, and no more than one in
   * `everyMs`; then waits `restMs` for what they leave to do.
   */
  async publish({ messagesMin, forMs }: Load, everyMs: number, restMs: number): Promise<Spent> {
    const startAt = performance.now();
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < messagesMin || performance.now() - startAt < forMs) {
        const startsInMs = startAt + everyMs * next - performance.now();
        next += 1;
        if (startsInMs > 0) await setTimeout(startsInMs);
        await this.#spread();
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    const tookMs = performance.now() - startAt;
    return { ...(await this.rest(restMs)), messages: next, tookMs };
  }

  /** Lets time pass. */
  async rest(ms: number): Promise<Taken> {
    await setTimeout(ms);
    const taken = await this.#ask(() => ({ kind: 'take' }));
    const sum = (of: (one: Taken) => number): number => taken.reduce((total, one) => total + of(one), 0);
    return { cpuMs: sum(({ cpuMs }) => cpuMs), sentBytes: sum(({ sentBytes }) => sentBytes), latenciesMs: taken.flatMap(({ latenciesMs }) => latenciesMs) };
  }

  async close(): Promise<void> {
    await this.#ask(() => ({ kind: 'close' }));
    for (const process of this.#processes) process.disconnect();
  }

  /** Publishes one message, and waits until all have it, or for two seconds. */
  async #spread(): Promise<void> {
    const number = this.#published;
    this.#published += 1;
    // From one process to the next, so that none has more to do than another.
    const process = number % this.#shape.processes;
    const each = this.#shape.nodes / this.#shape.processes;
    const node = Math.floor(number / this.#shape.processes) % each;
    const patience = new AbortController();
    const spread = new Promise<void>((resolve) => this.#awaited.set(number, { left: this.#shape.processes, resolve }));
    this.#processes[process]?.send({ kind: 'publish', number, publisher: process * each + node, node } satisfies Post);
    await Promise.race([spread, this.#failed, setTimeout(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    this.#awaited.delete(number);
  }

  #heard(number: number): void {
    const awaited = this.#awaited.get(number);
    if (awaited === undefined) return;
    awaited.left -= 1;
    if (awaited.left === 0) awaited.resolve();
  }

  /** Asks all processes; nothing else is asked until they have answered. */
  async #ask<Kind extends Call['kind']>(callOf: (process: number) => Call & { readonly kind: Kind }): Promise<readonly Answers[Kind][]> {
    const answers = this.#processes.map((process, i) => new Promise<Answers[Kind]>((resolve) => {
      const take = (message: Answer | Heard): void => {
        if (!('answer' in message)) return;
        process.off('message', take);
        resolve(message.answer as Answers[Kind]);
      };
      process.on('message', take);
      process.send(callOf(i));
    }));
    return await Promise.race([Promise.all(answers), this.#failed]);
  }
}

/** For each node those it connects to: the same graph in every run. */
const neighboursOf = (nodes: number): readonly (readonly number[])[] => {
  const first = Array.from({ length: nodes }, () => new Set<number>());
  const random = seededRandom(new Uint8Array(32));
  for (let ring = 0; ring < rings; ring += 1) {
    const order = sample(random, [...first.keys()], nodes);
    for (const [i, node] of order.entries()) {
      const next = order[(i + 1) % nodes] ?? node;
      if (next !== node && first[next]?.has(node) === false) first[node]?.add(next);
    }
  }
  return first.map((to) => [...to]);
};

const leastDegree = (first: readonly (readonly number[])[]): number =>
  Math.min(...first.map((to, node) => to.length + first.filter((others) => others.includes(node)).length));
