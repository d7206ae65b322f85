/**
 * What one machine of a peer puts out becomes another's input here, and nowhere else. Each of the methods `to...` hands in an
 * input and carries out all that comes of it, so a call returns when nothing is left to do.
 *
 * ```
 *  datagram ─▶ link ─▶ frame ──┬─▶ mesh        who knows whom, who gets what
 *                ▲             ├─▶ nat         introductions, addresses
 *                │             ├─▶ reconciler  what the other lacks
 *                │             └─▶ objects ─▶ cache, app, mesh
 *                └────────────── frames and objects to send       custody ─▶ mesh, reconciler, cache
 * ```
 *
 * It decides nothing: whose affair a frame is says arrivals.ts, what becomes of an object objects.ts, and what the machines look up in
 * each other children.ts. What a remote sent and a machine refused is counted.
 */
import type { CacheInput, ReconcilerInput } from '@srp/cache';
import type { ClosedReason, LinkInput, LinkOutput } from '@srp/link';
import { type Address, BoundedMap, Counter, earliest, type Instant, isDue, type PacketId, type PeerId, unreachable, wakeup } from '@srp/machine';
import type { MeshInput, MeshOutput } from '@srp/mesh';
import type { NatInput } from '@srp/nat';
import type { StreamInput } from '@srp/transfer';
import { encodeFrame } from '@srp/wire';
import { attendedMs, redialledMax, sourceViaMax } from '../constants.js';
import { receive } from './arrivals.js';
import { Bulk } from './bulk.js';
import { type Children, isInUse } from './children.js';
import type { PeerDrop, PeerOutput, PeerProtocolOptions } from './contract.js';
import type { CustodyInput } from './custody.js';
import { Dials } from './dials.js';
import { framesOf } from './early.js';
import type { FilesInput } from './files.js';
import { Objects } from './objects.js';
import { type Reach, Self } from './self.js';

export class Exchange {
  readonly dropped = new Counter<PeerDrop>();
  readonly objects: Objects;
  readonly bulk = new Bulk();
  /** Peers whose session is open, and where; `null` if somebody relays it. The link also reports the end of attempts that never became one. */
  readonly up = new Map<PeerId, Address | null>();
  /** Those of them that have not answered since this host moved. */
  #unheard = new Set<PeerId>();
  readonly #children: Children;
  readonly #dials = new Dials();
  /** Where peers were whose session ended while something was going on with them. */
  readonly #wasAt = new BoundedMap<PeerId, Address>(redialledMax);
  /** When each child wants to be woken. Asked after each input of a child, which alone can change it: each datagram goes to few of them. */
  readonly #due: Record<'link' | 'mesh' | 'nat' | 'cache' | 'reconciler' | 'files' | 'streams', Instant | null> = { link: null, mesh: null, nat: null, cache: null, reconciler: null, files: null, streams: null };
  readonly #onCarried: PeerProtocolOptions['onCarried'];
  /** What a test has this peer answer instead; `null`: nothing else than others do. */
  readonly answersInstead: NonNullable<PeerProtocolOptions['answersInstead']>;
  readonly #self = new Self();
  #outputs: PeerOutput[] = [];

  constructor(children: Children, { fanOut, custody, onCarried, answersInstead }: Pick<PeerProtocolOptions, 'fanOut' | 'custody' | 'onCarried' | 'answersInstead'>) {
    const { link, mesh, cache, intake, topics, chooser } = children;
    this.#children = children;
    this.#onCarried = onCarried;
    this.answersInstead = answersInstead ?? (() => null);
    this.objects = new Objects({
      topics,
      intake,
      cache,
      mesh,
      random: chooser,
      dropped: this.dropped,
      fanOut: fanOut ?? null,
      keepsForOthers: custody !== 'none',
      toCache: (now, input) => this.toCache(now, input),
      toCustody: (now, input) => this.toCustody(now, input),
      toMesh: (now, input) => this.toMesh(now, input),
      toReconciler: (now, input) => this.toReconciler(now, input),
      say: (to, frame) => this.bulk.say(to, frame),
      sendObject: (now, to, id, bytes) => this.#sendObject(now, to, id, bytes),
      neighbours: () => link.sessions().map(({ peer }) => peer),
      tell: (output) => this.tell(output),
    });
  }

  /** The list that fills with what comes of the next input. */
  begin(): readonly PeerOutput[] {
    return (this.#outputs = []);
  }

  /** Hands on what files and streams have heard, and what was said, until nothing is left. */
  finish(now: Instant): void {
    while (!this.bulk.isEmpty) {
      for (const [peer, blocks] of this.bulk.takeBlocks()) this.toFiles(now, { kind: 'blocks', peer, blocks });
      for (const [peer, chunks] of this.bulk.takeChunks()) this.toStreams(now, { kind: 'chunks', peer, chunks });
      for (const [peer, frames] of this.bulk.takeSaid()) this.toLink(now, { kind: 'send-all', peer, frames });
    }
  }

  deadline(): Instant | null {
    const { link, mesh, nat, cache, reconciler, files, streams } = this.#due;
    return earliest(this.#dials.deadline(), link, mesh, nat, cache, reconciler, files, streams, this.#children.topics.deadline(), this.objects.deadline(), this.#children.custody?.deadline() ?? null);
  }

  /** Wakes those who asked for it. */
  wake(now: Instant): void {
    const { mesh, custody, topics } = this.#children;
    for (const dial of this.#dials.take(mesh)) this.toLink(now, dial);
    if (isDue(now, this.#due.link)) this.toLink(now, wakeup);
    if (isDue(now, this.#due.nat)) this.toNat(now, wakeup);
    if (isDue(now, this.#due.mesh)) this.toMesh(now, wakeup);
    if (isDue(now, this.#due.cache)) this.toCache(now, wakeup);
    if (isDue(now, this.#due.reconciler)) this.toReconciler(now, wakeup);
    if (isDue(now, this.#due.files)) this.toFiles(now, wakeup);
    if (isDue(now, this.#due.streams)) this.toStreams(now, wakeup);
    if (isDue(now, custody?.deadline() ?? null)) this.toCustody(now, wakeup);
    if (isDue(now, this.objects.deadline())) this.objects.release(now);
    for (const joined of topics.all()) if (isDue(now, joined.deadline())) this.objects.wake(now, joined);
  }

  /** The addresses of this host that the sockets are bound to. */
  listening(now: Instant, addresses: readonly Address[]): void {
    this.#self.listens(addresses);
    this.toNat(now, { kind: 'listening', addresses: this.#self.addresses });
    this.#describeSelf(now);
  }

  /** A gateway has opened this address, or closed it. It is believed when others see this peer there. */
  mapped(now: Instant, address: Address | null): void {
    this.#self.mappedAt = address;
    this.#describeSelf(now);
  }

  get reach(): Reach {
    return this.#self.reach;
  }

  clockAheadMs(): number | null {
    return this.#self.clockAheadMs();
  }

  /** This host may have moved: who still hears it? */
  networkChanged(now: Instant): void {
    this.#unheard = new Set(this.up.keys());
    this.toLink(now, { kind: 'network-changed' });
    this.toNat(now, { kind: 'network-changed' });
  }

  toLink(now: Instant, input: LinkInput): void {
    if (input.kind === 'disconnect') this.finish(now); // what was said before leaves before
    const outputs = this.#children.link.handle(now, input);
    this.#due.link = this.#children.link.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'transmit':
          this.#outputs.push(output);
          break;
        case 'opened':
          this.up.set(output.peer, output.relay === null ? output.address : null);
          this.#outputs.push({ kind: 'neighbour-up', peer: output.peer, address: output.address });
          this.toNat(now, output);
          this.toMesh(now, { kind: 'up', peer: output.peer, address: output.address, relay: output.relay, said: output.said.flatMap(framesOf), isDialled: output.role === 'initiator' });
          this.toFiles(now, { kind: 'up', peer: output.peer });
          break;
        case 'closed':
          this.#closed(now, output);
          break;
        case 'moved':
          this.up.set(output.peer, output.relay === null ? output.address : null);
          this.toNat(now, output);
          this.toMesh(now, output);
          break;
        case 'doubted':
          this.toNat(now, output);
          break;
        case 'missed':
          this.toMesh(now, output);
          break;
        case 'observed':
          this.toNat(now, output);
          this.#heard(now, output.by);
          if (this.up.has(output.by)) this.#self.heardTime(now, output);
          break;
        case 'received':
          receive(this, now, output);
          break;
        case 'punched':
          this.toNat(now, output);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** To the mesh a peer that answers after this host has moved is one that has moved. */
  #heard(now: Instant, peer: PeerId): void {
    const address = this.up.get(peer) ?? null;
    if (this.#unheard.delete(peer) && address !== null) this.toMesh(now, { kind: 'moved', peer, address });
  }

  #closed(now: Instant, { peer, reason }: Extract<LinkOutput, { kind: 'closed' }>): void {
    const address = this.up.get(peer);
    if (address === undefined) {
      this.toNat(now, { kind: 'unreachable', peer });
      return;
    }
    if (address !== null && isInUse(this.#children, now, peer)) this.#wasAt.set(peer, address);
    this.up.delete(peer);
    this.#unheard.delete(peer);
    this.#self.forget(peer);
    this.#outputs.push({ kind: 'neighbour-down', peer, reason });
    this.#children.intake.forget(peer);
    this.toFiles(now, { kind: 'gone', peer });
    this.toStreams(now, { kind: 'gone', peer });
    this.toNat(now, { kind: 'closed', peer, isUnneeded: reason === 'disconnected' || reason === 'unneeded' });
    this.toMesh(now, reason === 'slept' ? { kind: 'slept' } : { kind: 'down', peer, why: downWhy(reason) });
    this.toReconciler(now, { kind: 'gone', peer });
    // It was there before this host slept, at an address that it had proved.
    if (reason === 'slept' && address !== null && this.#dials.size < redialledMax) this.#dials.add(now, { kind: 'connect', peer, address, isPaced: false });
  }

  toMesh(now: Instant, input: MeshInput): void {
    const outputs = this.#children.mesh.handle(now, input);
    this.#due.mesh = this.#children.mesh.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'frame':
          if (output.frame.kind === 'graft') for (const id of output.frame.ids) this.#children.intake.expect(id);
          this.bulk.say(output.to, encodeFrame(output.frame));
          break;
        case 'push':
          this.objects.push(now, output.to, output.id, output.postage);
          break;
        case 'reach':
          if (this.#children.link.sessionOf(output.peer) === null) this.toNat(now, reachOf(output));
          break;
        case 'drop':
          if (!isInUse(this.#children, now, output.peer)) this.toLink(now, { kind: 'disconnect', peer: output.peer, why: 'unneeded' });
          break;
        case 'ask':
          this.toLink(now, output);
          break;
        case 'introduce':
          this.toNat(now, output);
          break;
        case 'meet':
          this.toReconciler(now, output);
          break;
        case 'keepers':
          this.toCustody(now, output);
          break;
        default:
          unreachable(output);
      }
    }
  }

  toNat(now: Instant, input: NatInput): void {
    const outputs = this.#children.nat.handle(now, input);
    this.#due.nat = this.#children.nat.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'frame':
          this.bulk.say(output.to, encodeFrame(output.frame));
          break;
        case 'punch':
          this.toLink(now, output);
          break;
        case 'connect':
        case 'connect-relayed':
          this.#dials.add(now, output);
          break;
        case 'relay':
        case 'accept':
          this.toLink(now, output);
          break;
        case 'open-sockets':
        case 'close-sockets':
          this.#outputs.push(output);
          break;
        case 'failed':
          this.toMesh(now, { kind: 'failed', peer: output.peer });
          break;
        case 'self':
          this.#self.mapping = output.mapping;
          this.#describeSelf(now);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        default:
          unreachable(output);
      }
    }
  }

  #describeSelf(now: Instant): void {
    const seen = this.#children.nat.selfView().addresses;
    const reach = this.#self.describe(seen);
    this.toMesh(now, { kind: 'self', addresses: this.#self.named(seen), ...reach });
    this.toLink(now, { kind: 'free', isFree: reach.openAt !== null });
  }

  toCache(now: Instant, input: CacheInput): void {
    const outputs = this.#children.cache.handle(now, input);
    this.#due.cache = this.#children.cache.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'put':
        case 'delete':
          this.#outputs.push(output);
          break;
        case 'rebroadcast':
          this.toMesh(now, output);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        case 'evicted':
        case 'expired':
        case 'purged':
        case 'removed':
          break; // the `delete` beside it says all that matters here
        default:
          unreachable(output);
      }
    }
  }

  toReconciler(now: Instant, input: ReconcilerInput): void {
    const outputs = this.#children.reconciler.handle(now, input);
    this.#due.reconciler = this.#children.reconciler.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'frame':
          if (output.frame.kind === 'want') for (const id of output.frame.ids) this.#children.intake.expect(id);
          this.bulk.say(output.to, encodeFrame(output.frame));
          break;
        case 'give':
          for (const id of output.ids) this.objects.give(now, output.to, id);
          break;
        case 'agreed':
          this.toCache(now, output);
          break;
        case 'compared':
          this.toCustody(now, output);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        default:
          unreachable(output);
      }
    }
  }

  toCustody(now: Instant, input: CustodyInput): void {
    for (const output of this.#children.custody?.handle(now, input) ?? []) {
      switch (output.kind) {
        case 'ask':
          this.toLink(now, { kind: 'ask', peers: this.#children.mesh.subscribersOf(output.tag), silentMs: attendedMs });
          break;
        case 'seek':
          this.toMesh(now, output);
          break;
        case 'compare':
        case 'offer':
          this.toReconciler(now, output);
          break;
        case 'remove':
          this.toCache(now, output);
          break;
        default:
          unreachable(output);
      }
    }
  }

  toFiles(now: Instant, input: FilesInput): void {
    const outputs = this.#children.files.handle(now, input);
    this.#due.files = this.#children.files.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'block':
          this.bulk.say(output.to, output.bytes);
          break;
        case 'frame':
          this.bulk.say(output.to, encodeFrame(output.frame));
          break;
        case 'reach':
          this.meet(now, output.peer);
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        case 'read':
        case 'write':
        case 'fetched':
        case 'broken':
        case 'changed':
          this.#outputs.push({ kind: 'file', output });
          break;
        default:
          unreachable(output);
      }
    }
  }

  toStreams(now: Instant, input: StreamInput): void {
    const outputs = this.#children.streams.handle(now, input);
    this.#due.streams = this.#children.streams.deadline();
    for (const output of outputs) {
      switch (output.kind) {
        case 'chunk':
          this.bulk.say(output.to, output.bytes);
          break;
        case 'frame':
          this.bulk.say(output.to, encodeFrame(output.frame));
          break;
        case 'dropped':
          this.dropped.add(output.reason);
          break;
        default:
          this.#outputs.push({ kind: 'stream', event: output });
      }
    }
  }

  /** A session with this peer is wanted: neighbours may know where it is, and it may still be where it was. */
  meet(now: Instant, peer: PeerId): void {
    if (this.up.has(peer)) return;
    this.toNat(now, { kind: 'reach', peer, via: [...this.up.keys()].slice(0, sourceViaMax) });
    const address = this.#wasAt.get(peer);
    if (address !== undefined && this.#dials.size < redialledMax) this.#dials.add(now, { kind: 'connect', peer, address, isPaced: true });
  }

  /** Tells the driver or the app. */
  tell(output: PeerOutput): void {
    this.#outputs.push(output);
  }

  #sendObject(now: Instant, to: PeerId, id: PacketId, bytes: Uint8Array): void {
    const first = this.#outputs.length;
    this.toLink(now, { kind: 'send', peer: to, frame: bytes });
    const sent = this.#outputs[first];
    if (sent?.kind === 'transmit') this.#onCarried?.(sent.bytes, id);
  }
}

/** What a session's end means to the mesh. */
const downWhy = (reason: ClosedReason): 'lost' | 'let-go' | 'refused' => {
  if (reason === 'unneeded') return 'refused';
  return reason === 'disconnected' || reason === 'replaced' ? 'let-go' : 'lost';
};

/** An address that the mesh heard of is no more than told: the app alone names one to be tried for ever. */
const reachOf = ({ peer, via, address }: Extract<MeshOutput, { kind: 'reach' }>): NatInput => ({ kind: 'reach', peer, via, ...(address === undefined ? {} : { told: address }) });
