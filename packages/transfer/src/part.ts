/**
 * What is here of a file that is still on its way, and who wants to know. SPEC, Transfer, Holders.
 *
 * Whoever asks for a block that is not here is told what is, and told again when there is more.
 */
import { after, BoundedMap, earliest, type Instant, type PeerId } from '@srp/machine';
import type { Holds } from '@srp/wire';
import { followersMax, holdsBitsMax, receiverKeptMs, tellEveryMs } from './constants.js';
import type { Holding } from './holding.js';
import type { PartTree } from './tree/share.js';

interface Follower {
  transfer: number;
  askedAt: Instant;
  toldAt: Instant;
  /** There is more than it was told. */
  isBehind: boolean;
}

export class Part implements Holding {
  /** Its upper nodes are known as far as they stand above groups that are here. */
  readonly tree: PartTree;
  readonly from: number;
  readonly also = new Set<number>();
  readonly #followers = new BoundedMap<PeerId, Follower>(followersMax);
  #until: number;

  /** Groups before `from` are here too, but nobody could check them: their nodes are not. */
  constructor(tree: PartTree, from: number) {
    this.tree = tree;
    this.from = from;
    this.#until = from;
  }

  get until(): number {
    return this.#until;
  }

  get followerCount(): number {
    return this.#followers.size;
  }

  /** A group is on disk. */
  add(group: number): void {
    this.also.add(group);
    while (this.also.delete(this.#until)) this.#until += 1;
    for (const [, follower] of this.#followers.entries()) follower.isBehind = true;
  }

  /** Somebody asked for what is not here: what it is to be told. */
  ask(now: Instant, peer: PeerId, transfer: number): Holds {
    this.#followers.set(peer, { transfer, askedAt: now, toldAt: now, isBehind: false });
    return this.#said(transfer);
  }

  /** Somebody asked for what is here. */
  heard(now: Instant, peer: PeerId): void {
    const follower = this.#followers.get(peer);
    if (follower !== undefined) follower.askedAt = now;
  }

  gone(peer: PeerId): void {
    this.#followers.delete(peer);
  }

  /** What is to be told now, and to whom. */
  tell(now: Instant): readonly { readonly to: PeerId; readonly frame: Holds }[] {
    const told: { to: PeerId; frame: Holds }[] = [];
    for (const [peer, follower] of [...this.#followers.entries()]) {
      if (now - follower.askedAt > receiverKeptMs) this.#followers.delete(peer);
      else if (follower.isBehind && now - follower.toldAt >= tellEveryMs) {
        follower.toldAt = now;
        follower.isBehind = false;
        told.push({ to: peer, frame: this.#said(follower.transfer) });
      }
    }
    return told;
  }

  /** When somebody is to be told. */
  get dueAt(): Instant | null {
    return earliest(...[...this.#followers.entries()].map(([, { isBehind, toldAt }]) => (isBehind ? after(toldAt, tellEveryMs) : null)));
  }

  #said(transfer: number): Holds {
    return { kind: 'holds', transfer, from: this.from, until: this.#until, also: [...this.also].filter((group) => group < this.#until + holdsBitsMax).sort((a, b) => a - b) };
  }
}
