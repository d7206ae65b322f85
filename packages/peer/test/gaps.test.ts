import { generateKeyPair, publicTopic, seededRandom } from '@srp/identity';
import { after, authorId, Counter, instant, parseAddress, type PeerId, type ShortId, shortIdOf, type TopicTag } from '@srp/machine';
import { composeRun, decodeFrame, openPacket, type Packet } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { JoinedTopic, type TopicNews } from '../dist/protocol/joined-topic.js';
import { Objects, type ObjectsOptions } from '../dist/protocol/objects.js';

const peer = (n: number): PeerId => n.toString(16).padStart(64, '0') as PeerId;
const missing = 'ab'.repeat(8) as ShortId;
const here = 'cd'.repeat(8) as ShortId;
const topic = publicTopic('tea');

/** Whom the questions of one missing object go to, one attempt after the other; the object that named it came from 1. */
const asked = (who: { readonly neighbours: readonly number[]; readonly members?: readonly number[]; readonly keepers?: readonly number[] }): readonly (readonly number[])[] => {
  const { neighbours, members = [], keepers = [] } = who;
  let sent: number[] = [];
  const objects = new Objects({
    random: seededRandom(new Uint8Array(32)),
    dropped: new Counter(),
    intake: { expect: () => undefined, hadOwn: (id: ShortId) => id === here },
    cache: { hasShort: () => false },
    mesh: { subscribersOf: (tag: TopicTag) => (tag === topic.tag ? members.map(peer) : []), keepersOf: (tag: TopicTag) => (tag === topic.tag ? keepers.map(peer) : []) },
    neighbours: () => neighbours.map(peer),
    say: (to: PeerId, bytes: Uint8Array) => {
      const frame = decodeFrame(bytes);
      if (!frame.ok || frame.value.kind !== 'want') return;
      if (!frame.value.ids.includes(here)) sent.push(Number.parseInt(to, 16));
    },
  } as unknown as ObjectsOptions);
  return [0, 1, 2, 3].map((attempt) => {
    sent = [];
    const joined = { topic, recall: () => null, wake: () => ({ deliveries: [], forks: [], progress: [], drops: [], status: null, wants: [{ ids: [missing, here], from: peer(1), attempt }] }) };
    objects.wake(0 as never, joined as never);
    return sent.sort((a, b) => a - b);
  });
};

test('a missing object is asked of who named it, then of others of the topic, then of those who keep it, two at a time', () => {
  equal(asked({ neighbours: [1, 2, 3, 4, 5], members: [2, 3], keepers: [4, 5] }), [[1], [2, 3], [4, 5], [4, 5]]);
  equal(asked({ neighbours: [2, 3, 4, 5], members: [2, 3], keepers: [4, 5] }), [[2, 3], [2, 3], [4, 5], [4, 5]], 'who named it is gone');
  equal(asked({ neighbours: [1, 4, 5], keepers: [4, 5] }), [[1], [4, 5], [4, 5], [4, 5]], 'there is nobody else of the topic');
  equal(asked({ neighbours: [1, 2] }).slice(1), [[1, 2], [1, 2], [1, 2]], 'no keeper is known');
  equal(asked({ neighbours: [] }), [[], [], [], []]);
});

test('what an object says to follow is asked for, though nothing that came names it', () => {
  const author = generateKeyPair(seededRandom(new Uint8Array(32).fill(1)));
  const now = instant(1_800_000_000_000);
  const items = ['one', 'two'].map((text) => ({ kind: 'message' as const, payload: new TextEncoder().encode(text) }));
  const [first, second] = composeRun({ topic, author, now, life: 2, prev: null, random: seededRandom(new Uint8Array(32).fill(2)), items });
  ok(first !== undefined && second !== undefined);
  const joined = new JoinedTopic(topic, 'live', authorId(author.publicKey), seededRandom(new Uint8Array(32).fill(3)), [], () => null);
  joined.recall(now, 1); // nothing was held
  const take = (packet: Packet, atMs: number): TopicNews => {
    const content = openPacket(packet, topic);
    ok(content.ok);
    return joined.take(after(now, atMs), { packet, content: content.value, from: { peer: peer(1), address: parseAddress('198.51.100.1:4000')! } });
  };
  is(take(first, 0).deliveries.length, 1);
  equal(joined.wake(joined.deadline()!).wants.map(({ ids, from, attempt }) => [ids, from, attempt]), [[[shortIdOf(second.id)], peer(1), 0]]);
  is(take(second, 1_000).deliveries.length, 1);
  is(joined.deadline(), null);
});

test.run();
