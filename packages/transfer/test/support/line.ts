/**
 * A line with a queue before it, and peers that move files over it: the machines as they are, without sessions. Time is simulated,
 * so a test says the same on every computer.
 *
 * ```
 *   sharers ──BLOCK──▶ queue ──▶ line, so many bits a second ──▶ loss ──▶ receivers
 *           ◀────────────── PULL, half a round trip, loss ──────────────
 * ```
 */
import { seededRandom } from '@srp/identity';
import { type Instant, instant, type PeerId, type Random } from '@srp/machine';
import { type FetchProgress, type FileTree, groupBytes, type TransferInput, type TransferOutput, Transfers } from '@srp/transfer';
import { decodeBlock, encodeFrame } from '@srp/wire';

/** Bytes around each frame: session 29, UDP and IPv4 28. */
const overheadBytes = 57;

export interface LineOptions {
  readonly bitsPerSecond: number;
  /** There and back, without the queue. */
  readonly rttMs: number;
  readonly loss?: number;
  /** Losses come in runs of so many, in the mean. */
  readonly burst?: number;
  /** Each datagram takes up to so much longer, so that they overtake each other. */
  readonly jitterMs?: number;
  /** Each peer sends over a line of its own. */
  readonly isOwn?: boolean;
  /** What would wait longer is dropped. */
  readonly queueMs?: number;
}

/** Something that happens later; of two at one time the one that was planned first. */
interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** What somebody may do to what a peer sends: other blocks, none, later. */
export type Meddling = (output: TransferOutput) => TransferOutput | null;

export class World {
  at: Instant = instant(0);
  readonly queueMs: number[] = [];
  readonly #random: Random;
  readonly #line: Required<LineOptions>;
  readonly #events: Event[] = [];
  #order = 0;
  readonly #takenUntil = new Map<string, number>();
  readonly #isBad = new Map<string, boolean>();

  constructor(line: LineOptions, seed = 1) {
    this.#line = { loss: 0, burst: 0, queueMs: 200, isOwn: false, jitterMs: 0, ...line };
    this.#random = seededRandom(new Uint8Array(32).fill(seed));
  }

  get bytesPerMs(): number {
    return this.#line.bitsPerSecond / 8000;
  }

  later(ms: number, run: () => void): void {
    const event = { at: this.at + ms, order: (this.#order += 1), run };
    let i = this.#events.push(event) - 1;
    for (let parent = (i - 1) >> 1; i > 0 && isBefore(event, this.#events[parent] as Event); i = parent, parent = (i - 1) >> 1) {
      this.#events[i] = this.#events[parent] as Event;
      this.#events[parent] = event;
    }
  }

  /** Lets time pass until `end`, or until `isEnough`. */
  run(untilMs: number, isEnough: () => boolean = () => false): void {
    for (let next = this.#events[0]; next !== undefined && next.at <= untilMs && !isEnough(); next = this.#events[0]) {
      this.#pop();
      this.at = instant(next.at);
      next.run();
    }
    if (!isEnough()) this.at = instant(Math.max(this.at, untilMs));
  }

  /** Through the queue and over the line. `lost` is called when it was not, for those who count on it. */
  down(way: string, bytes: number, arrived: () => void, lost: () => void = () => undefined): void {
    const queue = this.#line.isOwn ? way.split(' ')[0] ?? '' : '';
    const startsAt = Math.max(this.at, this.#takenUntil.get(queue) ?? 0);
    if (startsAt - this.at > this.#line.queueMs) {
      lost();
      return;
    }
    this.queueMs.push(startsAt - this.at);
    const takenUntil = startsAt + (bytes + overheadBytes) / this.bytesPerMs;
    this.#takenUntil.set(queue, takenUntil);
    if (this.#isLost(`down ${way}`)) lost();
    else this.later(takenUntil - this.at + this.#line.rttMs / 2 + this.#jitter(), arrived);
  }

  /** Back, where there is room. */
  up(way: string, arrived: () => void): void {
    if (!this.#isLost(`up ${way}`)) this.later(this.#line.rttMs / 2 + this.#jitter(), arrived);
  }

  #jitter(): number {
    const { jitterMs } = this.#line;
    return jitterMs === 0 ? 0 : (jitterMs * this.#random.below(1000)) / 1000;
  }

  #isLost(way: string): boolean {
    const { loss, burst } = this.#line;
    const draw = this.#random.below(2 ** 32) / 2 ** 32;
    if (burst === 0) return draw < loss;
    const wasBad = this.#isBad.get(way) ?? false;
    const isBad = wasBad ? draw < 1 - 1 / burst : draw < loss / (burst * (1 - loss));
    this.#isBad.set(way, isBad);
    return isBad;
  }

  #pop(): void {
    const last = this.#events.pop() as Event;
    if (this.#events.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.#events.length) break;
      if (child + 1 < this.#events.length && isBefore(this.#events[child + 1] as Event, this.#events[child] as Event)) child += 1;
      if (!isBefore(this.#events[child] as Event, last)) break;
      this.#events[i] = this.#events[child] as Event;
      i = child;
    }
    this.#events[i] = last;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

let peerCount = 0;

/** One peer: its machine, its disk, and what it told. */
export class Host {
  readonly id = (peerCount += 1).toString(16).padStart(64, '0') as PeerId;
  readonly files = new Map<string, Uint8Array>();
  readonly written = new Map<number, Uint8Array>();
  readonly fetched: number[] = [];
  readonly broken: number[] = [];
  readonly changed: string[] = [];
  readonly dropped: string[] = [];
  /** Blocks that were handed to others. */
  blocksGiven = 0;
  /** Milliseconds the disk takes; a disk that is `null` answers nothing. */
  diskMs: number | null = 0.2;
  meddling: Meddling = (output) => output;
  machine = new Transfers();
  readonly #world: World;
  readonly #others: Map<PeerId, Host>;
  #wakeAt: number | null = null;

  constructor(world: World, others: Map<PeerId, Host>) {
    this.#world = world;
    this.#others = others;
    others.set(this.id, this);
  }

  share(tree: FileTree, content: Uint8Array): void {
    this.files.set(tree.id, content);
    this.input({ kind: 'share', tree });
  }

  /** Begins to bring a file here from these peers. */
  fetch(transfer: number, tree: FileTree, sources: readonly Host[], firstGroup = 0): void {
    this.written.set(transfer, new Uint8Array(tree.shape.size));
    this.input({ kind: 'fetch', transfer, id: tree.id, key: tree.key, size: tree.shape.size, firstGroup });
    for (const source of sources) this.input({ kind: 'source', transfer, peer: source.id });
  }

  progress(transfer: number): FetchProgress | null {
    return this.machine.progress(this.#world.at, transfer);
  }

  input(input: TransferInput): void {
    for (const output of this.machine.handle(this.#world.at, input)) {
      const meddled = this.meddling(output);
      if (meddled !== null) this.#carry(meddled);
    }
    this.#arm();
  }

  #carry(output: TransferOutput): void {
    const world = this.#world;
    switch (output.kind) {
      case 'frame': {
        const { to, frame } = output;
        const arrive = () => this.#others.get(to)?.input({ kind: 'frame', peer: this.id, frame });
        if (frame.kind === 'pull') world.up(`${this.id} ${to}`, arrive);
        else world.down(`${this.id} ${to}`, encodeFrame(frame).length, arrive);
        break;
      }
      case 'block': {
        const block = decodeBlock(output.bytes);
        this.blocksGiven += 1;
        if (block.ok) world.down(`${this.id} ${output.to}`, output.bytes.length, () => this.#others.get(output.to)?.input({ kind: 'blocks', peer: this.id, blocks: [block.value] }));
        break;
      }
      case 'read': {
        const { id, transfer, group, offset, length } = output;
        const bytes = () => (transfer === null ? this.files.get(id) : this.written.get(transfer))?.subarray(offset, offset + length) ?? null;
        if (this.diskMs !== null) world.later(this.diskMs, () => this.input({ kind: 'read', id, transfer, group, bytes: bytes() }));
        break;
      }
      case 'write': {
        const { transfer, group, offset, bytes } = output;
        this.written.get(transfer)?.set(bytes, offset);
        if (this.diskMs !== null) world.later(this.diskMs, () => this.input({ kind: 'written', transfer, group }));
        break;
      }
      case 'fetched':
        this.fetched.push(output.transfer);
        break;
      case 'broken':
        this.broken.push(output.transfer);
        break;
      case 'changed':
        this.changed.push(output.id);
        break;
      case 'dropped':
        this.dropped.push(output.reason);
    }
  }

  #arm(): void {
    const dueAt = this.machine.deadline();
    if (dueAt === null || (this.#wakeAt !== null && this.#wakeAt <= dueAt)) return;
    // A timer of a real host is late, and fires on whole milliseconds.
    const at = Math.ceil(Math.max(dueAt, this.#world.at));
    this.#wakeAt = at;
    this.#world.later(at - this.#world.at, () => {
      if (this.#wakeAt !== at) return;
      this.#wakeAt = null;
      this.input({ kind: 'wakeup' });
    });
  }
}

/** A world with so many peers. */
export const worldOf = (line: LineOptions, count: number, seed = 1): { readonly world: World; readonly hosts: readonly Host[] } => {
  const world = new World(line, seed);
  const others = new Map<PeerId, Host>();
  return { world, hosts: Array.from({ length: count }, () => new Host(world, others)) };
};

/** A transfer that behaves as TCP does (Reno), over the same line: it fills the queue until something is lost. */
export class TcpLike {
  bytes = 0;
  #window = 10;
  #threshold = Number.POSITIVE_INFINITY;
  #underWay = 0;
  #reducedAt = -1;
  readonly #world: World;
  readonly #rttMs: number;

  constructor(world: World, rttMs: number) {
    this.#world = world;
    this.#rttMs = rttMs;
  }

  start(): void {
    while (this.#underWay < this.#window) {
      this.#underWay += 1;
      const sentAt = this.#world.at;
      const acknowledged = (): void => {
        this.#underWay -= 1;
        this.bytes += groupBytes / 32;
        this.#window += this.#window < this.#threshold ? 1 : 1 / this.#window;
        this.start();
      };
      const lost = (): void => this.#world.later(this.#rttMs, () => {
        this.#underWay -= 1;
        if (sentAt > this.#reducedAt) {
          this.#threshold = this.#window / 2;
          this.#window = Math.max(2, this.#threshold);
          this.#reducedAt = this.#world.at;
        }
        this.start();
      });
      this.#world.down('tcp', 1033, () => this.#world.later(this.#rttMs / 2, acknowledged), lost);
    }
  }
}

/** The smallest value that so large a share of them does not exceed. */
export const quantile = (values: readonly number[], share: number): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
