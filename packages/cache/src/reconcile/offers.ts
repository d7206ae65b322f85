/**
 * Offers that wait for a moment, so that those of one moment to one neighbour share a datagram: what a peer fetches comes one object
 * after the other. SPEC, Fetching (C-51).
 */
import { after, type Bound, type Instant, isDue, type PeerId, type ShortId, type TopicTag } from '@srp/machine';
import { offersWaitingMax, offerWaitMs } from '../constants.js';

export class Offers {
  readonly #say: (peer: PeerId, tag: TopicTag, ids: readonly ShortId[]) => void;
  readonly #waiting = new Map<PeerId, Map<TopicTag, Set<ShortId>>>();
  #count = 0;
  #dueAt: Instant | null = null;

  /** `say`: the wait of these is over. */
  constructor(say: (peer: PeerId, tag: TopicTag, ids: readonly ShortId[]) => void) {
    this.#say = say;
  }

  bounds(): readonly Bound[] {
    return [{ name: 'reconciler offers', size: this.#count, max: offersWaitingMax }];
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** Of more than 8192 that wait none waits. */
  add(now: Instant, peer: PeerId, tag: TopicTag, ids: readonly ShortId[]): void {
    const topics = this.#waiting.get(peer) ?? new Map<TopicTag, Set<ShortId>>();
    const waiting = topics.get(tag) ?? new Set();
    const before = waiting.size;
    for (const id of ids) waiting.add(id);
    this.#count += waiting.size - before;
    this.#waiting.set(peer, topics.set(tag, waiting));
    this.#dueAt ??= after(now, offerWaitMs);
    if (this.#count > offersWaitingMax) this.#flush();
  }

  /** It is gone. */
  gone(peer: PeerId): void {
    for (const ids of this.#waiting.get(peer)?.values() ?? []) this.#count -= ids.size;
    this.#waiting.delete(peer);
  }

  wakeup(now: Instant): void {
    if (isDue(now, this.#dueAt)) this.#flush();
  }

  #flush(): void {
    for (const [peer, topics] of this.#waiting) for (const [tag, ids] of topics) this.#say(peer, tag, [...ids]);
    this.#waiting.clear();
    this.#count = 0;
    this.#dueAt = null;
  }
}
