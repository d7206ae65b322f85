import { type PacketCache } from '@srp/cache';
import { type Instant, type PacketId, type PeerId, type Random, type TopicTag, shortIdOf, type Wakeup } from '@srp/machine';
import { type Frame, type Offer, type SyncIds, type SyncRequest, type Want, type WantAfter } from '@srp/wire';
export type ReconcilerOutput = { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Frame } | { readonly kind: 'give'; readonly to: PeerId; readonly ids: readonly PacketId[] } | { readonly kind: 'dropped'; readonly reason: 'no-room' };
export class Reconciler { #c: PacketCache; constructor({ cache }: { cache: PacketCache; random: Random }) { this.#c = cache; }
  handle(_n: Instant, i: { kind: 'meet'; peer: PeerId; tags: readonly TopicTag[] } | { kind: 'frame'; peer: PeerId; frame: Want | WantAfter | Offer | SyncRequest | SyncIds } | { kind: 'gone'; peer: PeerId } | Wakeup): readonly ReconcilerOutput[] {
    if (i.kind === 'meet') return i.tags.map((tag) => ({ kind: 'frame', to: i.peer, frame: { kind: 'sync-request', tag, since: 0 } }));
    if (i.kind !== 'frame') return []; const f = i.frame;
    if (f.kind === 'sync-request') return [{ kind: 'frame', to: i.peer, frame: { kind: 'sync-ids', tag: f.tag, part: 0, parts: 1, ids: this.#c.idsOf(f.tag, 0).map(shortIdOf) } }];
    if (f.kind === 'sync-ids') { const ids = f.ids.filter((s) => this.#c.byShortId(s).length === 0); return ids.length ? [{ kind: 'frame', to: i.peer, frame: { kind: 'want', ids } }] : []; }
    if (f.kind === 'want') return [{ kind: 'give', to: i.peer, ids: f.ids.flatMap((s) => this.#c.byShortId(s)) }];
    return []; }
  deadline(): Instant | null { return null; } }
