/**
 * The files that this peer gives and fetches: the machine of `@srp/transfer`, and the sessions that it needs.
 *
 * A fetch names peers. One that has a session is asked at once; another is looked for, now and then, until it has one or the fetch
 * is over, and one that had to make room is named again. Whoever else comes meanwhile is asked, too. What the machine does with those it can ask is its own business.
 */
import { after, type Bound, earliest, type Instant, isDue, type Machine, type PeerId, wakeup } from '@srp/machine';
import { type FetchProgress, type TransferInput, type TransferOutput, Transfers, type UploadLimits } from '@srp/transfer';
import { sourceRetryMs } from '../constants.js';

export type FilesInput = TransferInput | { readonly kind: 'up'; readonly peer: PeerId };
/** What the machine says, and whom it needs a session with. */
export type FilesOutput = TransferOutput | { readonly kind: 'reach'; readonly peer: PeerId };

export class Files implements Machine<FilesInput, FilesOutput> {
  readonly #transfers: Transfers;
  readonly #isUp: (peer: PeerId) => boolean;
  /** Whom each fetch under way is to be asked of. */
  readonly #wanted = new Map<number, Set<PeerId>>();
  #reachAt: Instant | null = null;
  #dueAt: Instant | null = null;

  constructor(isUp: (peer: PeerId) => boolean, upload: UploadLimits = {}) {
    this.#transfers = new Transfers({ upload });
    this.#isUp = isUp;
  }

  handle(now: Instant, input: FilesInput): readonly FilesOutput[] {
    const outputs = this.#take(now, input);
    for (const output of outputs) if (output.kind === 'fetched' || output.kind === 'broken') this.#wanted.delete(output.transfer);
    this.#reachAt = this.#wanted.size === 0 ? null : (this.#reachAt ?? after(now, sourceRetryMs));
    this.#dueAt = earliest(this.#transfers.deadline(), this.#reachAt);
    return outputs;
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** How far a fetch is; `null` if it is over. */
  progress(now: Instant, transfer: number): FetchProgress | null {
    return this.#transfers.progress(now, transfer);
  }

  /** Whether a session with this peer is needed. */
  needs(now: Instant, peer: PeerId): boolean {
    return this.#transfers.uses(now, peer);
  }

  bounds(): readonly Bound[] {
    return this.#transfers.bounds();
  }

  #take(now: Instant, input: FilesInput): readonly FilesOutput[] {
    switch (input.kind) {
      case 'fetch':
        this.#wanted.set(input.transfer, new Set());
        return this.#transfers.handle(now, input);
      case 'source':
        this.#wanted.get(input.transfer)?.add(input.peer);
        return this.#isUp(input.peer) ? this.#transfers.handle(now, input) : [{ kind: 'reach', peer: input.peer }];
      case 'cancel':
        this.#wanted.delete(input.transfer);
        return this.#transfers.handle(now, input);
      case 'up':
        // Whoever comes may have it: it costs a question.
        return [...this.#wanted].flatMap(([transfer, peers]) => this.#transfers.handle(now, { kind: 'source', transfer, peer: input.peer, isNamed: peers.has(input.peer) }));
      case 'wakeup':
        return [...this.#reach(now), ...(isDue(now, this.#transfers.deadline()) ? this.#transfers.handle(now, wakeup) : [])];
      default:
        return this.#transfers.handle(now, input);
    }
  }

  /** Looks for those without a session, and names those again that lost their place, or found none. */
  #reach(now: Instant): readonly FilesOutput[] {
    if (!isDue(now, this.#reachAt)) return [];
    this.#reachAt = null;
    const away = new Set<PeerId>();
    const outputs: FilesOutput[] = [];
    for (const [transfer, peers] of this.#wanted) {
      for (const peer of [...peers]) {
        if (!this.#isUp(peer)) away.add(peer);
        else if (!this.#transfers.asks(transfer, peer)) outputs.push(...this.#transfers.handle(now, { kind: 'source', transfer, peer }));
        if (!this.#transfers.asks(transfer, peer)) continue;
        peers.delete(peer); // to the end of the row: the next place is for who waits longest
        peers.add(peer);
      }
    }
    for (const peer of away) outputs.push({ kind: 'reach', peer });
    return outputs;
  }
}
