/**
 * The cache as a plain Map: no index, no heap, no ledger, everything by looking at everything. It cannot know which object
 * chance evicts or when a jittered period ends; it follows what the cache reports, and checks that it was allowed.
 */
import type { CacheInput, CacheOutput, Pool } from '@srp/cache';
import type { Instant, PacketId, ShortId, TopicTag } from '@srp/machine';
import { expiresAt, type Packet } from '@srp/wire';

interface Held {
  readonly packet: Packet;
  pool: Pool;
  isLeaving: boolean;
}

const ranks = { unsent: 3, own: 3, subscribed: 2, duty: 1, stranger: 0 };

export class PlainCache {
  readonly held = new Map<PacketId, Held>();

  /** Follows one step; throws if the outputs are none a cache may give. */
  follow(now: Instant, input: CacheInput, outputs: readonly CacheOutput[]): void {
    if (input.kind === 'insert') this.#insert(now, input, outputs);
    if (input.kind === 'remove' && this.held.has(input.id)) need(outputs.some((output) => output.kind === 'removed' && output.id === input.id), 'removes what it is told to');
    if (input.kind === 'join' || input.kind === 'leave') {
      for (const held of this.held.values()) {
        if (held.packet.tag !== input.tag || held.pool === 'own' || held.pool === 'unsent') continue;
        held.pool = input.kind === 'join' ? 'subscribed' : 'stranger';
        if (input.kind === 'join') held.isLeaving = false;
      }
    }
    if (input.kind === 'taken') for (const held of input.ids.flatMap((id) => this.byShortId(id)).map((id) => this.held.get(id))) if (held?.pool === 'unsent') held.pool = 'own';
    for (const output of outputs) this.#output(now, output);
  }

  poolOf(id: PacketId): Pool | null {
    return this.held.get(id)?.pool ?? null;
  }

  ids(): PacketId[] {
    return [...this.held.keys()].sort();
  }

  byShortId(short: ShortId): PacketId[] {
    return this.ids().filter((id) => id.startsWith(short));
  }

  byPrev(prev: PacketId): PacketId[] {
    const author = this.held.get(prev)?.packet.author;
    return this.ids().filter((id) => this.held.get(id)?.packet.prev === prev && this.held.get(id)?.packet.author === author);
  }

  idsOf(tag: TopicTag, since: number): PacketId[] {
    return this.ids().filter((id) => this.held.get(id)?.packet.tag === tag && (this.held.get(id)?.packet.time ?? 0) >= since);
  }

  #insert(now: Instant, { packet, pool, postage }: CacheInput & { kind: 'insert' }, outputs: readonly CacheOutput[]): void {
    const held = this.held.get(packet.id);
    const reason = outputs.find((output) => output.kind === 'dropped')?.reason;
    if (held !== undefined) {
      if (ranks[pool] > ranks[held.pool]) {
        held.pool = pool;
        held.isLeaving = false;
        need(reason === undefined, 'takes one that matters more now');
      } else need(reason === 'duplicate', 'refuses a duplicate');
    } else if (expiresAt(packet) <= now) need(reason === 'expired', 'refuses what is over');
    else if ((pool === 'stranger' && (packet.life === 0 || postage === 0)) || (pool === 'duty' && packet.life === 0)) need(reason === 'no-custody', 'refuses custody');
    else if (reason === undefined) this.held.set(packet.id, { packet, pool, isLeaving: false });
    else need(reason === 'no-room' && pool !== 'own' && pool !== 'unsent', 'refuses only for want of room, and never its own');
  }

  #output(now: Instant, output: CacheOutput): void {
    if (output.kind === 'put' || output.kind === 'delete' || output.kind === 'dropped') return;
    const held = this.held.get(output.id);
    need(held !== undefined, `reports ${output.kind} only for what it holds`);
    if (held === undefined) return;
    if (output.kind === 'rebroadcast') {
      need(output.postage >= 1 && output.postage <= 15 && expiresAt(held.packet) > now, 'sends on what may travel');
      if (held.pool === 'stranger') held.isLeaving = true;
      return;
    }
    if (output.kind === 'expired') need(expiresAt(held.packet) <= now, 'expires what is over');
    if (output.kind === 'purged') need(expiresAt(held.packet) > now, 'purges what is not over');
    this.held.delete(output.id);
  }
}

const need = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`the cache breaks its word: it ${what}`);
};
