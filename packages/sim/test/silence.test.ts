/** What a network at rest costs, and whether everybody stays reachable, behind boxes that forget after 20 s, a minute and five. */
import { natBehaviours, Network } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('silence');

/** Three peers that everybody reaches and eight behind boxes, at rest for 25 minutes, then with something to say. */
const atRest = (lifetimeMs: number): { readonly perMinute: number; readonly reached: number; readonly lateMs: number } => {
  const net = new Network({ seed: 7, links: { loss: 0.01 } });
  const hubs = ['hub-1', 'hub-2', 'hub-3'].map((name) => net.peer({ name }));
  for (const hub of hubs) for (const other of hubs) if (hub !== other) hub.connect(other);
  const kinds = ['hard', 'port-restricted', 'address-restricted', 'port-restricted'] as const;
  const rooms = Array.from({ length: 8 }, (_, n) => net.peer({ nat: { ...natBehaviours[kinds[n % 4]!], lifetimeMs }, knows: hubs }).join('tea'));
  net.run(20 * 60_000); // past the second search for a port, before the third
  const before = net.traffic.sent;
  net.run(5 * 60_000);
  const perMinute = (net.traffic.sent - before) / 5 / (hubs.length + rooms.length);
  const saidAt = net.now;
  const id = rooms[1]!.publish('anybody there?');
  net.run(10_000);
  const shown = rooms.flatMap(({ deliveries }) => deliveries.filter((delivered) => delivered.id === id).map(({ atMs }) => atMs - saidAt));
  return { perMinute, reached: shown.length / rooms.length, lateMs: Math.max(...shown) };
};

const [short, usual, long] = [atRest(20_000), atRest(60_000), atRest(300_000)];

test('a packet reaches everybody within a second after a long rest, whatever the boxes do', () => {
  for (const { reached, lateMs } of [short, usual, long]) {
    assert.is(reached, 1);
    assert.ok(lateMs < 1_000, `${lateMs} ms`);
  }
});

test('the longer boxes remember, the less is said', () => {
  assert.ok(usual.perMinute < 0.75 * short.perMinute, `${usual.perMinute} beside ${short.perMinute} datagrams a minute and peer`);
  assert.ok(long.perMinute < usual.perMinute, `${long.perMinute} beside ${usual.perMinute} datagrams a minute and peer`);
});

test.run();
