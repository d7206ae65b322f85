/** Peers that talk in streams over the line of line.ts. What is sent back goes where there is room, as PULL does. */
import type { PeerId } from '@srp/machine';
import { type StreamInput, type StreamOutput, Streams } from '@srp/transfer';
import { decodeChunk, encodeFrame } from '@srp/wire';
import type { World } from './line.js';

export class Talker {
  readonly id: PeerId;
  readonly streams: { readonly peer: PeerId; readonly stream: number; readonly label: string; readonly isOurs: boolean }[] = [];
  readonly heard = new Map<number, Uint8Array[]>();
  readonly ended: number[] = [];
  readonly delivered: number[] = [];
  readonly broken: string[] = [];
  readonly dropped: string[] = [];
  readonly waiting = new Map<number, number>();
  /** Whether what comes counts as read at once. */
  reads = true;
  /** When each piece came. */
  readonly cameAt: number[] = [];
  machine: Streams;
  /** What somebody does to what this one sends. */
  meddling: (output: StreamOutput) => StreamOutput | null = (output) => output;
  onStream: (stream: number) => void = () => undefined;
  onEnded: (stream: number) => void = () => undefined;
  readonly #world: World;
  #other: Talker | null = null;
  #wakeAt: number | null = null;

  constructor(world: World, number: number) {
    this.#world = world;
    this.id = number.toString(16).padStart(64, '0') as PeerId;
    this.machine = new Streams(this.id, 5);
  }

  meet(other: Talker): void {
    this.#other = other;
  }

  get peer(): PeerId {
    return (this.#other as Talker).id;
  }

  /** Opens a stream and returns its number. */
  open(label = 'test'): number {
    this.input({ kind: 'open', peer: this.peer, label });
    return this.streams.at(-1)?.stream as number;
  }

  write(stream: number, bytes: Uint8Array): void {
    this.input({ kind: 'write', peer: this.peer, stream, bytes });
  }

  end(stream: number): void {
    this.input({ kind: 'end', peer: this.peer, stream });
  }

  bytesOf(stream: number): Buffer {
    return Buffer.concat(this.heard.get(stream) ?? []);
  }

  input(input: StreamInput): void {
    for (const output of this.machine.handle(this.#world.at, input)) {
      const meddled = this.meddling(output);
      if (meddled !== null) this.#carry(meddled);
    }
    this.#arm();
  }

  #carry(output: StreamOutput): void {
    const other = this.#other as Talker;
    switch (output.kind) {
      case 'frame':
        if (output.frame.kind === 'ask') this.#world.up(this.id, () => other.input({ kind: 'frame', peer: this.id, frame: output.frame }));
        else this.#world.down(this.id, encodeFrame(output.frame).length, () => other.input({ kind: 'frame', peer: this.id, frame: output.frame }));
        break;
      case 'chunk': {
        const chunk = decodeChunk(output.bytes);
        if (chunk.ok) this.#world.down(this.id, output.bytes.length, () => other.input({ kind: 'chunks', peer: this.id, chunks: [chunk.value] }));
        break;
      }
      case 'stream':
        this.streams.push(output);
        if (!output.isOurs) this.#world.later(0, () => this.onStream(output.stream));
        break;
      case 'data': {
        this.heard.set(output.stream, [...(this.heard.get(output.stream) ?? []), output.bytes]);
        this.cameAt.push(this.#world.at);
        if (this.reads) this.#world.later(0, () => this.input({ kind: 'consumed', peer: output.peer, stream: output.stream, bytes: output.bytes.length }));
        break;
      }
      case 'ended':
        this.ended.push(output.stream);
        this.#world.later(0, () => this.onEnded(output.stream));
        break;
      case 'waiting':
        this.waiting.set(output.stream, output.bytes);
        break;
      case 'delivered':
        this.delivered.push(output.stream);
        break;
      case 'broken':
        this.broken.push(output.reason);
        break;
      case 'dropped':
        this.dropped.push(output.reason);
    }
  }

  #arm(): void {
    const dueAt = this.machine.deadline();
    if (dueAt === null || (this.#wakeAt !== null && this.#wakeAt <= dueAt)) return;
    const at = Math.ceil(Math.max(dueAt, this.#world.at));
    this.#wakeAt = at;
    this.#world.later(at - this.#world.at, () => {
      if (this.#wakeAt !== at) return;
      this.#wakeAt = null;
      this.input({ kind: 'wakeup' });
    });
  }
}
