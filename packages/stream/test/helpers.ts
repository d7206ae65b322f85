import { type AuthorId, type Instant, instant, type PacketId, type PeerId, type Random, type ShortId, wakeup } from '@srp/machine';
import { type CausalStream, type StreamObject, type StreamOutput } from '@srp/stream';

/** A small generator that is good enough to shuffle with. */
export const testRandom = (seed = 1): Random => {
  let state = (seed % 0x7ffffffe) + 1;
  const random: Random = {
    bytes: (count) => Uint8Array.from({ length: count }, () => random.below(256)),
    below: (limit) => {
      state = (state * 48271) % 0x7fffffff;
      return Math.floor((state / 0x7fffffff) * limit);
    },
    fork: (label) => testRandom(seed + label.length + 1),
  };
  return random;
};

export const author = (name: string): AuthorId => name.padStart(64, '0') as AuthorId;
export const peer = (name: string): PeerId => name.padStart(64, '0') as PeerId;
export const pid = (name: string): PacketId => name as PacketId;
/** The names of these tests are shorter than a short id. */
export const sid = (name: string): ShortId => name as ShortId;
/** 1000 s after the epoch, so that `time` 0.. lies in the past. */
export const start = instant(1_000_000);

/** `object('b2', 'b1', ['a1'])`: its author is its first letter, its time is its number. */
export const object = (id: string, prev: string | null = null, parents: readonly string[] = [], more: Partial<StreamObject> = {}): StreamObject => ({
  id: pid(id),
  author: author(id.slice(0, 1)),
  prev: prev === null ? null : pid(prev),
  parents: parents.map(pid),
  time: Number(/\d+/.exec(id)?.[0] ?? 0),
  ms: 0,
  ...more,
});

/** Feeds one object, as if `from` had sent it. */
export const feed = (stream: CausalStream, at: Instant, one: StreamObject, from: PeerId | null = peer('n')): readonly StreamOutput[] =>
  stream.handle(at, { kind: 'object', from, ...one });

/** Runs the stream's own wakeups up to and including `until`; returns what it said, with the instant. */
export const run = (stream: CausalStream, until: Instant): { readonly at: Instant; readonly output: StreamOutput }[] => {
  const said: { at: Instant; output: StreamOutput }[] = [];
  for (let at = stream.deadline(), rounds = 0; at !== null && at <= until; at = stream.deadline(), rounds += 1) {
    if (rounds > 100_000) throw new Error('the deadline does not move on');
    for (const output of stream.handle(at, wakeup)) said.push({ at, output });
  }
  return said;
};

/** The ids delivered by these outputs, in order. */
export const deliveredBy = (outputs: readonly StreamOutput[]): readonly string[] => outputs.flatMap((output) => (output.kind === 'deliver' ? [output.id] : []));

/** One output as a short text: `deliver b2 -a1 gap`, `want a1@0`, `want-next a2@0`, `gave-up a1`, `fork a: a2 a3`. */
export const say = (output: StreamOutput): string => {
  switch (output.kind) {
    case 'deliver':
      return ['deliver', output.id, ...output.missing.map((id) => `-${id}`), ...(output.gap ? ['gap'] : [])].join(' ');
    case 'want':
      return `want ${output.ids.join(',')}@${output.attempt}`;
    case 'want-next':
      return `want-next ${output.ids.join(',')}@${output.attempt}`;
    case 'progress':
      return `progress ${output.id} ${output.here}/${output.of}`;
    case 'abandoned':
      return `abandoned ${output.id}`;
    case 'gave-up':
      return `gave-up ${output.id}`;
    case 'fork':
      return `fork of ${output.prev}: ${output.ids.join(' ')}`;
  }
};
