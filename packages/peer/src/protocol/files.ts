/**
 * The files that this peer gives and fetches: the machine of `@srp/transfer`, and the sessions that it needs.
 *
 * A fetch names peers. One that has a session is asked at once; another is looked for, now and then, until it has one or the fetch
 * is over. Whoever else comes meanwhile is asked, too. What the machine does with those it can ask is its own business.
 */
import { after, type Bound, earliest, type Instant, isDue, type Machine, type PeerId, wakeup } from '@srp/machine';
import { type FetchProgress, type TransferInput, type TransferOutput, Transfers } from '@srp/transfer';
import { sourceRetryMs } from '../constants.js';

export type FilesInput = TransferInput | { readonly kind: 'up'; readonly peer: PeerId };
/** What the machine says, and whom it needs a session with. */
export type FilesOutput = TransferOutput | { readonly kind: 'reach'; readonly peer: PeerId };

export class Files implements Machine<FilesInput, FilesOutput> {
  readonly #transfers = new Transfers();
  readonly #isUp: (peer: PeerId) => boolean;
  /** Whom each fetch under way is to be asked of. */
  readonly #wanted = new Map<number, Set<PeerId>>();
  #reachAt: Instant | null = null;
  #dueAt: Instant | null = null;

  constructor(isUp: (peer: PeerId) => boolean) {
    this.#isUp = isUp;
  }

  handle(now: Instant, input: FilesInput): readonly FilesOutput[] {
    const outputs = this.#take(now, input);
    for (const output of outputs) if (output.kind === 'fetched' || output.kind === 'broken') this.#wanted.delete(output.transfer);
    this.#dueAt = earliest(this.#transfers.deadline(), this.#wanted.size === 0 ? null : this.#reachAt);
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
        if (this.#isUp(input.peer)) return this.#transfers.handle(now, input);
        this.#reachAt ??= after(now, sourceRetryMs);
        return [{ kind: 'reach', peer: input.peer }];
      case 'cancel':
        this.#wanted.delete(input.transfer);
        return this.#transfers.handle(now, input);
      case 'up':
        // Whoever comes may have it: it costs a question.
        return [...this.#wanted].flatMap(([transfer, peers]) => this.#transfers.handle(now, { kind: 'source', transfer, peer: input.peer, isNamed: peers.has(input.peer) }));
      case 'gone':
        this.#reachAt ??= after(now, sourceRetryMs);
        return this.#transfers.handle(now, input);
      case 'wakeup':
        return [...this.#reach(now), ...(isDue(now, this.#transfers.deadline()) ? this.#transfers.handle(now, wakeup) : [])];
      default:
        return this.#transfers.handle(now, input);
    }
  }

  #reach(now: Instant): readonly FilesOutput[] {
    if (!isDue(now, this.#reachAt)) return [];
    const away = new Set([...this.#wanted.values()].flatMap((peers) => [...peers]).filter((peer) => !this.#isUp(peer)));
    this.#reachAt = away.size === 0 ? null : after(now, sourceRetryMs);
    return [...away].map((peer) => ({ kind: 'reach', peer }));
  }
}
