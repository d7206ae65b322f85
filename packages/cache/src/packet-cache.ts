/**
 * The objects a peer holds, for itself and for others. SPEC, Cache.
 *
 * ```
 *   insert ─▶ unsent, own, subscribed, duty ─custody over──▶ rebroadcast, stay ──────────────▶ expired
 *          ─▶ stranger ─────────────────────custody over──▶ rebroadcast, leave in 10 s ─────▶ purged
 *                   any of them, when there is no room ─────────────────────────▶ evicted
 * ```
 *
 * Whoever inserts has checked the object: structure, age, postage and signature. What comes back from a disk is checked
 * here, all of it, because a disk is a stranger too.
 *
 * Invariants, tested in test/cache-properties.test.ts: bytes never exceed the budget; every object is in every index or
 * in none; each object that left was reported once. What a step does is bounded; the rest is due at once.
 */
import {
  after,
  type Bound,
  Counter,
  earliest,
  type Instant,
  jittered,
  type Machine,
  type PacketId,
  type Random,
  type ShortId,
  shortIdOf,
  TokenBucket,
  type TopicTag,
  unreachable,
} from '@srp/machine';
import { checkPacket, decodePacket, expiresAt, type Life, lifeMs, type Packet, postageBound, pullPostage, verifyPacket, withPostage } from '@srp/wire';
import type { CacheDrop, CacheInput, CacheOutput, CacheStats, PacketCacheOptions } from './cache-types.js';
import {
  budgetBytesDefault,
  budgetBytesMin,
  custodyJitter,
  custodyPeriods,
  dueStepMax,
  entriesMax,
  ingressBytesMax,
  leavingMs,
  moveStepMax,
  rebroadcastDelayMs,
  rebroadcastRate,
  restoreMax,
  sketchesMax,
} from './constants.js';
import type { Entry } from './entry.js';
import type { Walk } from './entry-index.js';
import { CacheError } from './errors.js';
import type { PacketRecord, Pool } from './record.js';
import type { Sketch } from './reconcile/sketch.js';
import { Store } from './store.js';
import type { Row } from './table.js';

type Departure = 'evicted' | 'expired' | 'purged' | 'removed';
interface Taken {
  readonly postage: number;
  readonly pool: Pool;
  readonly keptAt: Instant;
  readonly ingress: string | null;
  /** It is not on the disk yet. */
  readonly isNew: boolean;
}
interface Move {
  readonly to: Pool;
  readonly walk: Walk;
}

/**
 * The objects a peer holds.
 *
 * Throws `CacheError`: `CACHE_BUDGET_INVALID`, and `CACHE_INPUT_INVALID` for an input outside its range.
 *
 * @example
 * const cache = new PacketCache({ random });
 * const outputs = cache.handle(now, { kind: 'insert', packet, postage: 15, pool: 'subscribed', ingress: '4:192.0.2' });
 */
export class PacketCache implements Machine<CacheInput, CacheOutput> {
  readonly #budgetBytes: number;
  readonly #doesRebroadcast: boolean;
  readonly #random: Random;
  readonly #store: Store;
  readonly #dropped = new Counter<CacheDrop>();
  readonly #rebroadcasts = new TokenBucket(rebroadcastRate.perSecond, rebroadcastRate.burst);
  /** Topics whose objects are changing pools. */
  readonly #moves = new Map<TopicTag, Move>();
  #lastNow: Instant | null = null;

  constructor({ budgetBytes = budgetBytesDefault, rebroadcasts = true, random }: PacketCacheOptions) {
    if (!Number.isSafeInteger(budgetBytes) || budgetBytes < budgetBytesMin) {
      throw new CacheError('CACHE_BUDGET_INVALID', `Cannot make a cache: budgetBytes must be an integer >= ${budgetBytesMin}, got ${budgetBytes}`);
    }
    this.#budgetBytes = budgetBytes;
    this.#doesRebroadcast = rebroadcasts;
    this.#random = random.fork('cache');
    this.#store = new Store(budgetBytes, this.#random);
  }

  handle(now: Instant, input: CacheInput): readonly CacheOutput[] {
    this.#lastNow = now;
    switch (input.kind) {
      case 'insert':
        return this.#insert(now, input);
      case 'restore':
        return this.#restore(now, input.records);
      case 'join':
        return this.#move(now, input.tag, 'subscribed');
      case 'leave':
        return this.#move(now, input.tag, 'stranger');
      case 'remove':
        return this.#remove(input.id);
      case 'taken':
        return this.#store.isUnsent ? this.#taken(this.#store.unsentOf(input.ids)) : [];
      case 'agreed':
        return this.#store.isUnsent ? this.#agreed(input) : [];
      case 'wakeup':
        return this.#step(now);
      default:
        return unreachable(input);
    }
  }

  deadline(): Instant | null {
    return earliest(this.#store.deadlines.first, this.#moves.size > 0 ? this.#lastNow : null);
  }

  /** The object, with the postage it has left. */
  get(id: PacketId): Packet | null {
    return this.#store.packetOf(id);
  }

  has(id: PacketId): boolean {
    return this.#store.get(id) !== null;
  }

  /** Whether an object whose id begins so is here. */
  hasShort(id: ShortId): boolean {
    return this.#store.index.hasShort(id);
  }

  /** The objects whose ids begin so: hardly ever more than one. */
  byShortId(id: ShortId): readonly PacketId[] {
    return this.#entries(this.#store.index.byShort(id)).map((entry) => entry.id);
  }

  /** What the author of this object, if it is here, signed as its successors (in a topic, if one is given); at most 8, the latest first. More than one is a fork. */
  byPrev(prev: PacketId, tag?: TopicTag): readonly PacketId[] {
    const entries = this.#entries(this.#store.index.byPrev(prev));
    return entries.filter((entry) => tag === undefined || entry.tag === tag).map((entry) => entry.id);
  }

  /** The objects of a topic with a time of at least `since`, Unix seconds, in the order in which they came. */
  idsOf(tag: TopicTag, since = 0): readonly PacketId[] {
    return this.#store.index.idsOf(tag, since);
  }

  /** On whose account an object is held; `null` if it is not here. */
  poolOf(id: PacketId): Pool | null {
    return this.#store.get(id)?.pool ?? null;
  }

  /** The topics of which something is held. */
  tags(): IterableIterator<TopicTag> {
    return this.#store.index.tags();
  }

  /** The shortest life of what is held of a topic and lives for longer than two minutes; `null` if nothing is. */
  shortestLifeOf(tag: TopicTag): Life | null {
    const life = this.#store.index.shortestLifeOf(tag);
    return life === 0 ? null : (life as Life);
  }

  /** The same objects as a sketch, which is kept while they come and go. `null` if it would have to be made, and `mayMake` refuses. */
  sketchOf(now: Instant, tag: TopicTag, since: number, mayMake: (ids: number) => boolean): Sketch | null {
    return this.#store.index.sketches.of(now, tag, since, mayMake);
  }

  /** How full it is. */
  bounds(): readonly Bound[] {
    return [
      { name: 'cache bytes', size: this.#store.bytes, max: this.#budgetBytes },
      { name: 'cache entries', size: this.#store.index.size, max: entriesMax },
      { name: 'cache sketches', size: this.#store.index.sketches.size, max: sketchesMax },
    ];
  }

  stats(): CacheStats {
    const { bytes, index } = this.#store;
    return { entryCount: index.size, bytes, budgetBytes: this.#budgetBytes, bytesByPart: this.#store.bytesByPart(), dropped: this.#dropped.snapshot() };
  }

  #insert(now: Instant, { packet, postage, pool, ingress }: CacheInput & { kind: 'insert' }): CacheOutput[] {
    if (ingress !== null && !isIngress(ingress)) {
      throw new CacheError('CACHE_INPUT_INVALID', `Cannot insert an object: ingress must be null or 1..${ingressBytesMax} printable characters, got '${ingress}'`);
    }
    const held = this.#store.get(packet.id);
    if (held !== null) return this.#again(now, held, packet, pool);
    return this.#take(now, packet, { postage, pool, keptAt: now, ingress, isNew: true });
  }

  #restore(now: Instant, records: readonly PacketRecord[]): CacheOutput[] {
    if (records.length > restoreMax) {
      throw new CacheError('CACHE_INPUT_INVALID', `Cannot restore: at most ${restoreMax} records at a time, got ${records.length}`);
    }
    return records.flatMap((record): CacheOutput[] => {
      const { id, pool, ingress } = record;
      const read = decodePacket(record.bytes);
      if (!read.ok) return this.#refuseRecord(id, 'record-unreadable');
      if (read.value.id !== id) return this.#refuseRecord(id, 'record-id-wrong');
      if (this.#store.get(id) !== null) return [this.#drop(id, 'duplicate')]; // the record may stay: it is that of the one we hold
      if (checkPacket({ life: read.value.life, time: read.value.time, postage: 0 }, now) === 'packet-from-future') return this.#refuseRecord(id, 'record-from-future');
      if (expiresAt(read.value) <= now) return this.#refuseRecord(id, 'expired'); // before the signature, which costs more
      if (!verifyPacket(read.value)) return this.#refuseRecord(id, 'record-forged');
      return this.#take(now, read.value, {
        postage: Math.min(read.value.postage, postageBound(read.value, now)),
        pool,
        keptAt: record.keptAt <= now ? record.keptAt : now,
        ingress: ingress !== null && isIngress(ingress) ? ingress : null,
        isNew: false,
      });
    });
  }

  /** Takes an object that is not here. */
  #take(now: Instant, packet: Packet, { postage, pool, keptAt, ingress, isNew }: Taken): CacheOutput[] {
    const refused = refusal(now, packet, postage, pool);
    if (refused !== null) return isNew ? [this.#drop(packet.id, refused)] : this.#refuseRecord(packet.id, refused);
    const custodyAt = this.#firstCustody(now, packet.life, keptAt);
    const { bytes } = withPostage(packet, postage);
    const entry = this.#store.add({ packet, bytes, keptAt, custodyAt }, pool, ingress);
    const outputs: CacheOutput[] = [];
    const stays = this.#store.makeRoom(now, entry, !isNew, (gone) => {
      if (gone !== entry) outputs.push(...departed(gone, 'evicted'));
      else outputs.push(...(isNew ? [this.#drop(packet.id, 'no-room')] : this.#refuseRecord(packet.id, 'no-room')));
    });
    if (stays && isNew && isPersistent(entry)) outputs.push({ kind: 'put', record: entry.record(bytes) });
    return outputs;
  }

  /** An object that is here came again: perhaps it matters more now. */
  #again(now: Instant, held: Entry, packet: Packet, pool: Pool): CacheOutput[] {
    if (held.packet().fullId !== packet.fullId) return [this.#drop(packet.id, 'conflict')];
    if (ranks[pool] <= ranks[held.pool]) return [this.#drop(packet.id, 'duplicate')];
    const outputs: CacheOutput[] = [];
    if (this.#moved(now, held, pool, outputs) && isPersistent(held)) outputs.push({ kind: 'put', record: held.record() });
    return outputs;
  }

  /** Changes the pool of an object; answers whether there was room for it there. */
  #moved(now: Instant, entry: Entry, pool: Pool, outputs: CacheOutput[]): boolean {
    this.#store.move(entry, pool);
    if (pool !== 'stranger') this.#stay(entry);
    return this.#store.makeRoom(now, entry, true, (gone) => outputs.push(...departed(gone, 'evicted')));
  }

  /** Somebody else has these: what of them was unsent is not any more. */
  #taken(entries: readonly Entry[]): CacheOutput[] {
    return entries.flatMap((entry): CacheOutput[] => {
      if (entry.pool !== 'unsent') return [];
      this.#store.move(entry, 'own');
      return isPersistent(entry) ? [{ kind: 'put', record: entry.record() }] : [];
    });
  }

  #agreed({ tag, since, askedAt, lacking }: CacheInput & { kind: 'agreed' }): CacheOutput[] {
    const lacked = new Set(lacking);
    const entries = this.#entries(this.#store.unsent());
    return this.#taken(entries.filter((entry) => entry.tag === tag && entry.time >= since && entry.keptAt <= askedAt && !lacked.has(shortIdOf(entry.id))));
  }

  #remove(id: PacketId): CacheOutput[] {
    const entry = this.#store.get(id);
    if (entry === null) return [];
    this.#store.remove(entry);
    return departed(entry, 'removed');
  }

  #move(now: Instant, tag: TopicTag, to: Pool): CacheOutput[] {
    const before = this.#moves.get(tag);
    if (before !== undefined) this.#store.index.end(before.walk);
    this.#moves.set(tag, { to, walk: this.#store.index.walk(tag) });
    return this.#stepMoves(now);
  }

  #step(now: Instant): CacheOutput[] {
    const outputs = this.#stepMoves(now);
    for (let count = 0; count < dueStepMax; count += 1) {
      const entry = this.#store.entryAt(this.#store.deadlines.due(now));
      if (entry === null) break;
      outputs.push(...this.#due(now, entry));
    }
    return outputs;
  }

  #stepMoves(now: Instant): CacheOutput[] {
    const outputs: CacheOutput[] = [];
    let left = moveStepMax;
    for (const [tag, { to, walk }] of this.#moves) {
      while (left > 0) {
        const entry = this.#store.entryAt(this.#store.index.step(walk));
        if (entry === null) {
          this.#moves.delete(tag);
          break;
        }
        left -= 1;
        if (entry.pool === 'own' || entry.pool === 'unsent' || entry.pool === to) continue;
        this.#moved(now, entry, to, outputs);
      }
    }
    return outputs;
  }

  #due(now: Instant, entry: Entry): CacheOutput[] {
    if (now >= entry.expiresAt) {
      this.#store.remove(entry);
      return departed(entry, 'expired');
    }
    if (entry.leavesAt !== null) {
      this.#store.remove(entry);
      return departed(entry, 'purged');
    }
    const packet = entry.packet();
    const postage = Math.min(packet.postage, pullPostage(packet, now));
    if (postage > 0 && !this.#rebroadcasts.take(now)) {
      this.#reschedule(entry, () => (entry.custodyAt = after(now, jittered(this.#random, rebroadcastDelayMs, 0.5))));
      return [];
    }
    this.#reschedule(entry, () => {
      if (entry.pool === 'stranger') entry.leavesAt = after(now, leavingMs);
      else entry.custodyAt = after(now, this.#custodyMs(entry.life));
    });
    return postage > 0 ? [{ kind: 'rebroadcast', id: entry.id, tag: entry.tag, postage }] : [];
  }

  /** An object of a stranger that has become ours does not leave. */
  #stay(entry: Entry): void {
    if (entry.leavesAt === null) return;
    this.#reschedule(entry, () => {
      entry.custodyAt = after(entry.leavesAt ?? entry.keptAt, this.#custodyMs(entry.life));
      entry.leavesAt = null;
    });
  }

  #reschedule(entry: Entry, change: () => void): void {
    change();
    this.#store.rescheduled(entry);
  }

  #custodyMs(life: Life): number {
    return jittered(this.#random, lifeMs(life) / custodyPeriods, custodyJitter);
  }

  /** The end of the first custody period. One that ended while this peer was away ends soon, but not with all the others at once. */
  #firstCustody(now: Instant, life: Life, keptAt: Instant): Instant | null {
    if (life === 0 || !this.#doesRebroadcast) return null; // two minutes: too short to hand on
    const period = this.#custodyMs(life);
    const at = after(keptAt, period);
    return at > now ? at : after(now, (period / 4) * (this.#random.below(0x1_0000) / 0x1_0000));
  }

  #refuseRecord(id: PacketId, reason: CacheDrop): CacheOutput[] {
    return [this.#drop(id, reason), { kind: 'delete', id }];
  }

  #entries(rows: readonly Row[]): readonly Entry[] {
    return rows.flatMap((row) => this.#store.entryAt(row) ?? []);
  }

  #drop(id: PacketId, reason: CacheDrop): CacheOutput {
    this.#dropped.add(reason);
    return { kind: 'dropped', id, reason };
  }
}

const ranks: Readonly<Record<Pool, number>> = { unsent: 3, own: 3, subscribed: 2, duty: 1, stranger: 0 };

/** What lives for two minutes is not worth a write. */
const isPersistent = (entry: Entry): boolean => entry.life > 0;

const departed = (entry: Entry, kind: Departure): CacheOutput[] => {
  const { id } = entry;
  return isPersistent(entry) ? [{ kind: 'delete', id }, { kind, id }] : [{ kind, id }];
};

/** Networks and addresses: printable, so that a byte is a character, and neither a log nor a table is broken by one. */
const isIngress = (text: string): boolean => text.length <= ingressBytesMax && /^[\x21-\x7e]+$/.test(text);

const refusal = (now: Instant, packet: Packet, postage: number, pool: Pool): CacheDrop | null => {
  if (expiresAt(packet) <= now) return 'expired';
  if (pool === 'duty' || pool === 'stranger') return packet.life === 0 || (pool === 'stranger' && postage === 0) ? 'no-custody' : null;
  return null;
};
