/**
 * The causal order of one topic, as a machine. SPEC, Order.
 *
 * ```
 *                    past is there, or mode is live
 *   object ──────────────────────────────────────────▶ deliver
 *      │                                                  ▲
 *      ├─▶ held: its past came, was given up, 30 s passed, or the room is full
 *      └─▶ incomplete, in either mode: until its parts are here
 *
 *   named and not there ─▶ want, want, ... ─▶ gave-up          said to follow (`next`), and not there ─▶ want-next, ...
 * ```
 *
 * The caller has checked signature, age and seal of every object, and has recomputed its id; it keeps the
 * objects and answers `want` with its network. This machine sees ids alone.
 *
 * What always holds, tested in test/causal.test.ts:
 * - an object is delivered once (as long as its id is remembered: 32 768 later deliveries)
 * - `live` delivers in the call that brings the object, or the last of its parts; `causal` within 30 s of it
 * - in `causal` nothing is delivered before what it names, unless that is in its `missing`
 * - what becomes free at one moment comes out in the order of `inCausalOrder`
 * - state is bounded whatever members send
 */
import { type AuthorId, type Bound, BoundedMap, Counter, earliest, type Instant, type Machine, type PacketId, type PeerId, type ShortId, shortIdOf, unreachable } from '@srp/machine';
import { Chains, type StreamObject } from './chains.js';
import { askForMs, askNextForMs, deliveredMax, giveUpMs as giveUpMsDefault, goneMax, headsOfferedMax, heldBytesMax, heldMax, incompleteForMs, incompleteMax, lostMax, nextsMax, nextsPerAuthorMax, wantsMax, wantsPerAuthorMax } from './constants.js';
import type { DeliveryMode, StreamCount, StreamInput, StreamOptions, StreamOutput, TopicStatus } from './contract.js';
import { Heads } from './heads.js';
import { Heap } from './heap.js';
import { compareConcurrent, pastOf } from './order.js';
import { Silent } from './silent.js';
import { WaitingRoom } from './waiting-room.js';
import { Wants } from './wants.js';

/**
 * The causal order of one topic.
 *
 * @example
 * const stream = new CausalStream({ mode: 'causal', random });
 * for (const output of stream.handle(now, { kind: 'object', from: peer, ...object })) carryOut(output);
 */
export class CausalStream implements Machine<StreamInput, StreamOutput> {
  readonly #mode: DeliveryMode;
  readonly #delivered = new BoundedMap<PacketId, true>(deliveredMax);
  /** Given up: no longer waited for. */
  readonly #gone = new BoundedMap<PacketId, true>(goneMax);
  readonly #held: WaitingRoom;
  /** Those that wait for their parts. */
  readonly #incomplete = new WaitingRoom(incompleteForMs);
  /** No longer asked for, and not here. */
  readonly #lost = new BoundedMap<PacketId, true>(lostMax);
  readonly #silent = new Silent();
  readonly #wants: Wants<PacketId>;
  /** What a `next` alone names. Nothing waits for it. */
  readonly #nexts: Wants<ShortId>;
  readonly #heads = new Heads();
  readonly #chains: Chains;
  readonly #counts = new Counter<StreamCount>();

  /** Throws `RangeError` if `giveUpMs` is not a number above 0. */
  constructor({ mode, random, own, giveUpMs = giveUpMsDefault }: StreamOptions) {
    if (!Number.isFinite(giveUpMs) || giveUpMs <= 0) throw new RangeError(`Cannot make a stream: giveUpMs must be a number > 0, got ${giveUpMs}`);
    this.#mode = mode;
    this.#held = new WaitingRoom(giveUpMs);
    this.#wants = new Wants(random, { max: wantsMax, perAuthorMax: wantsPerAuthorMax, askForMs, giveUpMs });
    this.#nexts = new Wants(random, { max: nextsMax, perAuthorMax: nextsPerAuthorMax, askForMs: askNextForMs, giveUpMs: null });
    this.#chains = new Chains(own ?? null);
  }

  handle(now: Instant, input: StreamInput): readonly StreamOutput[] {
    switch (input.kind) {
      case 'object':
        return this.#take(now, input, input.from, input.restored === true);
      case 'wakeup':
        return this.#wake(now);
      default:
        return unreachable(input);
    }
  }

  deadline(): Instant | null {
    return earliest(this.#wants.deadline(), this.#nexts.deadline(), this.#held.oldest()?.deadline ?? null, this.#incomplete.oldest()?.deadline ?? null);
  }

  /**
   * What a new object of `author` names as its parents: at most `max` delivered objects that no delivered
   * one names, latest delivery first, without the one that goes into its `prev`.
   */
  heads(author: AuthorId, max: number = headsOfferedMax): readonly PacketId[] {
    return this.#heads.latest(this.lastOf(author), Math.min(max, headsOfferedMax));
  }

  /** What a new object of `author` names as its `prev`; `null` if none of his is known: a new chain. */
  lastOf(author: AuthorId): PacketId | null {
    return this.#chains.lastOf(author);
  }

  /** The ids that are asked for because an object names them as what comes before it. */
  missing(): readonly PacketId[] {
    return this.#wants.ids();
  }

  /** How far the topic is known to be whole. */
  status(): TopicStatus {
    const missing = this.#wants.size + this.#nexts.size;
    const lost = this.#lost.size;
    return { state: missing > 0 ? 'missing' : lost > 0 ? 'lost' : 'synced', missing, lost };
  }

  /** The ids of the objects held back, in order of arrival. */
  pending(): readonly PacketId[] {
    return this.#held.ids();
  }

  /** How full what others can fill is. */
  bounds(): readonly Bound[] {
    return [
      { name: 'stream held', size: this.#held.size, max: heldMax },
      { name: 'stream held, bytes', size: this.#held.bytes, max: heldBytesMax },
      { name: 'stream incomplete', size: this.#incomplete.size, max: incompleteMax },
      { name: 'stream wants', size: this.#wants.size, max: wantsMax },
      { name: 'stream nexts', size: this.#nexts.size, max: nextsMax },
    ];
  }

  /** How often something was ignored or had to go. */
  counts(): Readonly<Partial<Record<StreamCount, number>>> {
    return this.#counts.snapshot();
  }

  #take(now: Instant, object: StreamObject, from: PeerId | null, isRestored: boolean): readonly StreamOutput[] {
    const { id, author, prev, parts = [] } = object;
    if (this.#isHere(id) || this.#incomplete.has(id)) {
      this.#counts.add('duplicate');
      return [];
    }
    const outputs: StreamOutput[] = [];
    const fork = this.#chains.add(object);
    this.#wants.delete(id);
    this.#nexts.delete(shortIdOf(id));
    this.#gone.delete(id);
    this.#lost.delete(id);

    const undelivered = this.#undelivered(object);
    const lacking = parts.filter((part) => !this.#isHere(part));
    if (undelivered.length > 0 || lacking.length > 0) this.#look(now, object, undelivered, lacking, from, isRestored);
    if (!isRestored) this.#askNext(now, object, from);

    if (lacking.length > 0) this.#await(now, object, lacking, outputs);
    else this.#enter(now, object, undelivered, isRestored, outputs);
    this.#joinParts(now, id, outputs);
    if (fork !== null && prev !== null) outputs.push({ kind: 'fork', author, prev, ids: fork });
    return outputs;
  }

  #isHere(id: PacketId): boolean {
    return this.#delivered.has(id) || this.#held.has(id);
  }

  #undelivered(object: StreamObject): readonly PacketId[] {
    return pastOf(object).filter((named) => !this.#delivered.has(named));
  }

  /** Asks for what is not here. Of a past that was read back nobody has more. */
  #look(now: Instant, { author }: StreamObject, undelivered: readonly PacketId[], lacking: readonly PacketId[], from: PeerId | null, isRestored: boolean): void {
    const unknown = undelivered.filter((named) => !this.#held.has(named) && !this.#gone.has(named) && !this.#incomplete.has(named));
    if (isRestored) for (const named of unknown) if (!lacking.includes(named)) this.#lose(named);
    this.#ask(now, isRestored ? lacking : [...unknown, ...lacking], author, from);
  }

  /** Nobody has it: it is neither waited nor asked for. */
  #lose(id: PacketId): void {
    this.#gone.set(id, true);
    this.#lost.set(id, true);
  }

  #ask(now: Instant, ids: readonly PacketId[], author: AuthorId, from: PeerId | null): void {
    for (const id of ids) {
      this.#lost.delete(id);
      this.#nexts.delete(shortIdOf(id)); // it is asked for because of this
    }
    for (const id of this.#wants.add(now, ids, author, from)) {
      this.#counts.add('want-displaced');
      this.#lost.set(id, true);
    }
  }

  #askNext(now: Instant, object: StreamObject, from: PeerId | null): void {
    const { id, author, next = null } = object;
    if (next === null || next === shortIdOf(id) || this.#chains.isFollowed(object)) return;
    const isAskedFor = this.#wants.size > 0 && this.#wants.ids().some((wanted) => shortIdOf(wanted) === next);
    if (!isAskedFor && this.#nexts.add(now, [next], author, from).length > 0) this.#counts.add('next-ignored');
  }

  /** An object that is whole: delivers it, or holds it back. */
  #enter(now: Instant, object: StreamObject, undelivered: readonly PacketId[], isRestored: boolean, outputs: StreamOutput[]): void {
    const isHeld = this.#mode === 'causal' && !isRestored && undelivered.some((named) => !this.#gone.has(named));
    if (isHeld) this.#hold(now, object, undelivered.filter((named) => !this.#gone.has(named)), outputs);
    else this.#deliver([object], outputs);
  }

  #hold(now: Instant, object: StreamObject, unmet: readonly PacketId[], outputs: StreamOutput[]): void {
    this.#held.add(now, object, unmet);
    while (this.#held.size > heldMax || this.#held.bytes > heldBytesMax) {
      const crowding = this.#held.crowding();
      if (crowding === null) return;
      this.#counts.add('hold-displaced');
      this.#deliver(this.#held.takeWithPast(crowding), outputs);
    }
  }

  /** An object lacks parts: it waits for them. */
  #await(now: Instant, object: StreamObject, lacking: readonly PacketId[], outputs: StreamOutput[]): void {
    this.#incomplete.add(now, object, lacking);
    outputs.push(progressOf(object, lacking.length));
    const crowding = this.#incomplete.size > incompleteMax ? this.#incomplete.crowding() : null;
    if (crowding !== null) this.#abandon(crowding, outputs);
  }

  /** An object is here: it may have been the last part of another. */
  #joinParts(now: Instant, id: PacketId, outputs: StreamOutput[]): void {
    const waiting = this.#incomplete.waitingFor(id);
    if (waiting.length === 0) return;
    const whole = this.#incomplete.met(id);
    for (const { object, unmet } of waiting) outputs.push(progressOf(object, unmet.size));
    for (const object of whole) this.#enter(now, object, this.#undelivered(object), false, outputs);
  }

  #abandon(id: PacketId, outputs: StreamOutput[]): void {
    this.#incomplete.take(id);
    this.#counts.add('abandoned');
    this.#lost.set(id, true);
    outputs.push({ kind: 'abandoned', id });
    this.#giveUp(id, outputs);
  }

  #wake(now: Instant): readonly StreamOutput[] {
    const outputs: StreamOutput[] = [];
    const { asks, gaveUp, ended } = this.#wants.due(now);
    for (const id of gaveUp) this.#giveUp(id, outputs);
    for (const id of ended) this.#lost.set(id, true);
    for (let oldest = this.#incomplete.oldest(); oldest !== null && now >= oldest.deadline; oldest = this.#incomplete.oldest()) this.#abandon(oldest.object.id, outputs);
    for (let oldest = this.#held.oldest(); oldest !== null && now >= oldest.deadline; oldest = this.#held.oldest()) {
      // What it waits for and nobody has is given up; what is here, but waits itself, has to come along.
      for (const id of [...oldest.unmet]) if (oldest.unmet.has(id) && !this.#held.has(id)) this.#giveUp(id, outputs);
      this.#deliver(this.#held.takeWithPast(oldest.object.id), outputs);
    }
    for (const ask of asks) outputs.push({ kind: 'want', ...ask });
    for (const ask of this.#nexts.due(now).asks) outputs.push({ kind: 'want-next', ...ask });
    return outputs;
  }

  #giveUp(id: PacketId, outputs: StreamOutput[]): void {
    this.#gone.set(id, true);
    outputs.push({ kind: 'gave-up', id });
    this.#deliver(this.#held.met(id), outputs, 'any order');
  }

  /** Delivers `objects`, and whatever becomes free by that, the least first. */
  #deliver(objects: readonly StreamObject[], outputs: StreamOutput[], given: 'in order' | 'any order' = 'in order'): void {
    const free = new Heap<StreamObject>(compareConcurrent);
    const deliver = (object: StreamObject): void => {
      if (object.isSilent === true) this.#place(object);
      else outputs.push(this.#delivery(object));
      for (const freed of this.#held.met(object.id)) free.push(freed);
    };
    if (given === 'in order') for (const object of objects) deliver(object);
    else for (const object of objects) free.push(object);
    for (let object = free.pop(); object !== undefined; object = free.pop()) deliver(object);
  }

  /** What is not for the application: its place is taken, and that is all. */
  #place({ id, prev }: StreamObject): void {
    this.#delivered.set(id, true);
    this.#silent.add(id, prev);
  }

  #delivery(object: StreamObject): StreamOutput {
    const prev = this.#silent.resolved(object.prev);
    const past = pastOf(prev === object.prev ? object : { ...object, prev });
    const missing = past.filter((named) => !this.#delivered.has(named));
    this.#delivered.set(object.id, true);
    this.#heads.add(object.id, past, missing);
    const gap = this.#mode === 'causal' ? missing.length > 0 : missing.some((named) => this.#gone.has(named));
    return { kind: 'deliver', id: object.id, missing, gap };
  }
}

const progressOf = ({ id, author, parts = [] }: StreamObject, lackingCount: number): StreamOutput => ({ kind: 'progress', id, author, here: parts.length - lackingCount, of: parts.length });
