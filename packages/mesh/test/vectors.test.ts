// The committed vectors: current, and what the slow twin makes of them.
import { suite } from 'uvu';
import { is } from 'uvu/assert';
import { readVectors, vectorsSuite } from '../../../scripts/vectors.mjs';
import { peerPosition, topicPosition } from './reference/position.js';
import { makeVectors } from './vectors.js';

vectorsSuite(makeVectors());

interface File {
  readonly peers: readonly { readonly description: string; readonly peer: string; readonly address: string; readonly position: string }[];
  readonly topics: readonly { readonly description: string; readonly tag: string; readonly day: number; readonly position: string }[];
}
const file = readVectors('positions.json') as File;
const test = suite('positions.json');

/** Cut by hand, so that no parser is trusted: where each address of the file belongs. */
const networks: Readonly<Record<string, readonly number[] | null>> = {
  '192.0.2.7:4711': [192, 0, 2],
  '192.0.2.200:1': [192, 0, 2],
  '[2001:db8::7]:4711': [0x20, 0x01, 0x0d, 0xb8],
  '[2001:db8:ffff::1]:4711': [0x20, 0x01, 0x0d, 0xb8],
  '192.168.1.2:4711': null,
  '100.64.0.1:4711': null,
  '[fe80::1]:4711': null,
  '127.0.0.1:4711': null,
};

test('positions are what other code makes of the same rule', () => {
  for (const { description, peer, address, position } of file.peers) is(position, peerPosition(peer, networks[address]!), description);
  for (const { description, tag, day, position } of file.topics) is(position, topicPosition(tag, day), description);
});

test.run();
