/**
 * One direction of a stream, at its sender: cuts what the app writes into pieces, sends those that are asked for, and keeps them until
 * they are acknowledged. SPEC, Streams.
 *
 * ```
 *   acknowledged │ sent, kept          │ to be cut │
 *   ─────────────┼─────────────────────┼───────────┼──▶ bytes
 *              below                 next        written
 * ```
 */
import { after, type Instant } from '@srp/machine';
import { type Ask, type Chunk, chunkBytesMax } from '@srp/wire';
import { heldUnitMs, repeatedMost, repeatFirstMs, repeatMostMs, repeatUntilMs, unaskedPieces, windowMost } from '../constants.js';

interface Piece {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

export class Sending {
  readonly #stream: number;
  /** What is sent and not acknowledged; the first has the number {@link #below}. */
  #pieces: Piece[] = [];
  #below = 0;
  /** Written, and not cut yet. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #askedUntil = unaskedPieces;
  /** Until which number pieces were asked for at what time, those that were not sent yet. */
  #askedAt: { until: number; at: Instant }[] = [];
  #isEnded = false;
  #isUnheard: boolean;
  #lastNumber: number | null = null;
  /** When something was sent that nobody has answered; `null` if all was. */
  #unansweredSince: Instant | null = null;
  #repeatAt: Instant | null = null;
  #repeatMs = repeatFirstMs;

  /** `isUnheard`: the other side has yet to say that it knows of the stream. */
  constructor(stream: number, isUnheard: boolean) {
    this.#stream = stream;
    this.#isUnheard = isUnheard;
  }

  /** Bytes that were written and are not sent. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether the other side has everything, the end too. */
  get isDone(): boolean {
    return this.#lastNumber !== null && this.#below > this.#lastNumber;
  }

  get dueAt(): Instant | null {
    return this.#repeatAt;
  }

  /** The app writes. */
  write(now: Instant, bytes: Uint8Array): readonly Chunk[] {
    if (bytes.length > 0 && !this.#isEnded) {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
    }
    return this.#send(now);
  }

  /** The app has written everything. */
  end(now: Instant): readonly Chunk[] {
    this.#isEnded = true;
    return this.#send(now);
  }

  /** The other side asks, and says what it has. */
  asked(now: Instant, { below, ranges }: Ask): readonly Chunk[] {
    if (below > this.#next) return []; // it has what was never sent
    const askedUntil = this.#askedUntil;
    const isProgress = below > this.#below;
    this.#answered(below);
    const again: Chunk[] = [];
    for (const { first, count } of ranges) {
      const until = Math.min(first + count, this.#below + windowMost);
      for (let number = Math.max(first, this.#below); number < Math.min(until, this.#next) && again.length < repeatedMost; number += 1) again.push(this.#chunk(now, number, null));
      // Who asks for a piece has asked for those before it: that was lost, or they came unasked.
      if (until <= this.#askedUntil) continue;
      this.#askedUntil = until;
      this.#askedAt.push({ until: this.#askedUntil, at: now });
    }
    // Who only says that there is no room is not asked more often for it.
    if (isProgress || this.#askedUntil > askedUntil) this.#repeatMs = repeatFirstMs;
    return [...again, ...this.#send(now)];
  }

  /** Nobody has answered for a while: what is not acknowledged first, again. `null`: nobody does any more. */
  repeat(now: Instant): readonly Chunk[] | null {
    if (this.#repeatAt === null || now < this.#repeatAt) return [];
    if (this.#unansweredSince !== null && now - this.#unansweredSince > repeatUntilMs) return null;
    this.#repeatMs = Math.min(2 * this.#repeatMs, repeatMostMs);
    this.#repeatAt = after(now, this.#repeatMs);
    if (this.#pieces.length > 0) return [this.#chunk(now, this.#below, null)];
    // All that was sent is there, and nothing was asked for since: that was lost. One piece more than may be is a question.
    const piece = this.#cut();
    this.#askedUntil = Math.max(this.#askedUntil, this.#next);
    return piece === null ? [] : [this.#chunk(now, this.#next - 1, null)];
  }

  get #next(): number {
    return this.#below + this.#pieces.length;
  }

  #answered(below: number): void {
    if (below > this.#below) {
      this.#pieces = this.#pieces.slice(below - this.#below);
      this.#below = below;
    }
    this.#isUnheard = false;
    this.#unansweredSince = null;
    this.#repeatAt = null;
  }

  #send(now: Instant): readonly Chunk[] {
    const chunks: Chunk[] = [];
    while (this.#next < this.#askedUntil && this.#cut() !== null) chunks.push(this.#chunk(now, this.#next - 1, this.#heldSince(this.#next - 1)));
    const isWaited = this.#pieces.length > 0 || this.#waitingBytes > 0 || this.#isUnheard;
    if (!isWaited) this.#repeatAt = null;
    else if (chunks.length > 0 || this.#repeatAt === null) {
      this.#unansweredSince ??= now;
      this.#repeatAt = after(now, this.#repeatMs);
    }
    return chunks;
  }

  /** The next piece, if there is something to send; a full one, or all that there is. */
  #cut(): Piece | null {
    const isEnd = this.#isEnded && this.#waitingBytes <= chunkBytesMax;
    if (this.#lastNumber !== null || (this.#waitingBytes === 0 && !isEnd)) return null;
    const bytes = this.#take(Math.min(chunkBytesMax, this.#waitingBytes));
    const piece = { bytes, isLast: isEnd };
    if (isEnd) this.#lastNumber = this.#next;
    this.#pieces.push(piece);
    return piece;
  }

  #take(length: number): Uint8Array {
    this.#waitingBytes -= length;
    const [first] = this.#waiting;
    if (first !== undefined && first.length > length) {
      this.#waiting[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    let used = 0;
    for (; at < length; used += 1) {
      const part = this.#waiting[used] as Uint8Array;
      const fits = part.subarray(0, length - at);
      bytes.set(fits, at);
      at += fits.length;
      if (fits.length === part.length) continue;
      this.#waiting[used] = part.subarray(fits.length);
      break;
    }
    if (used > 0) this.#waiting = this.#waiting.slice(used);
    return bytes;
  }

  #chunk(now: Instant, number: number, askedAt: Instant | null): Chunk {
    const { bytes, isLast } = this.#pieces[number - this.#below] as Piece;
    const held = askedAt === null ? 0xffff : Math.min(0xffff, Math.round((now - askedAt) / heldUnitMs));
    return { stream: this.#stream, number, held, isLast, isIdle: !isLast && number === this.#next - 1 && this.#waitingBytes === 0, bytes };
  }

  /** When a piece was asked for; `null` if it was not. */
  #heldSince(number: number): Instant | null {
    while (this.#askedAt[0] !== undefined && this.#askedAt[0].until <= number) this.#askedAt.shift();
    return number < unaskedPieces ? null : (this.#askedAt[0]?.at ?? null);
  }
}
