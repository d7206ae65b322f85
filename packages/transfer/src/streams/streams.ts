/**
 * Byte streams between two peers: ordered, whole, both ways, each way at the pace of its receiver. SPEC, Streams.
 *
 * ```
 *   open ──OPEN, first pieces──▶ taken ──pieces, ASK──▶ ... ──both ends there──▶ over
 *                                  └──RESET, or nobody answers──▶ broken
 * ```
 */
import { type Bound, BoundedMap, earliest, type Instant, type Machine, type PeerId, unreachable, type Wakeup } from '@srp/machine';
import { type Ask, type Chunk, encodeChunk, type Open, type Reset } from '@srp/wire';
import { endedKept, streamsMax, streamsPerPeerMax } from '../constants.js';
import { TransferError } from '../errors.js';
import { Receiving } from './receiving.js';
import { Sending } from './sending.js';

/** Why a stream broke. SPEC, Streams. */
export const resetReasons = ['cancelled', 'unknown', 'refused', 'busy', 'silent', 'gone', 'failed'] as const;
export type ResetReason = (typeof resetReasons)[number];

export type StreamInput =
  /** The app begins a stream with a peer that has a session. Answered by `stream`, at once. */
  | { readonly kind: 'open'; readonly peer: PeerId; readonly label: string }
  | { readonly kind: 'write'; readonly peer: PeerId; readonly stream: number; readonly bytes: Uint8Array }
  /** The app writes no more. */
  | { readonly kind: 'end'; readonly peer: PeerId; readonly stream: number }
  /** The app has read so many bytes, and takes more. */
  | { readonly kind: 'consumed'; readonly peer: PeerId; readonly stream: number; readonly bytes: number }
  /** The app ends a stream before its end. */
  | { readonly kind: 'break'; readonly peer: PeerId; readonly stream: number; readonly reason: ResetReason }
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly frame: Ask | Open | Reset }
  /** What came of a peer together. */
  | { readonly kind: 'chunks'; readonly peer: PeerId; readonly chunks: readonly Chunk[] }
  /** The peer has no session any more. */
  | { readonly kind: 'gone'; readonly peer: PeerId }
  | Wakeup;

export type StreamOutput =
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Ask | Open | Reset }
  /** Send this CHUNK. */
  | { readonly kind: 'chunk'; readonly to: PeerId; readonly bytes: Uint8Array }
  /** A stream is there: ours, or one that the peer began. */
  | { readonly kind: 'stream'; readonly peer: PeerId; readonly stream: number; readonly label: string; readonly isOurs: boolean }
  | { readonly kind: 'data'; readonly peer: PeerId; readonly stream: number; readonly bytes: Uint8Array }
  /** The peer writes no more; all that it wrote has come. */
  | { readonly kind: 'ended'; readonly peer: PeerId; readonly stream: number }
  /** So many written bytes wait to be sent: fewer than before. */
  | { readonly kind: 'waiting'; readonly peer: PeerId; readonly stream: number; readonly bytes: number }
  /** The peer has all that was written, the end too. */
  | { readonly kind: 'delivered'; readonly peer: PeerId; readonly stream: number }
  | { readonly kind: 'broken'; readonly peer: PeerId; readonly stream: number; readonly reason: ResetReason }
  | { readonly kind: 'dropped'; readonly reason: StreamDrop };

/** Why something a remote sent was dropped. */
export type StreamDrop = 'stream-unknown' | 'stream-number-taken' | 'piece-unasked';

interface Stream {
  readonly peer: PeerId;
  readonly number: number;
  readonly label: string;
  readonly sending: Sending;
  readonly receiving: Receiving;
  /** We began it, and have not heard that it was taken. */
  isUnconfirmed: boolean;
  isDelivered: boolean;
}

export class Streams implements Machine<StreamInput, StreamOutput> {
  readonly #self: PeerId;
  readonly #streams = new Map<string, Stream>();
  /** Streams that are over, and what of the other side's pieces was there then: all. */
  readonly #ended = new BoundedMap<string, number>(endedKept);
  #nextNumber = 0;
  #dueAt: Instant | null = null;

  /** `firstNumber`, u31: random, so that a peer that starts anew does not go on with numbers of before. */
  constructor(self: PeerId, firstNumber: number) {
    this.#self = self;
    this.#nextNumber = firstNumber;
  }

  /** Throws {@link TransferError} STREAMS_FULL, and for nothing a remote sent. */
  handle(now: Instant, input: StreamInput): readonly StreamOutput[] {
    const out: StreamOutput[] = [];
    switch (input.kind) {
      case 'open':
        this.#open(now, input.peer, input.label, out);
        break;
      case 'write':
        this.#with(input, (stream) => this.#sent(stream, stream.sending.write(now, input.bytes), out));
        break;
      case 'end':
        this.#with(input, (stream) => this.#sent(stream, stream.sending.end(now), out));
        break;
      case 'consumed':
        this.#with(input, (stream) => {
          stream.receiving.read(input.bytes);
          this.#say(now, stream, out);
        });
        break;
      case 'break':
        this.#with(input, (stream) => {
          out.push(resetOf(stream.peer, stream.number, input.reason));
          this.#forget(stream);
        });
        break;
      case 'frame':
        this.#frame(now, input.peer, input.frame, out);
        break;
      case 'chunks':
        this.#chunks(now, input.peer, input.chunks, out);
        break;
      case 'gone':
        for (const stream of [...this.#streams.values()]) if (stream.peer === input.peer) this.#break(stream, 'gone', out);
        break;
      case 'wakeup':
        if (this.#dueAt !== null && now >= this.#dueAt) for (const stream of [...this.#streams.values()]) this.#act(now, stream, out);
        break;
      default:
        unreachable(input);
    }
    this.#dueAt = earliest(...[...this.#streams.values()].flatMap(({ sending, receiving }) => [sending.dueAt, receiving.dueAt(now)]));
    return out;
  }

  deadline(): Instant | null {
    return this.#dueAt;
  }

  /** Whether a stream with this peer is there. */
  uses(peer: PeerId): boolean {
    return this.#countOf(peer) > 0;
  }

  /** How full what others can fill is. */
  bounds(): readonly Bound[] {
    return [
      { name: 'streams', size: this.#streams.size, max: streamsMax },
      { name: 'streams ended', size: this.#ended.size, max: endedKept },
    ];
  }

  #open(now: Instant, peer: PeerId, label: string, out: StreamOutput[]): void {
    if (this.#streams.size >= streamsMax || this.#countOf(peer) >= streamsPerPeerMax) {
      throw new TransferError('STREAMS_FULL', `Cannot open a stream: there are ${streamsMax} of them, or ${streamsPerPeerMax} with this peer`);
    }
    const number = ((this.#nextNumber * 2) % 2 ** 32) + (this.#self < peer ? 0 : 1);
    this.#nextNumber += 1;
    const stream = this.#begin(now, peer, number, label, true);
    out.push({ kind: 'stream', peer, stream: number, label, isOurs: true }, { kind: 'frame', to: peer, frame: { kind: 'open', stream: number, label } });
    this.#sent(stream, stream.sending.write(now, new Uint8Array(0)), out);
  }

  #begin(now: Instant, peer: PeerId, number: number, label: string, isOurs: boolean): Stream {
    const stream = { peer, number, label, sending: new Sending(number, isOurs), receiving: new Receiving(number, peer, now, isOurs), isUnconfirmed: isOurs, isDelivered: false };
    this.#streams.set(nameOf(peer, number), stream);
    return stream;
  }

  #frame(now: Instant, peer: PeerId, frame: Ask | Open | Reset, out: StreamOutput[]): void {
    const name = nameOf(peer, frame.stream);
    const stream = this.#streams.get(name);
    switch (frame.kind) {
      case 'open':
        this.#opened(now, peer, frame, out);
        break;
      case 'ask':
        if (stream === undefined) {
          if (!this.#ended.has(name)) out.push(resetOf(peer, frame.stream, 'unknown'));
          break;
        }
        stream.isUnconfirmed = false;
        this.#sent(stream, stream.sending.asked(now, frame), out);
        break;
      case 'reset':
        // Its answer to something that came before our OPEN, or to nothing at all.
        if (stream === undefined || (stream.isUnconfirmed && resetReasons[frame.reason] === 'unknown')) break;
        // Who has forgotten it has everything: it only did not say so in time.
        if (stream.isDelivered && stream.receiving.isDone) this.#forget(stream);
        else this.#break(stream, resetReasons[frame.reason] ?? 'cancelled', out);
        break;
      default:
        unreachable(frame);
    }
  }

  #opened(now: Instant, peer: PeerId, { stream: number, label }: Open, out: StreamOutput[]): void {
    const name = nameOf(peer, number);
    const known = this.#streams.get(name);
    const isTheirs = number % 2 === (peer < this.#self ? 0 : 1);
    if (known !== undefined || this.#ended.has(name)) {
      if (known !== undefined) this.#say(now, known, out); // it did not hear that it was taken
    } else if (!isTheirs) {
      out.push({ kind: 'dropped', reason: 'stream-number-taken' });
    } else if (this.#streams.size >= streamsMax || this.#countOf(peer) >= streamsPerPeerMax) {
      out.push(resetOf(peer, number, 'busy'));
    } else {
      const stream = this.#begin(now, peer, number, label, false);
      out.push({ kind: 'stream', peer, stream: number, label, isOurs: false });
      this.#say(now, stream, out);
    }
  }

  #chunks(now: Instant, peer: PeerId, chunks: readonly Chunk[], out: StreamOutput[]): void {
    const heard = new Set<Stream>();
    for (const chunk of chunks) {
      const stream = this.#chunk(now, peer, chunk, out);
      if (stream !== null) heard.add(stream);
    }
    for (const stream of heard) {
      this.#say(now, stream, out);
      this.#settle(stream);
    }
  }

  /** Returns the stream that it was of, if that waited for it. */
  #chunk(now: Instant, peer: PeerId, chunk: Chunk, out: StreamOutput[]): Stream | null {
    const name = nameOf(peer, chunk.stream);
    const stream = this.#streams.get(name);
    if (stream === undefined) {
      const below = this.#ended.get(name);
      out.push(below === undefined ? { kind: 'dropped', reason: 'stream-unknown' } : { kind: 'frame', to: peer, frame: { kind: 'ask', stream: chunk.stream, below, ranges: [] } });
      return null;
    }
    const received = stream.receiving.take(now, chunk);
    if (received === null) {
      out.push({ kind: 'dropped', reason: 'piece-unasked' });
      return null;
    }
    for (const bytes of received.bytes) out.push({ kind: 'data', peer, stream: chunk.stream, bytes });
    if (received.isLast) out.push({ kind: 'ended', peer, stream: chunk.stream });
    return stream;
  }

  #act(now: Instant, stream: Stream, out: StreamOutput[]): void {
    const isDue = stream.sending.dueAt !== null && now >= stream.sending.dueAt;
    const again = stream.sending.repeat(now);
    if (again === null) {
      out.push(resetOf(stream.peer, stream.number, 'silent'));
      this.#break(stream, 'silent', out);
      return;
    }
    if (stream.isUnconfirmed && isDue) out.push({ kind: 'frame', to: stream.peer, frame: { kind: 'open', stream: stream.number, label: stream.label } });
    this.#sent(stream, again, out);
    this.#say(now, stream, out);
  }

  #say(now: Instant, { peer, receiving }: Stream, out: StreamOutput[]): void {
    for (const frame of receiving.say(now)) out.push({ kind: 'frame', to: peer, frame });
  }

  #sent(stream: Stream, chunks: readonly Chunk[], out: StreamOutput[]): void {
    const { peer, number, sending } = stream;
    for (const chunk of chunks) out.push({ kind: 'chunk', to: peer, bytes: encodeChunk(chunk) });
    if (chunks.length > 0) out.push({ kind: 'waiting', peer, stream: number, bytes: sending.waitingBytes });
    if (sending.isDone && !stream.isDelivered) {
      stream.isDelivered = true;
      out.push({ kind: 'delivered', peer, stream: number });
    }
    this.#settle(stream);
  }

  /** Both ends are there: it is over. */
  #settle(stream: Stream): void {
    if (stream.isDelivered && stream.receiving.isDone) this.#forget(stream);
  }

  #break(stream: Stream, reason: ResetReason, out: StreamOutput[]): void {
    this.#forget(stream);
    out.push({ kind: 'broken', peer: stream.peer, stream: stream.number, reason });
  }

  #forget({ peer, number, receiving }: Stream): void {
    this.#streams.delete(nameOf(peer, number));
    this.#ended.set(nameOf(peer, number), receiving.below);
  }

  #with({ peer, stream }: { readonly peer: PeerId; readonly stream: number }, use: (stream: Stream) => void): void {
    const known = this.#streams.get(nameOf(peer, stream));
    if (known !== undefined) use(known); // otherwise it broke, and the app will hear of it
  }

  #countOf(peer: PeerId): number {
    let count = 0;
    for (const stream of this.#streams.values()) if (stream.peer === peer) count += 1;
    return count;
  }
}

const nameOf = (peer: PeerId, stream: number): string => `${peer} ${stream}`;

const resetOf = (to: PeerId, stream: number, reason: ResetReason): StreamOutput => ({ kind: 'frame', to, frame: { kind: 'reset', stream, reason: resetReasons.indexOf(reason) } });
