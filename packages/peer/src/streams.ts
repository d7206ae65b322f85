/**
 * Streams, requests and datagrams between two peers, as an app uses them.
 *
 * ```
 *   openStream ──▶ PeerStream { readable, writable } ◀── onStream         bytes both ways, ordered, with back-pressure
 *   request ─────▶ body ──▶ onRequest ──▶ answer                          one of each, on a stream of their own
 * ```
 */
import { concat, type PeerId, utf8 } from '@srp/machine';
import type { ResetReason } from '@srp/transfer';
import { callBack } from './call-back.js';
import { reachMs, requestBytesMax, requestMs, streamNameMax, unsentBytesHigh } from './constants.js';
import { PeerError } from './errors.js';
import type { StreamCommand, StreamEvent } from './protocol/index.js';

/** Bytes both ways between two peers, in order and whole, at the pace of who reads. */
export interface PeerStream {
  readonly peer: PeerId;
  readonly name: string;
  /** What the other one writes. Cancelling it breaks the stream for both. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Closing it resolves when the other one has everything. Aborting it breaks the stream for both. */
  readonly writable: WritableStream<Uint8Array>;
}

/** How a stream is opened, or a request made. */
export interface StreamOptions {
  /** Gives up, and tells the other side. */
  readonly signal?: AbortSignal;
}

export interface RequestOptions extends StreamOptions {
  /** After how many milliseconds it fails with REQUEST_TIMED_OUT. Default 30 000. */
  readonly timeoutMs?: number;
}

/** A request of another peer. */
export interface PeerRequest {
  readonly from: PeerId;
  readonly body: Uint8Array;
  /** Aborts when whoever asked no longer waits. */
  readonly signal: AbortSignal;
}

export type AnswerRequest = (request: PeerRequest) => Uint8Array | string | Promise<Uint8Array | string>;

/** What streams need of their peer. */
export interface StreamsHost {
  input(input: StreamCommand): void;
  hasSession(peer: PeerId): boolean;
  /** Looks for a peer. */
  reach(peer: PeerId): void;
}

const streamPrefix = 's:';
const requestPrefix = 'r:';

export class StreamDesk {
  readonly #host: StreamsHost;
  readonly #handlers = new Map<string, (stream: PeerStream, signal: AbortSignal) => void>();
  readonly #open = new Map<string, OpenStream>();
  readonly #waiting = new Set<() => void>();
  #opened: OpenStream | null = null;
  #isClosed = false;

  constructor(host: StreamsHost) {
    this.#host = host;
  }

  async open(peer: PeerId, name: string, { signal }: StreamOptions = {}): Promise<PeerStream> {
    return await this.#begin(peer, streamPrefix + checkedName(name), signal);
  }

  async request(peer: PeerId, name: string, body: Uint8Array | string, { signal, timeoutMs = requestMs }: RequestOptions = {}): Promise<Uint8Array> {
    const label = requestPrefix + checkedName(name);
    const bytes = bytesOf(body);
    const controller = new AbortController();
    const stop = (): void => controller.abort(signal?.reason);
    const timer = setTimeout(() => controller.abort(new PeerError('REQUEST_TIMED_OUT', `Cannot request ${name}: no answer within ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      signal?.throwIfAborted();
      const stream = await this.#begin(peer, label, controller.signal);
      const [answer] = await Promise.all([readAll(stream.readable), writeAll(stream.writable, bytes)]);
      return answer;
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Takes streams of a name; the function it returns takes that back. */
  onStream(name: string, handler: (stream: PeerStream) => void): () => void {
    return this.#handle(streamPrefix + checkedName(name), (stream) => handler(stream));
  }

  onRequest(name: string, answer: AnswerRequest): () => void {
    return this.#handle(requestPrefix + checkedName(name), (stream, signal) => void answerOne(stream, signal, answer));
  }

  take(event: StreamEvent): void {
    if (event.kind === 'stream') {
      this.#began(event);
      return;
    }
    const stream = this.#open.get(keyOf(event.peer, event.stream));
    stream?.take(event);
    if (stream?.isOver === true) this.#open.delete(keyOf(event.peer, event.stream));
  }

  /** A session with a peer is there. */
  up(): void {
    for (const look of [...this.#waiting]) look();
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of [...this.#open.values()]) stream.break('cancelled', closed());
    for (const look of [...this.#waiting]) look();
  }

  async #begin(peer: PeerId, label: string, signal?: AbortSignal): Promise<PeerStream> {
    await this.#session(peer, signal);
    this.#opened = null;
    this.#host.input({ kind: 'open', peer, label });
    const stream = this.#opened as OpenStream | null;
    if (stream === null) throw closed();
    stream.breakOn(signal);
    return stream;
  }

  async #session(peer: PeerId, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closed();
    if (this.#host.hasSession(peer)) return;
    this.#host.reach(peer);
    await new Promise<void>((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(look);
        end();
      };
      const onAbort = (): void => settle(() => reject(signal?.reason as Error));
      const look = (): void => {
        if (this.#isClosed) settle(() => reject(closed()));
        else if (this.#host.hasSession(peer)) settle(resolve);
      };
      const timer = setTimeout(() => settle(() => reject(new PeerError('PEER_UNREACHABLE', `Cannot talk to ${peer}: no session with it within ${reachMs} ms`))), reachMs);
      this.#waiting.add(look);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #handle(label: string, handler: (stream: PeerStream, signal: AbortSignal) => void): () => void {
    this.#handlers.set(label, handler);
    return () => {
      if (this.#handlers.get(label) === handler) this.#handlers.delete(label);
    };
  }

  #began({ peer, stream: number, label, isOurs }: Extract<StreamEvent, { kind: 'stream' }>): void {
    const stream = new OpenStream(this.#host, peer, number, label);
    this.#open.set(keyOf(peer, number), stream);
    if (isOurs) {
      this.#opened = stream;
      return;
    }
    const handler = this.#handlers.get(label);
    // The protocol is not done with the input that began it.
    queueMicrotask(() => {
      if (handler === undefined) stream.break('refused', broken(stream, 'refused'));
      else callBack(() => handler(stream, stream.signal));
    });
  }
}

/** One stream, between the protocol and the web's own streams. */
class OpenStream implements PeerStream {
  readonly peer: PeerId;
  readonly name: string;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #host: StreamsHost;
  readonly #number: number;
  readonly #broken = new AbortController();
  /** What has come and was not read. */
  #unread: Uint8Array[] = [];
  #isEnded = false;
  #isDelivered = false;
  #reader: (() => void) | null = null;
  #writer: (() => void) | null = null;
  #waitingBytes = 0;

  constructor(host: StreamsHost, peer: PeerId, number: number, label: string) {
    this.#host = host;
    this.peer = peer;
    this.#number = number;
    this.name = label.slice(streamPrefix.length);
    this.readable = new ReadableStream<Uint8Array>(
      { pull: async (controller) => await this.#pull(controller), cancel: (reason) => this.break('cancelled', reason) },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Uint8Array>({
      write: async (bytes) => await this.#write(bytes),
      close: async () => await this.#end(),
      abort: (reason) => this.break('cancelled', reason),
    });
  }

  /** Aborts when the stream breaks. */
  get signal(): AbortSignal {
    return this.#broken.signal;
  }

  get isOver(): boolean {
    return this.#broken.signal.aborted || (this.#isEnded && this.#isDelivered);
  }

  take(event: Exclude<StreamEvent, { kind: 'stream' }>): void {
    switch (event.kind) {
      case 'data':
        this.#unread.push(event.bytes);
        this.#reader?.();
        break;
      case 'ended':
        this.#isEnded = true;
        this.#reader?.();
        break;
      case 'waiting':
        this.#waitingBytes = event.bytes;
        if (event.bytes < unsentBytesHigh) this.#writer?.();
        break;
      case 'delivered':
        this.#isDelivered = true;
        this.#writer?.();
        break;
      case 'broken':
        this.#fail(broken(this, event.reason));
    }
  }

  /** Ends it before its end, and tells the other side. */
  break(reason: ResetReason, error: unknown): void {
    if (this.isOver) return;
    this.#host.input({ kind: 'break', peer: this.peer, stream: this.#number, reason });
    this.#fail(error ?? broken(this, reason));
  }

  breakOn(signal?: AbortSignal): void {
    if (signal?.aborted === true) this.break('cancelled', signal.reason);
    else signal?.addEventListener('abort', () => this.break('cancelled', signal.reason), { once: true, signal: this.signal });
  }

  #fail(error: unknown): void {
    this.#broken.abort(error);
    this.#reader?.();
    this.#writer?.();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#unread.length === 0 && !this.#isEnded && !this.#broken.signal.aborted) await new Promise<void>((resolve) => (this.#reader = resolve));
    this.#reader = null;
    // All that is there: to hand out each piece by itself costs as much as to receive it.
    const bytes = concat(...this.#unread.splice(0));
    if (bytes.length > 0) {
      controller.enqueue(bytes);
      this.#host.input({ kind: 'consumed', peer: this.peer, stream: this.#number, bytes: bytes.length });
    } else if (this.#isEnded) controller.close();
    else controller.error(this.#broken.signal.reason);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#broken.signal.throwIfAborted();
    // It is kept until the other side has it, and the app may write over its own.
    this.#waitingBytes += bytes.length;
    this.#host.input({ kind: 'write', peer: this.peer, stream: this.#number, bytes: bytes.slice() });
    await this.#until(() => this.#waitingBytes < unsentBytesHigh);
  }

  async #end(): Promise<void> {
    this.#broken.signal.throwIfAborted();
    this.#host.input({ kind: 'end', peer: this.peer, stream: this.#number });
    await this.#until(() => this.#isDelivered);
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      this.#broken.signal.throwIfAborted();
      await new Promise<void>((resolve) => (this.#writer = resolve));
    }
    this.#writer = null;
  }
}

const answerOne = async (stream: PeerStream, signal: AbortSignal, answer: AnswerRequest): Promise<void> => {
  try {
    const body = await readAll(stream.readable);
    await writeAll(stream.writable, bytesOf(await answer({ from: stream.peer, body, signal })));
  } catch (error) {
    if (stream instanceof OpenStream) stream.break('failed', error);
  }
};

const readAll = async (readable: ReadableStream<Uint8Array>): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of readable as unknown as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > requestBytesMax) throw new PeerError('MESSAGE_TOO_LARGE', `Cannot take it: a request and an answer have at most ${requestBytesMax} bytes; open a stream for more`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
};

const writeAll = async (writable: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> => {
  const writer = writable.getWriter();
  if (bytes.length > 0) await writer.write(bytes);
  await writer.close();
};

const bytesOf = (body: Uint8Array | string): Uint8Array => {
  const bytes = typeof body === 'string' ? utf8(body) : body;
  if (bytes.length <= requestBytesMax) return bytes;
  throw new PeerError('MESSAGE_TOO_LARGE', `Cannot send it: a request and an answer have at most ${requestBytesMax} bytes, got ${bytes.length}; open a stream for more`);
};

const checkedName = (name: string): string => {
  if (name.length <= streamNameMax && /^[ -~]+$/.test(name)) return name;
  throw new PeerError('STREAM_NAME_BAD', `Cannot name a stream or request: 1..${streamNameMax} characters U+0020..U+007E are needed, got ${JSON.stringify(name)}`);
};

const keyOf = (peer: PeerId, stream: number): string => `${peer} ${stream}`;

const why: Readonly<Record<ResetReason, string>> = {
  cancelled: 'the other side gave up',
  unknown: 'the other side has started anew',
  refused: 'nobody there takes this name',
  busy: 'the other side has too many streams',
  silent: 'the other side does not answer',
  gone: 'there is no session with the other side any more',
  failed: 'the other side failed to answer',
};

const broken = ({ peer, name }: PeerStream, reason: ResetReason): PeerError => new PeerError('STREAM_BROKEN', `The stream ${name} with ${peer} broke: ${why[reason]}`);
const closed = (): PeerError => new PeerError('PEER_CLOSED', 'Cannot talk to a peer: this one was closed');
