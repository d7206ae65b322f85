/**
 * Collections a remote can make grow, each with a limit and a rule for who goes first.
 */

/** How full something is that others can fill. Simulated networks hold every machine to it. */
export interface Bound {
  readonly name: string;
  readonly size: number;
  readonly max: number;
}

/**
 * A map of at most `max` entries. Setting or touching a key makes it the youngest; when the map is full
 * the oldest goes, and is returned so that its owner can let go of what hangs on it.
 */
export class BoundedMap<Key, Value> {
  readonly max: number;
  readonly #entries = new Map<Key, Value>();
  /**
   * Stands before the oldest entry, while one goes after the other: a new iterator would walk over the places of all
   * that went since the map was last packed, thousands in a large one. When anything else is deleted it is let go, since
   * an iterator that is not moved keeps every table alive that the map has outgrown.
   */
  #oldest: MapIterator<[Key, Value]> | null = null;
  /** The youngest key, if it is known: the same one is often asked for many times in a row. */
  #youngest: Key | undefined = undefined;

  constructor(max: number) {
    if (!Number.isInteger(max) || max < 1) throw new RangeError(`Cannot bound a map: max must be an integer >= 1, got ${max}`);
    this.max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** The value of `key`, without making it younger. */
  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** The value of `key`, which becomes the youngest. */
  touch(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined || key === this.#youngest) return value;
    this.delete(key);
    this.#entries.set(key, value);
    this.#youngest = key;
    return value;
  }

  /** Sets `key`, which becomes the youngest. Returns the entry that had to go, or `null`. */
  set(key: Key, value: Value): readonly [Key, Value] | null {
    const { size } = this.#entries;
    this.#entries.set(key, value);
    // One that was there goes to the end; most are new, and looked for once.
    if (this.#entries.size === size && key !== this.#youngest) {
      this.delete(key);
      this.#entries.set(key, value);
    }
    this.#youngest = key;
    if (this.#entries.size <= this.max) return null;
    this.#oldest ??= this.#entries.entries();
    const oldest = this.#oldest.next();
    if (oldest.done === true) return null;
    this.#entries.delete(oldest.value[0]);
    return oldest.value;
  }

  delete(key: Key): boolean {
    if (!this.#entries.delete(key)) return false;
    this.#oldest = null;
    if (key === this.#youngest) this.#youngest = undefined;
    return true;
  }

  clear(): void {
    this.#entries.clear();
    this.#oldest = null;
    this.#youngest = undefined;
  }

  keys(): IterableIterator<Key> {
    return this.#entries.keys();
  }

  values(): IterableIterator<Value> {
    return this.#entries.values();
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries();
  }
}

/** Counts by reason: what was dropped, and why. The reasons are a closed union, so the counter is bounded. */
export class Counter<Reason extends string> {
  readonly #counts = new Map<Reason, number>();

  add(reason: Reason, by = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + by);
  }

  get(reason: Reason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** A fresh object of every reason that was counted at least once. */
  snapshot(): Readonly<Partial<Record<Reason, number>>> {
    return Object.fromEntries(this.#counts) as Partial<Record<Reason, number>>;
  }
}
