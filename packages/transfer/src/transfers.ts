/**
 * The machine that moves files: it gives blocks of what is shared here, and brings here what is wanted. SPEC, Transfer.
 *
 * ```
 *   PULL ─▶ Serve ─▶ read, BLOCK, NOBLOCK          BLOCK, NOBLOCK ─▶ Fetch ─▶ PULL, write, fetched
 * ```
 *
 * Files are read and written by whoever drives it, in the order and at the pace that the disk has: reads and writes that
 * are not answered hold up what waits for them and nothing else.
 */
import { type Bound, earliest, type Instant, type Machine, type PeerId, unreachable } from '@srp/machine';
import type { Holds, NoBlock, Pull } from '@srp/wire';
import * as limit from './constants.js';
import type { TransferInput, TransferOutput } from './contract.js';
import { TransferError } from './errors.js';
import { Fetch, type FetchProgress, hintOf } from './fetch.js';
import { Serve, type UploadLimits } from './serve.js';
import { isFileKey } from './tree/blocks.js';
import { TreeShape } from './tree/shape.js';

export interface TransfersOptions {
  readonly upload?: UploadLimits;
}

export class Transfers implements Machine<TransferInput, TransferOutput> {
  readonly #serve: Serve;
  readonly #fetches = new Map<number, Fetch>();

  constructor({ upload = {} }: TransfersOptions = {}) {
    this.#serve = new Serve(upload);
  }

  /** Throws {@link TransferError} for a caller's mistake, and for nothing a remote sent. */
  handle(now: Instant, input: TransferInput): readonly TransferOutput[] {
    const out: TransferOutput[] = [];
    switch (input.kind) {
      case 'share':
        this.#serve.share(input.tree);
        break;
      case 'unshare':
        this.#serve.unshare(input.id);
        break;
      case 'fetch':
        this.#begin(input, out);
        break;
      case 'source':
        this.#fetches.get(input.transfer)?.addSource(now, input.peer, input.isNamed ?? true, out);
        break;
      case 'cancel':
        this.#end(input.transfer);
        break;
      case 'gone':
        this.#serve.gone(input.peer);
        for (const fetch of this.#fetches.values()) fetch.removeSource(now, input.peer, out);
        break;
      case 'frame':
        if (input.frame.kind === 'pull') this.#pulled(now, input.peer, input.frame, out);
        else this.#answered(now, input.peer, input.frame, out);
        break;
      case 'blocks':
        this.#arrived(now, input, out);
        break;
      case 'read':
        this.#serve.read(now, input, out);
        break;
      case 'written':
        this.#written(now, input, out);
        break;
      case 'wakeup':
        this.#serve.act(now, out);
        for (const fetch of this.#fetches.values()) if (fetch.dueAt !== null && now >= fetch.dueAt) fetch.act(now, out);
        break;
      default:
        unreachable(input);
    }
    return out;
  }

  deadline(): Instant | null {
    return earliest(this.#serve.dueAt, ...[...this.#fetches.values()].map(({ dueAt }) => dueAt));
  }

  /** How far a fetch is; `null` if there is none of that number. */
  progress(now: Instant, transfer: number): FetchProgress | null {
    return this.#fetches.get(transfer)?.progress(now) ?? null;
  }

  /** Whether a fetch asks this peer. */
  asks(transfer: number, peer: PeerId): boolean {
    return this.#fetches.get(transfer)?.asks(peer) ?? false;
  }

  /** Whether a session with this peer is needed: it gives blocks, or takes them. */
  uses(now: Instant, peer: PeerId): boolean {
    for (const fetch of this.#fetches.values()) if (fetch.asks(peer)) return true;
    return this.#serve.serves(now, peer);
  }

  /** How full what others can fill is. */
  bounds(): readonly Bound[] {
    const fetches = [...this.#fetches.values()];
    return [
      { name: 'transfer receivers', size: this.#serve.receiverCount, max: limit.receiversMax },
      { name: 'transfer followers', size: this.#serve.followerCount, max: limit.followersMax },
      { name: 'transfer groups kept', size: this.#serve.keptGroups, max: limit.groupsKept },
      { name: 'transfer sources', size: Math.max(0, ...fetches.map(({ sourceCount }) => sourceCount)), max: limit.sourcesMax },
      { name: 'transfer groups held', size: Math.max(0, ...fetches.map(({ heldGroups }) => heldGroups)), max: 2 * limit.groupsAheadMax },
    ];
  }

  #begin({ transfer, id, key, size, firstGroup, share = true }: Extract<TransferInput, { kind: 'fetch' }>, out: TransferOutput[]): void {
    const shape = new TreeShape(size);
    if (!isFileKey(key)) throw new TransferError('FETCH_WRONG', `Cannot fetch: a key has ${limit.keyBytes} bytes, got ${key.length}`);
    if (!Number.isInteger(firstGroup) || firstGroup < 0 || firstGroup > shape.groupCount) throw new TransferError('FETCH_WRONG', `Cannot fetch: the first group is 0..${shape.groupCount}, got ${firstGroup}`);
    if (this.#fetches.has(transfer)) throw new TransferError('FETCH_WRONG', `Cannot fetch: transfer ${transfer} is under way`);
    if (this.#fetches.size >= limit.fetchesMax) throw new TransferError('FETCHES_FULL', `Cannot fetch: ${limit.fetchesMax} fetches are under way`);
    const fetch = new Fetch({ transfer, id, key, shape, firstGroup });
    this.#fetches.set(transfer, fetch);
    if (share) this.#serve.begin(transfer, fetch.tree, firstGroup);
    this.#finish(fetch, out);
  }

  /** Who asks for a file that is on its way here fetches it too. */
  #pulled(now: Instant, peer: PeerId, frame: Pull, out: TransferOutput[]): void {
    this.#serve.pull(now, peer, frame, out);
    for (const fetch of this.#fetches.values()) if (hintOf(fetch.id) === frame.file) fetch.meet(now, peer, out);
  }

  #answered(now: Instant, peer: PeerId, frame: NoBlock | Holds, out: TransferOutput[]): void {
    const fetch = this.#fetches.get(frame.transfer);
    if (fetch === undefined) out.push({ kind: 'dropped', reason: 'transfer-unknown' });
    else if (frame.kind === 'holds') fetch.holds(now, peer, frame, out);
    else fetch.noBlock(now, peer, frame, out);
  }

  #arrived(now: Instant, { peer, blocks }: Extract<TransferInput, { kind: 'blocks' }>, out: TransferOutput[]): void {
    for (const transfer of new Set(blocks.map((block) => block.transfer))) {
      const own = blocks.filter((block) => block.transfer === transfer);
      const fetch = this.#fetches.get(transfer);
      if (fetch === undefined) out.push(...own.map(() => ({ kind: 'dropped', reason: 'transfer-unknown' }) as const));
      else {
        fetch.blocks(now, peer, own, out);
        if (fetch.isBroken) this.#end(transfer);
        if (fetch.isBroken) out.push({ kind: 'broken', transfer });
      }
    }
  }

  #written(now: Instant, { transfer, group }: Extract<TransferInput, { kind: 'written' }>, out: TransferOutput[]): void {
    const fetch = this.#fetches.get(transfer);
    if (fetch === undefined) return; // it was cancelled meanwhile
    this.#serve.came(now, transfer, group, out);
    fetch.written(now, group, out);
    this.#finish(fetch, out);
  }

  #finish(fetch: Fetch, out: TransferOutput[]): void {
    if (!fetch.isDone) return;
    this.#end(fetch.transfer);
    out.push({ kind: 'fetched', transfer: fetch.transfer, upper: fetch.upper });
  }

  #end(transfer: number): void {
    this.#fetches.delete(transfer);
    this.#serve.end(transfer);
  }
}
