/**
 * The machines that a peer is made of, and what each looks up in the others. They only look: what one says to another goes through
 * exchange.ts.
 */
import { PacketCache, Reconciler } from '@srp/cache';
import { Link } from '@srp/link';
import type { Instant, PeerId, Random } from '@srp/machine';
import { Mesh, topicsMoveAt } from '@srp/mesh';
import { Nat } from '@srp/nat';
import { Streams } from '@srp/transfer';
import type { PeerProtocolOptions } from './contract.js';
import { Custody } from './custody.js';
import { answerEarly } from './early.js';
import { Files } from './files.js';
import { Intake } from './intake.js';
import { Topics } from './topics.js';

export interface Children {
  readonly link: Link;
  readonly mesh: Mesh;
  readonly nat: Nat;
  readonly cache: PacketCache;
  readonly reconciler: Reconciler;
  readonly intake: Intake;
  readonly topics: Topics;
  readonly files: Files;
  readonly streams: Streams;
  /** Under the first version's rule the cache sees to custody itself. */
  readonly custody: Custody | null;
  /** For choices that none of them makes. */
  readonly chooser: Random;
}

/** Whether something goes on with this peer that its session is needed for. */
export const isInUse = ({ files, streams }: Pick<Children, 'files' | 'streams'>, now: Instant, peer: PeerId): boolean => files.needs(now, peer) || streams.uses(peer);

/** Makes them. The order in which they fork the generator is part of what a seed means. */
export const makeChildren = ({ keys, author, random, cacheBytes, custody: rule = 'keepers', keepsOnDisk = true, lookupBlindness, upload = {} }: PeerProtocolOptions): Children => {
  const keepsForOthers = rule !== 'none';
  const chooser = random.fork('peer');
  const topics: Topics = new Topics(author, random.fork('topics'), (id) => cache.get(id));
  const link = new Link({ keys, random: random.fork('link'), answerEarly: (_now, words) => answerEarly(words, (asker, frame) => mesh.answer(asker, frame)) });
  const mesh: Mesh = new Mesh({
    self: link.self,
    random: random.fork('mesh'),
    has: (id, tag) => cache.hasShort(id) || (topics.get(tag) === undefined ? intake.had(id) : intake.hadOwn(id)),
    custody: rule,
    ...(lookupBlindness === undefined ? {} : { lookupBlindness }),
  });
  const nat = new Nat({ self: link.self, random: random.fork('nat'), isInUse: (now, peer) => isInUse({ files, streams }, now, peer) });
  const cache = new PacketCache({ random: random.fork('cache'), rebroadcasts: rule === 'seed', ...(cacheBytes === undefined ? {} : { budgetBytes: cacheBytes }) });
  const intake = new Intake(random.fork('intake'), (id) => cache.has(id));
  const reconciler = new Reconciler({
    random: random.fork('reconciler'),
    store: {
      knows: (id) => cache.hasShort(id) || intake.hadOwn(id),
      passed: (id) => !keepsForOthers || cache.hasShort(id) || intake.had(id),
      idsOf: (tag, since) => cache.idsOf(tag, since),
      sketchOf: (now, tag, since, mayMake) => cache.sketchOf(now, tag, since, mayMake),
      byShortId: (id) => cache.byShortId(id),
      byPrev: (prev, tag) => cache.byPrev(prev, tag),
      keeps: (now, tag) => keepsForOthers && mesh.keeps(now, tag),
      offersTo: (peer, tag) => mesh.spreads(peer, tag),
    },
  });
  const custody = rule === 'seed' ? null : new Custody({
    random: random.fork('custody'),
    keepsOnDisk,
    store: {
      idsOf: (tag) => cache.idsOf(tag),
      shortestLifeOf: (tag) => cache.shortestLifeOf(tag),
      mayKeep: (id) => cache.byShortId(id).some((found) => (cache.get(found)?.life ?? 0) > 0),
      isForOthers: (id) => ['stranger', 'duty'].includes(cache.poolOf(id) ?? ''),
      isOwn: (tag) => topics.get(tag) !== undefined,
      isCold: (tag) => mesh.isCold(tag),
      isAttended: (tag) => mesh.subscribersOf(tag).length > 0,
      movesAt: topicsMoveAt,
    },
  });
  const streams: Streams = new Streams(link.self, random.fork('streams').below(2 ** 31));
  const files: Files = new Files((peer) => link.sessionOf(peer) !== null, upload);
  return { link, mesh, nat, cache, reconciler, intake, topics, files, streams, custody, chooser };
};
