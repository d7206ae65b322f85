/**
 * What happened: a hash of everything (two runs of one seed have the same), the last events in words for the
 * message of a failure, and the life of each packet.
 */
import { BoundedMap, type Instant, type PacketId } from '@srp/machine';
import type { DeliveryCause } from '@srp/peer/protocol';
import { epochMs, recentEventsMax, recentEventsShown } from './constants.js';

/** One step of a packet's life. Times are milliseconds since the start of the network, peers are names. */
export type PacketStep =
  | { readonly kind: 'published'; readonly atMs: number; readonly peer: string }
  /** `peer` keeps it. `asked`: it came in answer to something `peer` sent; otherwise it was pushed. */
  | { readonly kind: 'kept'; readonly atMs: number; readonly peer: string; readonly from: string; readonly sentAtMs: number; readonly asked: boolean; readonly postage: number }
  | { readonly kind: 'delivered'; readonly atMs: number; readonly peer: string; readonly how: DeliveryCause }
  /** `peer` no longer keeps it. */
  | { readonly kind: 'dropped'; readonly atMs: number; readonly peer: string };

/** A packet, who published it, and when: milliseconds since the start of the network. */
export interface Published {
  readonly id: PacketId;
  readonly peer: string;
  readonly atMs: number;
}

/** Milliseconds since the start of a network. */
export const sinceStart = (at: Instant): number => at - epochMs;

export class Trace {
  readonly #recent: { at: Instant; words: readonly (string | number)[] }[] = [];
  readonly #lives: BoundedMap<PacketId, PacketStep[]>;
  readonly #float = new DataView(new ArrayBuffer(8));
  #recorded = 0;
  #a = 0x811c9dc5;
  #b = 0x2545f491;

  constructor(packetsTracked: number) {
    this.#lives = new BoundedMap<PacketId, PacketStep[]>(packetsTracked);
  }

  /** 16 hex digits that depend on every event so far and on their order. Not cryptographic. */
  get hash(): string {
    return [this.#a, this.#b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Something happened; `bytes` go into the hash alone. */
  record(at: Instant, words: readonly (string | number)[], bytes?: Uint8Array): void {
    this.#recent[this.#recorded % recentEventsMax] = { at, words };
    this.#recorded += 1;
    this.#float.setFloat64(0, at);
    this.#mix(this.#float.getUint32(0));
    this.#mix(this.#float.getUint32(4));
    for (const word of words) {
      if (typeof word === 'number') this.#mix(word);
      else this.#mixText(word);
    }
    if (bytes !== undefined) this.#mixBytes(bytes);
  }

  /** The last events, oldest first, one a line. With `about`, only those that name it. */
  recent(about?: string): string {
    const start = this.#recorded % recentEventsMax;
    const inOrder = [...this.#recent.slice(start), ...this.#recent.slice(0, start)];
    const wanted = about === undefined ? inOrder : inOrder.filter(({ words }) => words.includes(about));
    return wanted
      .slice(-recentEventsShown)
      .map(({ at, words }) => `  ${sinceStart(at).toFixed(3).padStart(12)} ms  ${words.join(' ')}`)
      .join('\n');
  }

  step(id: PacketId, step: PacketStep): void {
    const life = this.#lives.get(id);
    if (life === undefined) this.#lives.set(id, [step]);
    else life.push(step);
  }

  lifeOf(id: PacketId): readonly PacketStep[] {
    return [...(this.#lives.get(id) ?? [])];
  }

  /** Packets that were published and are kept track of, oldest first. */
  published(): readonly Published[] {
    return [...this.#lives.entries()].flatMap(([id, [first]]) => (first?.kind === 'published' ? { id, peer: first.peer, atMs: first.atMs } : []));
  }

  #mixText(text: string): void {
    let a = this.#a;
    for (let i = 0; i < text.length; i += 1) a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    this.#a = a;
    this.#mix(text.length);
  }

  /** Four bytes at a time: datagrams are most of what is mixed. */
  #mixBytes(bytes: Uint8Array): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < bytes.length; i += 4) {
      const word = (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24);
      a = Math.imul(a ^ word, 0x01000193) ^ (a >>> 15);
      b = Math.imul(b + word, 0x9e3779b1) ^ (b >>> 15);
    }
    this.#a = a;
    this.#b = b;
    this.#mix(bytes.length);
  }

  #mix(value: number): void {
    this.#a = Math.imul(this.#a ^ (value | 0), 0x01000193);
    this.#b = Math.imul(this.#b + (value | 0), 0x9e3779b1) ^ (this.#b >>> 15);
  }
}

/** A packet's life in words, one step a line. */
export const describeLife = (life: readonly PacketStep[]): string => life.map((step) => `${step.atMs.toFixed(1).padStart(10)} ms  ${sentenceOf(step)}`).join('\n');

const sentenceOf = (step: PacketStep): string => {
  switch (step.kind) {
    case 'published':
      return `${step.peer} publishes it`;
    case 'kept': {
      const how = step.asked ? 'asked for it' : 'got it pushed';
      return `${step.peer} ${how}; ${step.from} sent it at ${step.sentAtMs.toFixed(1)} ms; postage ${step.postage}`;
    }
    case 'delivered':
      return `${step.peer} shows it to its app (${step.how})`;
    case 'dropped':
      return `${step.peer} lets it go`;
  }
};
