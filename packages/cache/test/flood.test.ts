/**
 * What a flood displaces of what a peer holds for its own topics, by the cache alone: whatever gets so far has passed every
 * rate already. test/flood.test.ts of @srp/peer has the rates too.
 */
import { PacketCache, type Pool } from '@srp/cache';
import { after, type Instant, type PacketId } from '@srp/machine';
import type { Packet } from '@srp/wire';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomOf } from './helpers.js';
import { cheap, start, startSeconds } from './objects.js';

const budgetBytes = 2 * 1024 * 1024;
const perSecond = 10_000;

interface Flood {
  readonly pool: Pool;
  readonly packet: (n: number, seconds: number) => Packet;
  readonly ingress?: (n: number) => string;
  /** From how many what is held came. */
  readonly networks?: number;
}

/** A cache full of what came for its topics in the last ten hours: 4 topics, 50 authors, from so many networks. */
const filled = (networks: number): { cache: PacketCache; held: PacketId[] } => {
  const cache = new PacketCache({ budgetBytes, random: randomOf(7) });
  for (let n = 0; n < 4_000; n += 1) {
    const packet = cheap({ n: 10_000_000 + n, topic: n % 4, author: 500_000 + (n % 50), life: 2, time: startSeconds - 36_000 + n * 9, bodyBytes: 100 + ((n * 197) % 900) });
    cache.handle(after(start, (n * 9 - 36_000) * 1000), { kind: 'insert', packet, postage: 12, pool: 'subscribed', ingress: `4:192.0.${n % networks}` });
  }
  const held = [0, 1, 2, 3].flatMap((topic) => cache.idsOf(cheap({ n: 1, topic }).tag));
  assert.ok(cache.stats().bytes > 0.99 * budgetBytes);
  return { cache, held };
};

/** How many percent of what was held is gone after so many seconds. */
const displaced = ({ pool, packet, ingress = () => '4:203.0.113', networks = 8 }: Flood, seconds = 2): number => {
  const { cache, held } = filled(networks);
  for (let n = 0; n < seconds * perSecond; n += 1) {
    const ms = n / (perSecond / 1000);
    const now: Instant = after(start, ms);
    cache.handle(now, { kind: 'insert', packet: packet(n, startSeconds + Math.floor(ms / 1000)), postage: 15, pool, ingress: ingress(n) });
  }
  assert.ok(cache.stats().bytes <= budgetBytes);
  return (100 * held.filter((id) => !cache.has(id)).length) / held.length;
};

const author = (n: number): number => 1_000 + (n % 1_000); // a thousand fresh keys
const floods: Readonly<Record<string, Flood>> = {
  'in topics of others': { pool: 'stranger', packet: (n, time) => cheap({ n, author: author(n), topic: 900 + (n % 5), time }) },
  'in a thousand topics': { pool: 'stranger', packet: (n, time) => cheap({ n, author: author(n), topic: 900 + (n % 1_000), time }) },
  'in the topic itself': { pool: 'subscribed', packet: (n, time) => cheap({ n, author: author(n), topic: 1, time }) },
  'in all its topics': { pool: 'subscribed', packet: (n, time) => cheap({ n, author: author(n), topic: n % 4, time }) },
  'in the topic itself, of which one neighbour brought all': { pool: 'subscribed', packet: (n, time) => cheap({ n, author: author(n), topic: 1, time }), networks: 1 },
  'a key for each object': { pool: 'subscribed', packet: (n, time) => cheap({ n, author: 1_000 + n, topic: 1, time }) },
  'from the future, for a week': { pool: 'subscribed', packet: (n, time) => cheap({ n, author: author(n), topic: 1, time: time + 600, life: 3 }) },
  'of tiny objects': { pool: 'subscribed', packet: (n, time) => cheap({ n, author: author(n), topic: 1, time, bodyBytes: 40 }) },
  'of objects as large as can be': { pool: 'subscribed', packet: (n, time) => cheap({ n, author: author(n), topic: 1, time, bodyBytes: 1_064 }) },
  'handed over to a keeper': { pool: 'duty', packet: (n, time) => cheap({ n, author: author(n), topic: 900 + (n % 5), time }) },
  'by the neighbour that brought the rest': { pool: 'subscribed', packet: (n, time) => cheap({ n, author: author(n), topic: 1, time }), ingress: () => '4:192.0.0', networks: 1 },
};

for (const [name, flood] of Object.entries(floods)) {
  test(`a flood ${name} displaces less than 2 % of what is held for own topics`, () => {
    const percent = displaced(flood);
    assert.ok(percent <= 2, `${percent} %`);
  });
}

test('a flood through eight networks displaces eight times as much, and no more', () => {
  const flood = { ...(floods['in the topic itself'] as Flood), ingress: (n: number) => `4:203.0.${n % 8}` };
  const percent = displaced(flood);
  assert.ok(percent <= 16, `${percent} %`);
});

test('authors who are here make room for what they say next, whichever neighbour brings it', () => {
  const { cache, held } = filled(8);
  const said = Array.from({ length: 400 }, (_, n) => cheap({ n, author: 500_000 + (n % 50), topic: n % 4 }));
  for (const [n, packet] of said.entries()) cache.handle(start, { kind: 'insert', packet, postage: 15, pool: 'subscribed', ingress: `4:192.0.${(n * 5) % 8}` });
  const kept = said.filter(({ id }) => cache.has(id)).length;
  assert.ok(kept >= 380, `${kept} of 400`);
  assert.ok(held.filter((id) => !cache.has(id)).length > 100);
});

test('who is new has some room at once, and more each hour', () => {
  const { cache } = filled(8);
  const said = Array.from({ length: 400 }, (_, n) => cheap({ n, author: 1_000 + (n % 4), topic: n % 4, time: startSeconds + n * 90 }));
  for (const [n, packet] of said.entries()) cache.handle(after(start, n * 90_000), { kind: 'insert', packet, postage: 15, pool: 'subscribed', ingress: '4:203.0.113' });
  const kept = said.filter(({ id }) => cache.has(id)).length;
  assert.ok(kept > 250, `${kept} of what four new authors said in ten hours`);
});

test('a peer joins another topic with a full cache, and what it publishes there stays', () => {
  const { cache } = filled(1);
  const mine = Array.from({ length: 40 }, (_, n) => cheap({ n, author: 1, topic: 8 }));
  for (const packet of mine) cache.handle(start, { kind: 'insert', packet, postage: 16, pool: 'unsent', ingress: null });
  for (const packet of mine) assert.ok(cache.has(packet.id));
});

test.run();
