/** Messages above one packet, on networks that lose datagrams. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { teaParty } from './worlds.js';

const test = suite('long messages');
const message = (bytes: number): Uint8Array => new Uint8Array(bytes).map((_, at) => (at * 31 + (at >> 10)) & 255);

for (const loss of [0.05, 0.2]) {
  test(`a message of 60 KiB reaches all of 10 whole at ${loss * 100} % loss, and one who comes later from the cache`, () => {
    const { net, guests, rooms } = teaParty({ seed: 60 + loss * 100, links: { loss } }, 8);
    net.run(15_000);
    const id = rooms[3]!.publish(message(61_440));
    assert.ok(net.runUntil(() => rooms.every((room) => room.has(id)), 60_000), `${rooms.filter((room) => !room.has(id)).length} lack it`);
    guests[1]!.crash({ disk: 'lost' });
    net.run(5_000);
    guests[1]!.start();
    const again = guests[1]!.join('tea', { mode: 'causal' });
    assert.ok(net.runUntil(() => again.has(id), 60_000), 'who came later lacks it');
    for (const room of [...rooms.filter((_, n) => n !== 3), again]) {
      const delivered = room.deliveries.find((delivery) => delivery.id === id);
      assert.equal(delivered?.payload, message(61_440));
      assert.equal(room.status, { state: 'synced', missing: 0, lost: 0 });
    }
  });
}

test.run();
