/**
 * The sketches of the topics that were compared last, kept while objects come and go. SPEC, Cache negotiation.
 *
 * A few are kept, the one used longest ago goes, and each an hour at most: then its salt changes, so that ids made to fall
 * into the same symbols are of no use for longer.
 */
import { BoundedMap, type Instant, type PacketId, type Random, type TopicTag } from '@srp/machine';
import { saltBytes, saltMs, sketchesMax } from '../constants.js';
import { Sketch } from './sketch.js';

interface Kept {
  readonly tag: TopicTag;
  readonly since: number;
  readonly sketch: Sketch;
  readonly madeAt: Instant;
}

/** How sketches are made. */
export interface SketchesOptions {
  /** The objects of a topic with a time of at least `since`. */
  readonly idsOf: (tag: TopicTag, since: number) => readonly PacketId[];
  readonly random: Random;
}

/** Sketches by topic and time. */
export class Sketches {
  readonly #idsOf: SketchesOptions['idsOf'];
  readonly #random: Random;
  readonly #kept = new BoundedMap<string, Kept>(sketchesMax);

  constructor({ idsOf, random }: SketchesOptions) {
    this.#idsOf = idsOf;
    this.#random = random.fork('sketches');
  }

  get size(): number {
    return this.#kept.size;
  }

  /**
   * The sketch of a topic since some time. If it is not at hand it is made, 8 ms for 14 000 objects, unless `mayMake`
   * refuses to have so many ids put into one: then the answer is `null`.
   */
  of(now: Instant, tag: TopicTag, since: number, mayMake: (ids: number) => boolean): Sketch | null {
    const name = nameOf(tag, since);
    const kept = this.#kept.touch(name);
    if (kept !== undefined && now - kept.madeAt < saltMs) return kept.sketch;
    const ids = this.#idsOf(tag, since);
    if (!mayMake(ids.length)) return null;
    const sketch = new Sketch(tag, ids, this.#random.bytes(saltBytes));
    this.#kept.set(name, { tag, since, sketch, madeAt: now });
    return sketch;
  }

  /** An object with this time came (1) or went (-1). */
  changed(tag: TopicTag, time: number, id: PacketId, sign: 1 | -1): void {
    if (this.#kept.size === 0) return;
    for (const [name, kept] of this.#kept.entries()) {
      if (kept.tag === tag && time >= kept.since && !kept.sketch.change(id, sign)) this.#kept.delete(name);
    }
  }
}

const nameOf = (tag: TopicTag, since: number): string => `${tag} ${since}`;
