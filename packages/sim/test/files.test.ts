/** Files between simulated peers: through NATs and relays, over crashes, and to several at once. */
import { Network } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('files in the simulator');
const isSame = (a: Uint8Array | null, b: Uint8Array): boolean => a !== null && Buffer.compare(a, b) === 0;

test('a file comes through a relay between two NATs that no direct path leads through', () => {
  const net = new Network({ seed: 1, links: { loss: 0.01 } });
  const hub = net.peer({ name: 'hub' });
  const alice = net.peer({ name: 'alice', nat: 'hard', knows: [hub] });
  const bob = net.peer({ name: 'bob', nat: 'hard', knows: [hub] });
  for (const peer of [hub, alice, bob]) peer.join('photos');
  net.run(10_000);
  const photo = net.random.bytes(200_000);
  const fetch = bob.fetchFile(alice.shareFile(photo));
  assert.ok(net.runUntil(() => fetch.content !== null, 60_000), `${fetch.here} bytes`);
  assert.ok(isSame(fetch.content, photo));
  assert.ok(bob.neighbours().some(({ peer, relay }) => peer === alice.id && relay === hub.id));
});

test('a fetch goes on after a crash of either side, from what was on disk', () => {
  const net = new Network({ seed: 2 });
  const bandwidth = { upBitsPerSecond: 8_000_000 };
  const alice = net.peer({ name: 'alice', bandwidth });
  const bob = net.peer({ name: 'bob', knows: [alice] });
  for (const peer of [alice, bob]) peer.join('photos');
  net.run(2_000);
  const film = net.random.bytes(4_000_000);
  const file = alice.shareFile(film);
  let fetch = bob.fetchFile(file);
  for (const crashed of [bob, alice, bob]) {
    net.run(1_000);
    crashed.crash();
    net.run(1_000);
    crashed.start();
    const before = fetch.here;
    if (crashed === bob) fetch = bob.fetchFile(file);
    assert.ok(before > 0 && fetch.here === before, `${before} ${fetch.here}`);
  }
  assert.ok(net.runUntil(() => fetch.content !== null, 120_000), `${fetch.here} bytes`);
  assert.ok(isSame(fetch.content, film));
});

test('four that fetch a file at one time give it to each other, also when its sharer is gone', () => {
  const net = new Network({ seed: 3 });
  const bandwidth = { upBitsPerSecond: 8_000_000 };
  const alice = net.peer({ name: 'alice', bandwidth });
  const readers = Array.from({ length: 4 }, (_, i) => net.peer({ name: `reader-${i}`, bandwidth, knows: [alice] }));
  for (const peer of [alice, ...readers]) peer.join('films');
  net.run(10_000);
  const film = net.random.bytes(2_000_000);
  const file = alice.shareFile(film);
  const fetches = readers.map((reader) => reader.fetchFile(file, { from: readers.filter((other) => other !== reader) }));
  const before = alice.traffic.sentBytes;
  // Once it has sent all of it twice the others have every group, for they ask first for what the fewest have.
  net.runUntil(() => alice.traffic.sentBytes - before > 2.2 * film.length, 60_000);
  alice.crash({ disk: 'lost' });
  assert.ok(net.runUntil(() => fetches.every(({ content }) => content !== null), 120_000), fetches.map(({ here }) => here).join(' '));
  for (const { content } of fetches) assert.ok(isSame(content, film));
});

test('a stream carries bytes from one peer to another', () => {
  const net = new Network({ seed: 4 });
  const alice = net.peer({ name: 'alice' });
  const bob = net.peer({ name: 'bob', knows: [alice] });
  for (const peer of [alice, bob]) peer.join('talk');
  net.run(2_000);
  const heard: string[] = [];
  bob.onOutput = (output) => {
    if (output.kind === 'stream' && output.event.kind === 'data') heard.push(Buffer.from(output.event.bytes).toString());
  };
  let stream = 0;
  alice.onOutput = (output) => {
    if (output.kind === 'stream' && output.event.kind === 'stream') stream = output.event.stream;
  };
  alice.stream({ kind: 'open', peer: bob.id, label: 's:talk' });
  alice.stream({ kind: 'write', peer: bob.id, stream, bytes: Buffer.from('hello') });
  net.run(1_000);
  assert.equal(heard, ['hello']);
});

test.run();
