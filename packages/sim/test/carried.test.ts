/** Which datagrams carry which packet. */
import { type CarriedObject, Network } from '@srp/sim';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('carried packets');

/** Two peers, one publish, and what carried it; everything is lost from 5 s on if `isCut`. */
const run = ({ isCut, isWatched = true }: { isCut: boolean; isWatched?: boolean }) => {
  const passages: CarriedObject[] = [];
  const net = new Network({ seed: 3, ...(isWatched ? { onCarried: (passage: CarriedObject) => void passages.push(passage) } : {}) });
  const hub = net.peer({ name: 'hub' });
  const alice = net.peer({ name: 'alice', nat: 'port-restricted', knows: [hub] });
  const [room, heard] = [alice.join('tea'), hub.join('tea')];
  net.run(5_000);
  if (isCut) net.links({ loss: 1 });
  const id = room.publish('The kettle is on.');
  net.run(500);
  const told = passages.filter((passage) => passage.id === id).map(({ kind, peer, byteCount }) => ({ kind, peer: peer.name, byteCount }));
  return { told, passages, hasArrived: heard.has(id), traceHash: net.traceHash };
};

test('are told when a datagram leaves and when it arrives, with the size of the datagram', () => {
  const { told, passages, hasArrived } = run({ isCut: false });
  assert.ok(hasArrived);
  const { byteCount } = told[0]!;
  assert.ok(byteCount > 150 && byteCount < 400, `${byteCount} bytes`);
  assert.equal(told, [{ kind: 'sent', peer: 'alice', byteCount }, { kind: 'received', peer: 'hub', byteCount }]);
  assert.is(passages.length, 2, 'other datagrams carry nothing');
});

test('are told to be sent and not to be received when the link loses them', () => {
  const { told, hasArrived } = run({ isCut: true });
  assert.not(hasArrived);
  assert.equal(told.map(({ kind }) => kind), ['sent']);
});

test('are told without any change of what happens', () => {
  assert.is(run({ isCut: false }).traceHash, run({ isCut: false, isWatched: false }).traceHash);
});

test.run();
