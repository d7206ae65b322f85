/**
 * Whether what was pushed came: where a topic has few links, nobody else tells a neighbour of what was lost on the way to it.
 * SPEC, Cache negotiation (C-26).
 *
 * ```
 *   pushed ──2 s──▶ asked what it has ──3 s──▶ asked ──3 s──▶ asked ──10 s──▶ ... eight times
 *                          └─ it has all that was here when it was asked: done
 * ```
 *
 * One question tells of all that was pushed of a topic until then. What the answer lacks is offered, as after any question.
 */
import { after, type Bound, earliest, type Instant, type PeerId, type TopicTag } from '@srp/machine';
import { askAgainMs, neighbourTagsMax, pushedAgainMs, pushedAsksMax, pushedMs, pushedSoonMax } from '../constants.js';

/** When something of a topic was last pushed to a neighbour, when to ask what it has, and how often that was done. */
interface Pushed {
  pushedAt: Instant;
  askAt: Instant;
  asks: number;
}

/** What became of a question: asked; not now, since another one to the neighbour is open; or never, since it is not believed. */
export type Asked = 'asked' | 'busy' | 'never';

/** What was pushed to neighbours that share the topic, and may not have come. */
export class Pushes {
  readonly #ask: (now: Instant, peer: PeerId, tag: TopicTag) => Asked;
  readonly #pushed = new Map<PeerId, Map<TopicTag, Pushed>>();
  /** No later than the first time to ask. */
  #dueAt: Instant | null = null;

  constructor(ask: (now: Instant, peer: PeerId, tag: TopicTag) => Asked) {
    this.#ask = ask;
  }

  /** Something was pushed to a neighbour, of a topic that is shared with it. */
  add(now: Instant, peer: PeerId, tag: TopicTag): void {
    const topics = this.#pushed.get(peer) ?? new Map<TopicTag, Pushed>();
    const askAt = topics.get(tag)?.askAt ?? after(now, pushedMs);
    this.#pushed.set(peer, topics.set(tag, { pushedAt: now, askAt, asks: 0 }));
    this.#dueAt = earliest(this.#dueAt, askAt);
  }

  /** A neighbour has all that was here when it was asked. */
  hasAll(peer: PeerId, tag: TopicTag, askedAt: Instant): void {
    const topics = this.#pushed.get(peer);
    if (askedAt > (topics?.get(tag)?.pushedAt ?? askedAt)) topics?.delete(tag);
  }

  gone(peer: PeerId): void {
    this.#pushed.delete(peer);
  }

  leave(tag: TopicTag): void {
    for (const topics of this.#pushed.values()) topics.delete(tag);
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  wakeup(now: Instant): void {
    if (this.#dueAt === null || now < this.#dueAt) return;
    this.#dueAt = null;
    for (const [peer, topics] of this.#pushed) {
      for (const [tag, one] of topics) {
        if (one.askAt <= now && !this.#again(now, peer, tag, one)) topics.delete(tag);
        else this.#dueAt = earliest(this.#dueAt, one.askAt);
      }
      if (topics.size === 0) this.#pushed.delete(peer);
    }
  }

  bounds(): readonly Bound[] {
    return [{ name: 'reconciler topics pushed to a neighbour', size: Math.max(0, ...[...this.#pushed.values()].map(({ size }) => size)), max: neighbourTagsMax }];
  }

  /** Asks, if that is possible now. Answers whether to do so again. */
  #again(now: Instant, peer: PeerId, tag: TopicTag, one: Pushed): boolean {
    if (one.asks === pushedAsksMax) return false;
    const asked = this.#ask(now, peer, tag);
    if (asked === 'never') return false;
    one.askAt = after(now, one.asks < pushedSoonMax ? pushedAgainMs : askAgainMs);
    if (asked === 'asked') one.asks += 1;
    return true;
  }
}
