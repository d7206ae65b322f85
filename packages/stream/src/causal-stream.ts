/**
 * The causal order of one topic, as a machine. SPEC, Order.
 *
 * ```
 *                    past is there, or mode is live
 *   object ──────────────────────────────────────────▶ deliver
 *      │                                                  ▲
 *      └─▶ held: its past came, was given up, 30 s passed, or the room is full
 *
 *   named and not there ─▶ want, want, ... ─▶ gave-up          said to follow (`next`), and not there ─▶ want-next, ...
 * ```
 *
 * The caller has checked signature, age and seal of every object, and has recomputed its id; it keeps the
 * objects and answers `want` with its network. This machine sees ids alone.
 *
 * What always holds, tested in test/causal.test.ts:
 * - an object is delivered once (as long as its id is remembered: 32 768 later deliveries)
 * - `live` delivers in the call that brings the object; `causal` within 30 s of it
 * - in `causal` nothing is delivered before what it names, unless that is in its `missing`
 * - what becomes free at one moment comes out in the order of `inCausalOrder`
 * - state is bounded whatever members send
 */
import { type AuthorId, type Bound, BoundedMap, Counter, earliest, type Instant, type Machine, type PacketId, type PeerId, type Random, type ShortId, shortIdOf, unreachable, type Wakeup } from '@srp/machine';
import { Chains, type StreamObject } from './chains.js';
import { askForMs, askNextForMs, deliveredMax, giveUpMs as giveUpMsDefault, goneMax, headsOfferedMax, heldMax, nextsMax, nextsPerAuthorMax, wantsMax, wantsPerAuthorMax } from './constants.js';
import { Heads } from './heads.js';
import { Heap } from './heap.js';
import { compareConcurrent, pastOf } from './order.js';
import { WaitingRoom } from './waiting-room.js';
import { type Ask, Wants } from './wants.js';

/** `live` delivers at once and says what is missing; `causal` holds an object until its past is delivered or given up. */
export type DeliveryMode = 'live' | 'causal';

/** What a stream takes. */
export type StreamInput =
  /** A checked object of this topic: received, published here, or read back from this peer's own store. */
  | ({
      readonly kind: 'object';
      /** The neighbour that sent it; `null` if it did not come from one. */
      readonly from: PeerId | null;
      /** Read back at a start. It is delivered at once, and what it names and nobody has is neither waited nor asked for. Feed such objects in causal order. */
      readonly restored?: boolean;
    } & StreamObject)
  | Wakeup;

/** What a stream gives. */
export type StreamOutput =
  /** Hand the object to the application. `missing` was named and not delivered before; `gap`: some of it is no longer waited for. */
  | { readonly kind: 'deliver'; readonly id: PacketId; readonly missing: readonly PacketId[]; readonly gap: boolean }
  /** Ask for these, at most 60: at attempt 0 the neighbour they were heard of from, later others. */
  | { readonly kind: 'want'; readonly ids: readonly PacketId[]; readonly from: PeerId | null; readonly attempt: number }
  /** Ask for these in the same way. Each may be the first object of several that begin so, or none: an author said that it follows one of his. */
  | { readonly kind: 'want-next'; readonly ids: readonly ShortId[]; readonly from: PeerId | null; readonly attempt: number }
  /** Nothing waits for this one any more. It is still asked for, rarely, and delivered if it comes. */
  | { readonly kind: 'gave-up'; readonly id: PacketId }
  /** One author signed both objects with one `prev`: a second device with his key, a restored snapshot, or a lie. Both are delivered. */
  | { readonly kind: 'fork'; readonly author: AuthorId; readonly prev: PacketId; readonly ids: readonly [PacketId, PacketId] };

/** What a stream counts. */
export type StreamCount = 'duplicate' | 'hold-displaced' | 'want-displaced' | 'next-ignored';

/** How a stream is made. */
export interface StreamOptions {
  readonly mode: DeliveryMode;
  /** Moves the moments of questions; nothing else is random. */
  readonly random: Random;
  /** The author who publishes here: his last object is never forgotten. */
  readonly own?: AuthorId;
  /** How long an object waits for its past, ms > 0. Default 30 000. */
  readonly giveUpMs?: number;
}

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
    return earliest(this.#wants.deadline(), this.#nexts.deadline(), this.#held.oldest()?.deadline ?? null);
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

  /** The ids of the objects held back, in order of arrival. */
  pending(): readonly PacketId[] {
    return this.#held.ids();
  }

  /** How full what others can fill is. */
  bounds(): readonly Bound[] {
    return [
      { name: 'stream held', size: this.#held.size, max: heldMax },
      { name: 'stream wants', size: this.#wants.size, max: wantsMax },
      { name: 'stream nexts', size: this.#nexts.size, max: nextsMax },
    ];
  }

  /** How often something was ignored or had to go. */
  counts(): Readonly<Partial<Record<StreamCount, number>>> {
    return this.#counts.snapshot();
  }

  #take(now: Instant, object: StreamObject, from: PeerId | null, isRestored: boolean): readonly StreamOutput[] {
    const { id, author, prev, next = null } = object;
    if (this.#delivered.has(id) || this.#held.has(id)) {
      this.#counts.add('duplicate');
      return [];
    }
    const outputs: StreamOutput[] = [];
    const fork = this.#chains.add(object);
    this.#wants.delete(id);
    this.#nexts.delete(shortIdOf(id));
    this.#gone.delete(id);

    const unmet = pastOf(object).filter((named) => !this.#delivered.has(named) && !this.#gone.has(named));
    const unheld = unmet.filter((named) => !this.#held.has(named));
    if (isRestored) for (const named of unheld) this.#gone.set(named, true);
    else if (this.#wants.add(now, unheld, author, from) > 0) this.#counts.add('want-displaced');
    const isOpen = next !== null && next !== shortIdOf(id) && !isRestored && !this.#chains.isFollowed(object);
    if (isOpen && this.#nexts.add(now, [next], author, from) > 0) this.#counts.add('next-ignored');

    if (this.#mode === 'live' || isRestored || unmet.length === 0) this.#deliver([object], outputs);
    else this.#hold(now, object, unmet, outputs);
    if (fork !== null && prev !== null) outputs.push({ kind: 'fork', author, prev, ids: fork });
    return outputs;
  }

  #hold(now: Instant, object: StreamObject, unmet: readonly PacketId[], outputs: StreamOutput[]): void {
    this.#held.add(now, object, unmet);
    if (this.#held.size <= heldMax) return;
    const crowding = this.#held.crowding();
    if (crowding === null) return;
    this.#counts.add('hold-displaced');
    this.#deliver(this.#held.takeWithPast(crowding), outputs);
  }

  #wake(now: Instant): readonly StreamOutput[] {
    const outputs: StreamOutput[] = [];
    const { asks, gaveUp } = this.#wants.due(now);
    for (const id of gaveUp) this.#giveUp(id, outputs);
    for (let oldest = this.#held.oldest(); oldest !== null && now >= oldest.deadline; oldest = this.#held.oldest()) {
      // What it waits for and nobody has is given up; what is here, but waits itself, has to come along.
      for (const id of [...oldest.unmet]) if (oldest.unmet.has(id) && !this.#held.has(id)) this.#giveUp(id, outputs);
      this.#deliver(this.#held.takeWithPast(oldest.object.id), outputs);
    }
    for (const ask of asks) outputs.push({ kind: 'want', ...ask });
    for (const ask of this.#nextsDue(now)) outputs.push({ kind: 'want-next', ...ask });
    return outputs;
  }

  /** What a `prev` or parent names too is asked for because of that. */
  #nextsDue(now: Instant): readonly Ask<ShortId>[] {
    if (this.#nexts.size === 0) return [];
    for (const id of this.#wants.ids()) this.#nexts.delete(shortIdOf(id));
    return this.#nexts.due(now).asks;
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
      outputs.push(this.#delivery(object));
      for (const freed of this.#held.met(object.id)) free.push(freed);
    };
    if (given === 'in order') for (const object of objects) deliver(object);
    else for (const object of objects) free.push(object);
    for (let object = free.pop(); object !== undefined; object = free.pop()) deliver(object);
  }

  #delivery(object: StreamObject): StreamOutput {
    const past = pastOf(object);
    const missing = past.filter((named) => !this.#delivered.has(named));
    this.#delivered.set(object.id, true);
    this.#heads.add(object.id, past, missing);
    const gap = this.#mode === 'causal' ? missing.length > 0 : missing.some((named) => this.#gone.has(named));
    return { kind: 'deliver', id: object.id, missing, gap };
  }
}
