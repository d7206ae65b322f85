/** Whom the machine of a peer's files needs a session with, and for how long. */
import { seededRandom } from '@srp/identity';
import { instant, type PeerId } from '@srp/machine';
import { TreeBuilder } from '@srp/transfer';
import { test } from 'uvu';
import { equal, ok } from 'uvu/assert';
import { Files } from '../dist/protocol/files.js';

const [ann, ben] = ['aa', 'bb'].map((two) => two.repeat(32) as PeerId) as [PeerId, PeerId];
const content = seededRandom(new Uint8Array(32)).bytes(1000);
const builder = new TreeBuilder(new Uint8Array(32), content.length);
builder.push(content);
const tree = builder.finish();
const fetch = { kind: 'fetch', transfer: 1, id: tree.id, key: tree.key, size: content.length, firstGroup: 0 } as const;

test('a source without a session is looked for again and again, asked when it has one, and forgotten when the fetch is over', () => {
  const up = new Set<PeerId>();
  const files = new Files((peer) => up.has(peer));
  const said = (at: number, input: Parameters<Files['handle']>[1]) => files.handle(instant(at), input).map((output) => ('to' in output ? `${output.kind} ${output.to.slice(0, 2)}` : 'peer' in output ? `${output.kind} ${output.peer.slice(0, 2)}` : output.kind));
  equal(said(0, fetch), []);
  equal(said(0, { kind: 'source', transfer: 1, peer: ann }), ['reach aa']);
  ok(files.deadline() !== null);
  equal(said(4_999, { kind: 'wakeup' }), []);
  equal(said(5_000, { kind: 'wakeup' }), ['reach aa']);
  equal(said(10_000, { kind: 'wakeup' }), ['reach aa']);
  up.add(ann);
  equal(said(10_001, { kind: 'up', peer: ann }), ['frame aa']);
  equal(said(10_001, { kind: 'up', peer: ben }), []); // asked when there is more to ask for
  ok(files.needs(instant(10_001), ann) && files.needs(instant(10_001), ben));
  up.delete(ann);
  said(10_002, { kind: 'gone', peer: ann });
  equal(said(15_002, { kind: 'wakeup' }).filter((what) => what.startsWith('reach')), ['reach aa']);
  equal(said(15_003, { kind: 'cancel', transfer: 1 }), []);
  ok(!files.needs(instant(15_003), ben));
  equal(files.deadline(), null);
  equal(said(30_000, { kind: 'wakeup' }), []);
  equal(said(30_000, { kind: 'source', transfer: 1, peer: ann }), ['reach aa']);
  equal(files.deadline(), null);
});

test('who was named and found no place, or lost it, is asked when there is one', () => {
  const files = new Files(() => true);
  const many = Array.from({ length: 40 }, (_, i) => (i + 1).toString(16).padStart(64, '0') as PeerId);
  files.handle(instant(0), fetch);
  for (const peer of many) files.handle(instant(0), { kind: 'source', transfer: 1, peer });
  equal(many.filter((peer) => files.needs(instant(0), peer)).length, 32);
  const asked = new Set<PeerId>();
  for (let at = 0; at < 60_000; at += 100) {
    for (const output of files.handle(instant(at), { kind: 'wakeup' })) if (output.kind === 'frame') asked.add(output.to);
  }
  equal(many.filter((peer) => !asked.has(peer)), []);
});

test.run();
