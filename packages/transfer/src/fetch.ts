/**
 * Brings one file here from whoever has it, or has some of it. SPEC, Transfer, Pulling, Sources, Holders.
 *
 * It asks for blocks, as many as each source's window allows, judges each when it comes, and hands out groups of 32 KiB to be
 * written, in whatever order they become whole. It is done when all were written.
 */
import { BoundedMap, earliest, type Instant, type PeerId } from '@srp/machine';
import type { Block, Holds, NoBlock } from '@srp/wire';
import * as limit from './constants.js';
import type { TransferOutput } from './contract.js';
import { hasBlock, hasGroup, holdingOf } from './holding.js';
import { Plan } from './plan.js';
import { rangesOf } from './ranges.js';
import { Rate } from './rate.js';
import { Source } from './source.js';
import { cryptLeaves, type FileId, isPadded } from './tree/blocks.js';
import { KnownTree } from './tree/known.js';
import type { TreeShape } from './tree/shape.js';
import type { PartTree } from './tree/share.js';

/** How far a fetch is. */
export interface FetchProgress {
  readonly bytes: number;
  readonly size: number;
  readonly bytesPerSecond: number;
  /** Peers that have given blocks, and may give more. */
  readonly sources: number;
}

export interface FetchOptions {
  /** The number under which blocks come back, u32. */
  readonly transfer: number;
  readonly id: FileId;
  readonly key: Uint8Array;
  readonly shape: TreeShape;
  /** The first group that is not on disk. */
  readonly firstGroup: number;
}

export class Fetch {
  readonly transfer: number;
  readonly id: FileId;
  readonly #key: Uint8Array;
  readonly #shape: TreeShape;
  readonly #known: KnownTree;
  readonly #plan: Plan;
  readonly #sources = new Map<PeerId, Source>();
  /** Who sent what is not of this file. */
  readonly #liars = new BoundedMap<PeerId, true>(limit.liarsMax);
  readonly #rate = new Rate();
  #unwrittenBytes = 0;
  #isBroken = false;
  #heldBytes: number;
  #dueAt: Instant | null = null;

  constructor({ transfer, id, key, shape, firstGroup }: FetchOptions) {
    this.transfer = transfer;
    this.id = id;
    this.#key = key;
    this.#shape = shape;
    this.#known = new KnownTree(id, shape);
    this.#plan = new Plan(this.#known, { firstGroup, salt: transfer, holders: (group) => this.#holdersOf(group) });
    this.#heldBytes = Math.min(shape.size, firstGroup * limit.groupBytes);
  }

  /** Whether all of it was written. */
  get isDone(): boolean {
    return this.#plan.isDone && this.#unwrittenBytes === 0;
  }

  /** Whether what its author made is no file: nobody has what would be one. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  get sourceCount(): number {
    return this.#sources.size;
  }

  /** How much is held that is not written. */
  get heldGroups(): number {
    return this.#plan.size;
  }

  get dueAt(): Instant | null {
    return this.#dueAt;
  }

  /** What a sharer of the file needs besides its bytes, if all of it came in one go. */
  get upper(): Uint8Array | null {
    return this.#known.upper();
  }

  /** The file as one who shares it knows it, as far as it is known. */
  get tree(): PartTree {
    return { id: this.id, key: this.#key, shape: this.#shape, nodes: this.#known.nodes };
  }

  progress(now: Instant): FetchProgress {
    const sources = [...this.#sources.values()].filter(({ isProved }) => isProved).length;
    return { bytes: this.#heldBytes, size: this.#shape.size, bytesPerSecond: this.#rate.perSecond(now), sources };
  }

  /** Whether a peer is asked. */
  asks(peer: PeerId): boolean {
    return this.#sources.has(peer);
  }

  /** Also asks this peer. */
  addSource(now: Instant, peer: PeerId, isNamed: boolean, out: TransferOutput[]): void {
    const known = this.#sources.get(peer);
    if (known !== undefined) known.isNamed ||= isNamed;
    if (known !== undefined || this.#liars.get(peer) !== undefined || !this.#makeRoom(now, isNamed)) return;
    const source = new Source(peer);
    source.isNamed = isNamed;
    this.#sources.set(peer, source);
    this.act(now, out);
  }

  /** A peer asks us for this file: it fetches it too, and will soon have some of it. */
  meet(now: Instant, peer: PeerId, out: TransferOutput[]): void {
    this.#plan.scatter();
    this.addSource(now, peer, false, out);
  }

  /** The peer is gone. */
  removeSource(now: Instant, peer: PeerId, out: TransferOutput[]): void {
    const source = this.#sources.get(peer);
    if (source === undefined) return;
    this.#sources.delete(peer);
    for (const position of source.leave(now)) this.#plan.lose(position);
    this.act(now, out);
  }

  /** Blocks came from a peer. */
  blocks(now: Instant, from: PeerId, blocks: readonly Block[], out: TransferOutput[]): void {
    let hasMore = false;
    for (const block of blocks) hasMore = this.#block(now, from, block, out) || hasMore;
    if (this.#isBroken) return;
    const source = this.#sources.get(from);
    if (source !== undefined) this.#after(now, source, hasMore, out);
  }

  /** A peer cannot give what it was asked for. */
  noBlock(now: Instant, from: PeerId, { reason, range }: NoBlock, out: TransferOutput[]): void {
    const source = this.#sources.get(from);
    if (source === undefined || source.isAway) return; // of many answers the first one counts
    const positions = Array.from({ length: range.count }, (_, i) => range.first + i);
    // Who is busy has more to give than it was asked for too fast; the others have nothing now.
    const back = reason === 'busy' ? source.refuse(positions) : source.leave(now);
    if (reason === 'busy' && back.length === 0) {
      out.push({ kind: 'dropped', reason: 'transfer-unknown' });
      return;
    }
    for (const position of back) this.#plan.lose(position);
    if (reason === 'busy') source.window.lost(now, back.length);
    this.act(now, out);
  }

  /** A peer says which groups it has. */
  holds(now: Instant, from: PeerId, frame: Holds, out: TransferOutput[]): void {
    const source = this.#sources.get(from);
    if (source === undefined) return;
    if (!source.maySayHolds(now)) {
      out.push({ kind: 'dropped', reason: 'holds-early' });
      return;
    }
    const before = source.holding;
    const holding = holdingOf(frame);
    const refused = source.askedWhere((position) => !hasBlock(holding, this.#shape, position));
    const isFalse = before !== null && refused.some((position) => hasBlock(before, this.#shape, position));
    if (isFalse) out.push({ kind: 'dropped', reason: 'source-false' });
    for (const position of isFalse ? source.leave(now) : source.refuse(refused)) this.#plan.lose(position);
    if (!isFalse) {
      source.holding = holding;
      source.holdsAt = now;
    }
    this.#plan.scatter();
    this.#after(now, source, refused.length > 0, out);
  }

  /** A group is on disk. */
  written(now: Instant, group: number, out: TransferOutput[]): void {
    this.#unwrittenBytes -= this.#shape.bytesOf(group);
    this.act(now, out);
  }

  /** Asks for what may be asked for, and looks what is lost. */
  act(now: Instant, out: TransferOutput[]): void {
    for (const source of this.#sources.values()) this.#lose(now, source, out);
    for (const source of this.#byDoubt()) this.#ask(now, source, out);
    this.#dueAt = earliest(...[...this.#sources.values()].map((source) => source.dueAt(now)));
  }

  /** Whether there is a place for one more source: who gave least cause to be asked again gives up his. */
  #makeRoom(now: Instant, isNamed: boolean): boolean {
    const all = [...this.#sources.values()];
    const unnamed = all.filter((source) => !source.isNamed);
    const isCrowded = !isNamed && unnamed.length >= limit.unnamedSourcesMax;
    if (!isCrowded && all.length < limit.sourcesMax) return true;
    const [useless] = (isCrowded ? unnamed : all).filter(({ doubt, isProved, isAway }) => doubt > 0 && (isAway || !isProved)).sort((a, b) => b.doubt - a.doubt);
    if (useless === undefined) return false;
    this.#sources.delete(useless.peer);
    for (const position of useless.leave(now)) this.#plan.lose(position);
    return true;
  }

  /** Takes one block. Returns whether others than its sender can be asked for more because of it. */
  #block(now: Instant, from: PeerId, { position, bytes }: Block, out: TransferOutput[]): boolean {
    const source = this.#sources.get(from);
    if (source === undefined || position >= this.#shape.blockCount) {
      out.push({ kind: 'dropped', reason: 'block-unasked' });
      return false;
    }
    source.arrived(now, position);
    const taken = this.#plan.take(position, bytes);
    if (taken.verdict === 'wrong') {
      out.push({ kind: 'dropped', reason: 'block-wrong' });
      this.#liars.set(from, true);
      this.#plan.lose(position);
      this.removeSource(now, from, out);
      return false;
    }
    if (taken.verdict === 'broken') {
      this.#isBroken = true;
      return false;
    }
    if (taken.verdict === 'right') {
      source.prove(now);
      // It has more than it said, all of it perhaps: asked for what it has not, it says so.
      if (!hasBlock(source.holding, this.#shape, position)) source.holding = null;
    } else out.push({ kind: 'dropped', reason: 'block-unasked' });
    const isWhole = 'group' in taken;
    if (isWhole) this.#write(now, taken.group, taken.leaves, out);
    return isWhole || position >= this.#shape.leafCount;
  }

  /** After blocks: mostly it is their source alone that can be asked for more. `hasMore`: others can, too. */
  #after(now: Instant, source: Source, hasMore: boolean, out: TransferOutput[]): void {
    const hasLost = this.#lose(now, source, out);
    if (this.#sources.size === 1 || !(hasMore || hasLost)) this.#ask(now, source, out);
    else for (const other of this.#byDoubt()) if (other === source || other.isIdle || hasLost) this.#ask(now, other, out);
    this.#dueAt = this.#sources.size === 1 ? source.dueAt(now) : earliest(...[...this.#sources.values()].map((one) => one.dueAt(now)));
  }

  /** What those who stall were asked for would otherwise be asked of the next of them, and never of one who gives. */
  #byDoubt(): readonly Source[] {
    const sources = [...this.#sources.values()];
    return sources.length < 2 ? sources : sources.sort((a, b) => a.doubt - b.doubt || Number(b.isNamed) - Number(a.isNamed));
  }

  #lose(now: Instant, source: Source, out: TransferOutput[]): boolean {
    const wasAway = source.isAway;
    const lost = source.takeLost(now);
    if (source.isAway && !wasAway) out.push({ kind: 'dropped', reason: 'source-stalled' });
    for (const position of lost) this.#plan.lose(position);
    return lost.length > 0;
  }

  #ask(now: Instant, source: Source, out: TransferOutput[]): void {
    const nodesAhead = limit.nodesAheadLeast + Math.ceil((limit.nodesAheadWindows * source.window.blocks) / limit.childrenMax);
    source.isIdle = false;
    while (this.#unwrittenBytes < limit.unwrittenBytesMax && source.mayAsk(now)) {
      const positions: number[] = [];
      for (let batch = source.batch; positions.length < batch; ) {
        const position = this.#plan.next(nodesAhead, source.holding);
        if (position === null) break;
        positions.push(position);
      }
      if (positions.length === 0) positions.push(...this.#probe(now, source, nodesAhead));
      if (positions.length === 0) {
        source.isIdle = true;
        return;
      }
      source.asked(now, positions);
      out.push({ kind: 'frame', to: source.peer, frame: { kind: 'pull', transfer: this.transfer, file: hintOf(this.id), ranges: rangesOf(positions) } });
    }
    if (this.#unwrittenBytes >= limit.unwrittenBytesMax) source.isIdle = true;
  }

  /** One block for a source that has nothing we lack, to hear whether it has more by now. */
  #probe(now: Instant, source: Source, nodesAhead: number): readonly number[] {
    source.isIdle = true;
    if (source.probeAt === null || now < source.probeAt) return [];
    source.holdsAt = now;
    const position = this.#plan.next(nodesAhead, null);
    return position === null ? [] : [position];
  }

  #holdersOf(group: number): number {
    let holders = 0;
    for (const { holding } of this.#sources.values()) if (holding !== null && hasGroup(holding, group)) holders += 1;
    return holders;
  }

  #write(now: Instant, group: number, leaves: Uint8Array, out: TransferOutput[]): void {
    const size = this.#shape.bytesOf(group);
    const whole = cryptLeaves(this.#key, group * limit.childrenMax, leaves);
    if (!isPadded(whole, size)) {
      this.#isBroken = true;
      return;
    }
    this.#unwrittenBytes += size;
    this.#heldBytes += size;
    this.#rate.add(now, size);
    out.push({ kind: 'write', transfer: this.transfer, group, offset: group * limit.groupBytes, bytes: whole.subarray(0, size) });
  }
}

/** How a PULL names a file. */
export const hintOf = (id: FileId): string => id.slice(0, 32);
