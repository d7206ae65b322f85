/**
 * Gives blocks of shared files to whoever asks, and of files that are on their way here what has come. SPEC, Transfer, Sharing, Holders.
 *
 * ```
 *   PULL ──▶ queue of its receiver ──▶ group at hand? ──yes──▶ BLOCK, BLOCK, ...
 *                                         └──no──▶ read ──▶ encrypt, check ─┘
 * ```
 *
 * The receiver sets the pace; its blocks go out in the order in which they were asked for. Receivers take turns, a group each, and no more goes
 * out at once than leaves room for whatever else there is to say. Nothing is kept for a receiver but what it waits for.
 */
import { BoundedMap, earliest, type Instant, type PeerId, TokenBucket } from '@srp/machine';
import { type BlockRange, encodeBlocks, type NoBlockReason, type Pull } from '@srp/wire';
import * as limit from './constants.js';
import { blockBytes, childrenMax } from './constants.js';
import type { TransferInput, TransferOutput } from './contract.js';
import { hintOf } from './fetch.js';
import { hasBlock } from './holding.js';
import { Part } from './part.js';
import type { FileId } from './tree/blocks.js';
import type { FileTree } from './tree/builder.js';
import { type OpenGroup, openGroup, type PartTree, upperNode } from './tree/share.js';

/** A file that is given: one that is shared here, or what a fetch has brought of it. */
interface Given {
  readonly tree: FileTree | PartTree;
  readonly part: Part | null;
  /** The number of that fetch. */
  readonly transfer: number | null;
}

/** Blocks that a receiver waits for. */
interface Wanted {
  readonly given: Given;
  readonly transfer: number;
  readonly askedAt: Instant;
  first: number;
  count: number;
}

interface Receiver {
  readonly queue: Wanted[];
  waiting: number;
  heardAt: Instant;
  /** What it may have, in blocks; `null` without a limit. */
  readonly own: TokenBucket | null;
}

/** How fast files are given. */
export interface UploadLimits {
  /** Bytes of blocks a second, all receivers together, at least 1024. No limit if absent. */
  readonly bytesPerSecond?: number;
  /** ... and each of them. */
  readonly bytesPerSecondEach?: number;
}

export class Serve {
  /** By the front of their ids, as PULL names them. */
  readonly #shares = new Map<string, Given>();
  /** What is on its way here, by the number of its fetch. */
  readonly #parts = new Map<number, Given & { readonly part: Part }>();
  readonly #receivers = new BoundedMap<PeerId, Receiver>(limit.receiversMax);
  readonly #groups = new BoundedMap<string, OpenGroup>(limit.groupsKept);
  readonly #reading = new Set<string>();
  /** Whose turn it is: who waits for blocks, and for nothing else. */
  readonly #turns = new Set<PeerId>();
  /** Who had as much as one may have, for now. */
  readonly #sated = new Set<PeerId>();
  readonly #all: TokenBucket;
  readonly #limits: UploadLimits;

  constructor(limits: UploadLimits) {
    this.#limits = limits;
    this.#all = bucketOf(limits.bytesPerSecond);
  }

  get shareCount(): number {
    return this.#shares.size;
  }

  get receiverCount(): number {
    return this.#receivers.size;
  }

  get keptGroups(): number {
    return this.#groups.size;
  }

  get followerCount(): number {
    return Math.max(0, ...[...this.#parts.values()].map(({ part }) => part.followerCount));
  }

  /** When somebody is to be told what has come, or given more. */
  get dueAt(): Instant | null {
    if (this.#parts.size + this.#turns.size + this.#sated.size === 0) return null;
    const parts = [...this.#parts.values()].map(({ part }) => part.dueAt);
    const sated = [...this.#sated].map((peer) => this.#receivers.get(peer)?.own?.readyAt() ?? null);
    return earliest(this.#turns.size === 0 ? null : this.#all.readyAt(), ...parts, ...sated);
  }

  act(now: Instant, out: TransferOutput[]): void {
    this.#tell(now, out);
    for (const peer of this.#sated) this.#turns.add(peer);
    this.#sated.clear();
    this.#give(now, out);
  }

  /** Whether a peer asked for a block lately. */
  serves(now: Instant, peer: PeerId): boolean {
    const receiver = this.#receivers.get(peer);
    return receiver !== undefined && now - receiver.heardAt < limit.receiverKeptMs;
  }

  share(tree: FileTree): void {
    if (this.#shares.size < limit.sharesMax) this.#shares.set(hintOf(tree.id), { tree, part: null, transfer: null });
  }

  unshare(id: FileId): void {
    this.#shares.delete(hintOf(id));
  }

  /** A file is on its way here: others may have what has come. */
  begin(transfer: number, tree: PartTree, firstGroup: number): void {
    this.#parts.set(transfer, { tree, part: new Part(tree, firstGroup), transfer });
  }

  /** A group of it is on disk. */
  came(now: Instant, transfer: number, group: number, out: TransferOutput[]): void {
    this.#parts.get(transfer)?.part.add(group);
    this.#tell(now, out);
  }

  /** It is whole, or comes no more. */
  end(transfer: number): void {
    this.#parts.delete(transfer);
  }

  gone(peer: PeerId): void {
    this.#receivers.delete(peer);
    this.#turns.delete(peer);
    this.#sated.delete(peer);
    for (const { part } of this.#parts.values()) part.gone(peer);
  }

  pull(now: Instant, peer: PeerId, { transfer, file, ranges }: Pull, out: TransferOutput[]): void {
    const [first] = ranges;
    const given = this.#find(file);
    if (first === undefined) return;
    if (given === null) {
      refuse(out, peer, transfer, 'unknown', first);
      return;
    }
    const { tree, part } = given;
    const receiver = this.#receivers.get(peer) ?? { queue: [], waiting: 0, heardAt: now, own: this.#limits.bytesPerSecondEach === undefined ? null : bucketOf(this.#limits.bytesPerSecondEach) };
    const crowdedOut = this.#receivers.set(peer, receiver);
    if (crowdedOut !== null) this.gone(crowdedOut[0]);
    receiver.heardAt = now;
    part?.heard(now, peer);
    let lacks = false;
    for (const range of ranges) {
      if (range.first + range.count > tree.shape.blockCount) {
        refuse(out, peer, transfer, 'absent', range);
      } else if (part !== null && !hasRange(part, range)) {
        lacks = true;
      } else if (receiver.waiting + range.count > limit.waitingMax) {
        out.push({ kind: 'dropped', reason: 'pull-too-much' });
        refuse(out, peer, transfer, 'busy', range);
      } else {
        receiver.queue.push({ given, transfer, askedAt: now, first: range.first, count: range.count });
        receiver.waiting += range.count;
      }
    }
    if (part !== null && lacks) out.push({ kind: 'frame', to: peer, frame: part.ask(now, peer, transfer) });
    if (receiver.queue.length > 0) this.#turns.add(peer);
    this.#give(now, out);
  }

  /** What the disk holds of a group has come. */
  read(now: Instant, { id, transfer, group, bytes }: Extract<TransferInput, { kind: 'read' }>, out: TransferOutput[]): void {
    this.#reading.delete(nameOf(id, group));
    const given = transfer === null ? this.#shares.get(hintOf(id)) : this.#parts.get(transfer);
    if (given !== undefined) {
      const opened = bytes === null ? null : openGroup(given.tree, group, bytes);
      if (opened !== null) {
        this.#groups.set(nameOf(id, group), opened);
      } else {
        if (transfer === null) this.unshare(id);
        else this.end(transfer);
        if (bytes !== null) out.push({ kind: 'changed', id });
      }
    }
    for (const [peer, { queue }] of this.#receivers.entries()) if (queue.length > 0) this.#turns.add(peer);
    this.#give(now, out);
  }

  #tell(now: Instant, out: TransferOutput[]): void {
    for (const { part } of this.#parts.values()) out.push(...part.tell(now).map((told) => ({ kind: 'frame', ...told }) as const));
  }

  /** Gives, in turns, what is at hand and may go out now. */
  #give(now: Instant, out: TransferOutput[]): void {
    for (const peer of this.#turns) { // whoever is put back stands at the end of it, and comes again
      if (this.#all.left(now) < 1) return;
      this.#turns.delete(peer);
      const receiver = this.#receivers.get(peer);
      if (receiver === undefined) continue;
      if (this.#giveSome(now, peer, receiver, out)) this.#turns.add(peer);
      else this.#readAhead(receiver, out);
    }
  }

  /** Gives a receiver the next blocks, of one group at most. Returns whether there may be more for it. */
  #giveSome(now: Instant, peer: PeerId, receiver: Receiver, out: TransferOutput[]): boolean {
    const [wanted] = receiver.queue;
    if (wanted === undefined) return false;
    const isLate = now - wanted.askedAt >= limit.timeoutMostMs;
    if (isLate || !this.#gives(wanted.given)) {
      if (isLate) out.push({ kind: 'dropped', reason: 'pull-late' });
      else refuse(out, peer, wanted.transfer, 'unreadable', wanted);
      receiver.waiting -= wanted.count;
      receiver.queue.shift();
      return true;
    }
    const may = Math.floor(Math.min(this.#all.left(now), receiver.own?.left(now) ?? Number.POSITIVE_INFINITY));
    if (may < 1) this.#sated.add(peer);
    const bytes = may < 1 ? null : this.#blocksAt(wanted.given.tree, wanted.first, Math.min(may, wanted.count));
    if (bytes === null) return false;
    const blocks = encodeBlocks({ transfer: wanted.transfer, position: wanted.first, bytes });
    for (const block of blocks) out.push({ kind: 'block', to: peer, bytes: block });
    for (const bucket of [this.#all, receiver.own]) bucket?.take(now, blocks.length);
    wanted.first += blocks.length;
    wanted.count -= blocks.length;
    receiver.waiting -= blocks.length;
    if (wanted.count === 0) receiver.queue.shift();
    return true;
  }

  #readAhead({ queue }: Receiver, out: TransferOutput[]): void {
    for (const { given, first, count } of queue) {
      const { tree, transfer } = given;
      for (let position = first; position < first + count; ) {
        if (this.#reading.size >= limit.readsMax) return;
        const group = groupAt(tree, position);
        position += position < tree.shape.leafCount ? childrenMax - (position % childrenMax) : 1;
        if (group === null) continue;
        const name = nameOf(tree.id, group);
        if (this.#reading.has(name) || this.#groups.get(name) !== undefined) continue;
        this.#reading.add(name);
        out.push({ kind: 'read', id: tree.id, transfer, group, offset: group * limit.groupBytes, length: tree.shape.bytesOf(group) });
      }
    }
  }

  /** A shared file, or else the first fetch that brings it here. */
  #find(hint: string): Given | null {
    const shared = this.#shares.get(hint);
    if (shared !== undefined) return shared;
    for (const given of this.#parts.values()) if (hintOf(given.tree.id) === hint) return given;
    return null;
  }

  #gives(given: Given): boolean {
    return (given.transfer === null ? this.#shares.get(hintOf(given.tree.id)) : this.#parts.get(given.transfer)) === given;
  }

  /** The block at a position, and those of its group that follow, up to `count` in all; `null` if they have to be read. */
  #blocksAt(tree: FileTree | PartTree, position: number, count: number): Uint8Array | null {
    const group = groupAt(tree, position);
    if (group === null) return upperNode(tree, position);
    const opened = this.#groups.get(nameOf(tree.id, group));
    if (opened === undefined) return null;
    if (position >= tree.shape.leafCount) return opened.node;
    const slot = position % childrenMax;
    return opened.leaves.subarray(slot * blockBytes, (slot + count) * blockBytes);
  }
}

/** Blocks that may go out: what a limit gives in a moment, or what leaves room for others. */
const bucketOf = (bytesPerSecond = limit.givenBytesPerSecondMost): TokenBucket => {
  const perSecond = bytesPerSecond / blockBytes;
  return new TokenBucket(perSecond, Math.max(1, Math.min(limit.givenAtOnceMost, (perSecond * limit.givenOverMs) / 1000)));
};

/** The group that a block is made from; `null` for nodes of level 2 and above. */
const groupAt = ({ shape }: FileTree | PartTree, position: number): number | null => {
  if (position < shape.leafCount) return Math.floor(position / childrenMax);
  const { level, index } = shape.locate(position);
  return level === 1 ? index : null;
};

const hasRange = (part: Part, { first, count }: BlockRange): boolean => {
  for (let position = first; position < first + count; position += 1) if (!hasBlock(part, part.tree.shape, position)) return false;
  return true;
};

const nameOf = (id: FileId, group: number): string => `${id} ${group}`;

const refuse = (out: TransferOutput[], to: PeerId, transfer: number, reason: NoBlockReason, { first, count }: BlockRange): void => {
  out.push({ kind: 'frame', to, frame: { kind: 'no-block', transfer, reason, range: { first, count } } });
};
