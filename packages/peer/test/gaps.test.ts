import { type PacketId, type PeerId, Counter, type TopicTag } from '@srp/machine';
import { publicTopic, seededRandom } from '@srp/identity';
import { decodeFrame } from '@srp/wire';
import { test } from 'uvu';
import { equal } from 'uvu/assert';
import { Objects, type ObjectsOptions } from '../dist/protocol/objects.js';

const peer = (n: number): PeerId => n.toString(16).padStart(64, '0') as PeerId;
const missing = 'ab'.repeat(16) as PacketId;
const topic = publicTopic('tea');

/** Whom the questions of one missing object go to, one attempt after the other; the object that named it came from 1. */
const asked = (who: { readonly neighbours: readonly number[]; readonly members?: readonly number[]; readonly keepers?: readonly number[] }): readonly (readonly number[])[] => {
  const { neighbours, members = [], keepers = [] } = who;
  let sent: number[] = [];
  const objects = new Objects({
    random: seededRandom(new Uint8Array(32)),
    dropped: new Counter(),
    intake: { expect: () => undefined },
    mesh: { subscribersOf: (tag: TopicTag) => (tag === topic.tag ? members.map(peer) : []), keepersOf: (tag: TopicTag) => (tag === topic.tag ? keepers.map(peer) : []) },
    neighbours: () => neighbours.map(peer),
    send: (_now: unknown, to: PeerId, bytes: Uint8Array) => {
      const frame = decodeFrame(bytes);
      if (frame.ok && frame.value.kind === 'want') sent.push(Number.parseInt(to, 16));
    },
  } as unknown as ObjectsOptions);
  return [0, 1, 2, 3].map((attempt) => {
    sent = [];
    const joined = { topic, wake: () => ({ deliveries: [], forks: [], wants: [{ kind: 'want', ids: [missing], from: peer(1), attempt }] }) };
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

test.run();
