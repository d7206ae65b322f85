/**
 * What must hold in the whole network at every moment, whoever does what. Each rule is checked where it could
 * break, and a broken one ends the run with the seed, the moment and what happened before.
 *
 * Sessions are sealed, so the rule on postage is checked where objects come to lie: what a peer keeps has less
 * postage than what its sender kept, or exactly what a pull gives, and then the peer can have known of the
 * object before it came.
 */
import { type Address, type AuthorId, BoundedMap, equalBytes, hostOf, portOf, type Instant, type PacketId } from '@srp/machine';
import type { Delivery } from '@srp/peer/protocol';
import { decodePacket, partsMax, postageBound, verifyPacket } from '@srp/wire';
import { datagramBytesMax, guessedPortMin, postageMax, punchType, signedTrackedMax } from './constants.js';
import { type Invariant, SimError } from './errors.js';
import type { Knowledge } from './knowledge.js';
import type { StoredRecord } from './machine.js';
import type { Arrived, Process } from './process.js';
import type { SimRoom } from './room.js';
import { sinceStart, type Trace } from './trace.js';

/** Since when a process keeps an object, and with what postage. It stays when the object is let go. */
interface Holding {
  readonly since: Instant;
  readonly postage: number;
  readonly isHeld: boolean;
}

type Holdings = Map<Knowledge, Holding>;

export class Audit {
  readonly #seedNote: string;
  readonly #trace: Trace;
  readonly #published: BoundedMap<PacketId, Delivery>;
  /** Whether something published was forgotten for want of room. */
  #hasForgotten = false;
  /** Published objects that name the key as their predecessor or parent. */
  readonly #namedBy: BoundedMap<PacketId, PacketId[]>;
  /** By what a program knows rather than by the program: one that ended must not stay in memory with its machine. */
  readonly #holdings: BoundedMap<PacketId, Holdings>;
  /** What was found signed lately. */
  readonly #checked = new BoundedMap<PacketId, Uint8Array>(signedTrackedMax);
  /** The parts of the message that an author is publishing. */
  readonly #runs = new Map<AuthorId, readonly PacketId[]>();
  readonly #honestAuthors = new Set<AuthorId>();

  constructor(seedNote: string, trace: Trace, packetsTracked: number) {
    this.#seedNote = seedNote;
    this.#trace = trace;
    this.#published = new BoundedMap<PacketId, Delivery>(packetsTracked);
    this.#namedBy = new BoundedMap<PacketId, PacketId[]>(packetsTracked);
    this.#holdings = new BoundedMap<PacketId, Holdings>(packetsTracked);
  }

  /** From now on nothing of this author may be delivered that it did not publish in this network. */
  watch(author: AuthorId): void {
    this.#honestAuthors.add(author);
  }

  /** A datagram is about to leave. */
  sends(now: Instant, sender: Process, to: Address, bytes: Uint8Array): void {
    if (sender.isHostile) return;
    if (bytes.length > datagramBytesMax) this.#fail(now, 'datagram-size', sender, `sends ${bytes.length} bytes to ${to}; at most ${datagramBytesMax} are allowed`);
    // A peer that is asked to guesses ports, of a host that it was told of: SPEC, Birthday.
    const isGuess = bytes[0] === punchType && portOf(to) >= guessedPortMin && sender.knowledge.mayKnowHost(hostOf(to));
    if (!isGuess && !sender.knowledge.mayKnow(to)) this.#fail(now, 'address-told', sender, `sends to ${to}, which nobody can have told it`);
  }

  /** An object is about to be shown to an app. */
  delivers(now: Instant, process: Process, room: SimRoom | undefined, delivery: Delivery, isPublished: boolean): void {
    const { id } = delivery;
    if (room === undefined) this.#fail(now, 'delivered-true', process, `delivers ${id} to topic ${delivery.topic}, which its app has not joined`);
    if (room.has(id)) this.#fail(now, 'delivered-once', process, `delivers ${id} to its app a second time`);
    const original = this.#published.get(id);
    if (original === undefined && isPublished) {
      if (this.#published.set(id, delivery) !== null) this.#hasForgotten = true;
      const holdings = this.#holdingsOf(id);
      if (!holdings.has(process.knowledge)) holdings.set(process.knowledge, { since: now, postage: postageMax, isHeld: false });
      for (const named of [delivery.previous, ...delivery.parents]) if (named !== null) this.#namedBy.set(named, [...(this.#namedBy.get(named) ?? []), id]);
    } else if (original === undefined) {
      if (!this.#hasForgotten && this.#honestAuthors.has(delivery.author)) this.#fail(now, 'delivered-true', process, `delivers ${id} of ${delivery.author}, which that author never published`);
    } else {
      const field = differingField(original, delivery);
      if (field !== null) this.#fail(now, 'delivered-true', process, `delivers ${id} with another ${field} than was published`);
    }
  }

  /** What is kept of an object that an app was shown: its signature must hold. */
  keepsDelivered(now: Instant, process: Process, id: PacketId, bytes: Uint8Array): void {
    if (process.isHostile) return;
    const checked = this.#checked.get(id);
    // Only postage differs between copies, and it is not signed; any other difference has to be checked anew.
    if (checked?.[0] === bytes[0] && checked !== undefined && equalBytes(checked.subarray(2), bytes.subarray(2))) return;
    const parsed = decodePacket(bytes);
    if (!parsed.ok || parsed.value.id !== id || !verifyPacket(parsed.value)) this.#fail(now, 'delivered-signed', process, `shows its app ${id}, and keeps it with a signature that does not hold`);
    this.#checked.set(id, bytes);
  }

  /** A sample of how full a machine is. */
  fills(now: Instant, process: Process): void {
    if (process.isHostile) return;
    for (const { name, size, max } of process.machine.bounds?.() ?? []) {
      if (size > max) this.#fail(now, 'within-bounds', process, `has ${size} ${name}; at most ${max} are allowed`);
    }
  }

  /** A process asks its disk to keep an object, perhaps because of what has just arrived. */
  keeps(now: Instant, process: Process, { id, bytes }: StoredRecord, arrived: Arrived | null): void {
    const postage = bytes[1] ?? 0;
    const holdings = this.#holdingsOf(id);
    const before = holdings.get(process.knowledge);
    const isTracked = holdings.size > 0; // otherwise its holders were too long ago
    holdings.set(process.knowledge, { since: before?.isHeld === true ? before.since : now, postage, isHeld: true });
    if (arrived === null && before === undefined) this.#isOfRun(id, bytes);
    if (process.isHostile) return;
    const rises = (why: string): never => this.#fail(now, 'postage-falls', process, `keeps ${id} with postage ${postage}: ${why}`);
    if (before?.isHeld === true) {
      if (postage > before.postage) rises(`it kept it with ${before.postage} before`);
      return;
    }
    if (postage > postageMax) rises(`the most is ${postageMax}`);
    if (arrived === null || !isTracked) return;
    const { sender } = arrived.datagram;
    const sent = holdings.get(sender.knowledge)?.postage ?? passedOn(holdings, process.knowledge);
    if (postage < sent && !sender.isHostile) return;
    const pulledPostage = pulled(bytes, process.clock(now));
    if (postage > pulledPostage) rises(`${sender.name} had it with at most ${sent}, and asking for it gives ${pulledPostage}`);
    if (!sender.isHostile && !this.#canHaveAsked(process, id, arrived)) rises(`${sender.name} had it with at most ${sent}, and nobody can have told ${process.name} of it before`);
  }

  /** A process starts with these on its disk. */
  restores(now: Instant, process: Process, records: Iterable<StoredRecord>): void {
    for (const { id, bytes } of records) this.#holdingsOf(id).set(process.knowledge, { since: now, postage: bytes[1] ?? 0, isHeld: true });
  }

  /** A process lets an object go. */
  forgets(process: Process, id: PacketId): void {
    const holdings = this.#holdingsOf(id);
    const holding = holdings.get(process.knowledge);
    if (holding !== undefined) holdings.set(process.knowledge, { ...holding, isHeld: false });
  }

  /** A machine threw, though no app gave it anything wrong. */
  threw(now: Instant, process: Process, inputKind: string, cause: unknown): never {
    return this.#fail(now, 'never-throws', process, `throws when it is handed a ${inputKind}: ${String(cause)}`, cause);
  }

  /** A machine asks to be woken at an instant at which it was woken too often. */
  spins(now: Instant, process: Process, count: number): never {
    return this.#fail(now, 'never-spins', process, `was woken ${count} times without time passing, and asks for it again`);
  }

  /** An author keeps the objects of a long message, one after the other: whoever has one of them may ask for the others. */
  #isOfRun(id: PacketId, bytes: Uint8Array): void {
    const parsed = decodePacket(bytes);
    if (!parsed.ok || parsed.value.kind === 'message') return;
    const { author, kind } = parsed.value;
    const run = [...(this.#runs.get(author) ?? []), id];
    if (kind === 'part' && run.length <= partsMax) {
      this.#runs.set(author, run);
      return;
    }
    this.#runs.delete(author);
    for (const one of run) this.#namedBy.set(one, run.filter((other) => other !== one));
  }

  /** Whether somebody who kept the object, or one that names it, spoke to the process before the object came. */
  #canHaveAsked(process: Process, id: PacketId, { datagram, heardBefore }: Arrived): boolean {
    return [id, ...(this.#namedBy.get(id) ?? [])].some((known) =>
      [...this.#holdingsOf(known)].some(([holder, { since }]) => {
        if (holder === process.knowledge) return known !== id;
        const heardAt = holder === datagram.sender.knowledge ? heardBefore : process.knowledge.heardAt(holder);
        return heardAt !== null && heardAt >= since;
      }),
    );
  }

  #holdingsOf(id: PacketId): Holdings {
    const known = this.#holdings.get(id);
    if (known !== undefined) return known;
    const fresh: Holdings = new Map();
    this.#holdings.set(id, fresh);
    return fresh;
  }

  #fail(now: Instant, invariant: Invariant, process: Process, what: string, cause?: unknown): never {
    const message = `${process.name} ${what}, ${sinceStart(now).toFixed(3)} ms after the start.\n  ${this.#seedNote}\n  Before that:\n${this.#trace.recent(process.name)}`;
    throw new SimError('INVARIANT_BROKEN', message, { invariant, cause });
  }
}

/** The most postage that an object can have at a peer that passes it on without keeping it: one less than where it came from. */
const passedOn = (holdings: Holdings, receiver: Knowledge): number => {
  let most = 0;
  for (const [holder, { postage }] of holdings) if (holder !== receiver) most = Math.max(most, postage);
  return most - 1;
};

/** The postage that an object has when it was asked for: what its age allows, less the hop. SPEC, Objects. */
const pulled = (bytes: Uint8Array, now: Instant): number => {
  const parsed = decodePacket(bytes);
  return parsed.ok ? postageBound(parsed.value, now) - 1 : -1;
};

const differingField = (a: Delivery, b: Delivery): string | null => {
  for (const field of ['topic', 'author', 'sentAtMs', 'previous'] as const) if (a[field] !== b[field]) return field;
  if (a.parents.join() !== b.parents.join()) return 'parents';
  return equalBytes(a.payload, b.payload) ? null : 'payload';
};
