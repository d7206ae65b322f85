/**
 * One direction of a stream, at its receiver: asks for pieces as fast as its window allows and its app reads, puts them in order, and says
 * what it has. SPEC, Streams.
 */
import { type Instant, type PeerId } from '@srp/machine';
import { type Ask, type BlockRange, type Chunk, chunkBytesMax } from '@srp/wire';
import { heldUnitMs, piecesPerWord, unaskedPieces, unreadBytesMax } from '../constants.js';
import { rangesOf } from '../ranges.js';
import { Source } from '../source.js';

/** What comes of a piece: bytes in order, whether they are the last, and what to say. */
export interface Received {
  readonly bytes: readonly Uint8Array[];
  readonly isLast: boolean;
}

export class Receiving {
  readonly #stream: number;
  readonly #source: Source;
  /** Pieces that came before one that is missing. */
  readonly #held = new Map<number, Chunk>();
  #lost: number[] = [];
  /** All before it are there. */
  #below = 0;
  /** All before it were asked for. */
  #askedUntil = unaskedPieces;
  #unreadBytes = 0;
  #saidBelow = 0;
  /** Something came that calls for a word at once. */
  #mustSay: boolean;
  #lastNumber: number | null = null;
  /** The other side has nothing to send, as far as we know. */
  #isIdle = true;

  /** Who took a stream says so at once; who began it has nothing to say. */
  constructor(stream: number, peer: PeerId, now: Instant, isOurs: boolean) {
    this.#stream = stream;
    this.#mustSay = !isOurs;
    this.#source = new Source(peer);
    this.#source.asked(now, Array.from({ length: unaskedPieces }, (_, number) => number));
  }

  get isDone(): boolean {
    return this.#lastNumber !== null && this.#below > this.#lastNumber;
  }

  get below(): number {
    return this.#below;
  }

  /** How many pieces are held out of order. */
  get heldCount(): number {
    return this.#held.size;
  }

  /** Takes a piece. `null`: nobody waits for it. */
  take(now: Instant, chunk: Chunk): Received | null {
    const { number } = chunk;
    // One more than was asked for may come: a sender asks so for its credit.
    if (number > this.#askedUntil || (this.#lastNumber !== null && number > this.#lastNumber)) return null;
    this.#source.rest(now); // whatever comes of a stream, it is not silent
    this.#isIdle = false;
    this.#source.arrived(now, number, number < unaskedPieces || chunk.held === 0xffff ? null : chunk.held * heldUnitMs);
    const isBeyond = number === this.#askedUntil && this.#unreadBytes >= unreadBytesMax;
    if (isBeyond || number < this.#below || this.#held.has(number)) {
      this.#mustSay = true; // it did not hear what we have, or that there is no room
      return { bytes: [], isLast: false };
    }
    this.#held.set(number, chunk);
    if (number === this.#askedUntil) this.#askedUntil = number + 1;
    if (chunk.isLast) this.#lastNumber = number;
    const bytes: Uint8Array[] = [];
    for (let next = this.#held.get(this.#below); next !== undefined; next = this.#held.get(this.#below)) {
      this.#held.delete(this.#below);
      this.#below += 1;
      if (next.bytes.length > 0) bytes.push(next.bytes);
      this.#unreadBytes += next.bytes.length;
      if (next.isIdle && this.#held.size === 0) this.#isIdle = true;
    }
    if (this.#isIdle || this.isDone) this.#mustSay = true;
    return { bytes, isLast: this.isDone };
  }

  /** The app has read so many bytes. */
  read(bytes: number): void {
    this.#unreadBytes -= bytes;
  }

  /** What to ask for and say now, word by word. */
  say(now: Instant): readonly Ask[] {
    if (!this.#isIdle && !this.isDone) this.#lost.push(...this.#source.takeLost(now).filter((number) => number >= this.#below && !this.#held.has(number)));
    const words: Ask[] = [];
    this.#source.isIdle = false;
    while (!this.isDone && this.#source.mayAsk(now)) {
      const numbers = this.#next();
      if (numbers.length === 0) {
        this.#source.isIdle = true;
        break;
      }
      this.#source.asked(now, numbers);
      words.push(this.#word(rangesOf(numbers)));
    }
    if (words.length === 0 && (this.#mustSay || this.#below - this.#saidBelow >= piecesPerWord)) words.push(this.#word([]));
    return words;
  }

  /** When something is due. */
  dueAt(now: Instant): Instant | null {
    return this.isDone ? null : this.#source.dueAt(now, this.#isIdle);
  }

  #next(): number[] {
    const numbers: number[] = [];
    for (let batch = this.#source.batch; numbers.length < batch && this.#lost.length > 0; ) {
      const number = this.#lost.shift() as number;
      if (number >= this.#below && !this.#held.has(number)) numbers.push(number);
    }
    const until = this.#lastNumber === null ? this.#below + Math.floor((unreadBytesMax - this.#unreadBytes) / chunkBytesMax) : this.#lastNumber + 1;
    for (let batch = this.#source.batch; numbers.length < batch && this.#askedUntil < until; this.#askedUntil += 1) numbers.push(this.#askedUntil);
    return numbers;
  }

  #word(ranges: readonly BlockRange[]): Ask {
    this.#mustSay = false;
    this.#saidBelow = this.#below;
    return { kind: 'ask', stream: this.#stream, below: this.#below, ranges };
  }
}
