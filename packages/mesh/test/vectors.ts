/** The conformance vectors of this package, made anew: `npm run vectors` writes them. */
import { parseAddress, type PeerId, type TopicTag } from '@srp/machine';
import type { VectorFile } from '../../../scripts/vectors.mjs';
import { positionOfPeer, positionOfTopic } from '../dist/routing/position.js';

const key = (first: string): PeerId => first.padEnd(64, '5a') as PeerId;

const peers = (
  [
    ['IPv4: the first three bytes of the address and three bits of the key', '2b', '192.0.2.7:4711'],
    ['the last byte of the address and the port do not count', '2b', '192.0.2.200:1'],
    ['nor do the other bits of the key', 'f3', '192.0.2.7:4711'],
    ['the three bits count', '2c', '192.0.2.7:4711'],
    ['IPv6: the first four bytes of the address and the first of the key', '2b', '[2001:db8::7]:4711'],
    ['the rest of the address does not count', '2b', '[2001:db8:ffff::1]:4711'],
    ['all bits of the first byte of the key count', 'f3', '[2001:db8::7]:4711'],
    ['a private address: the whole key alone', '2b', '192.168.1.2:4711'],
    ['shared by a provider: the same', '2b', '100.64.0.1:4711'],
    ['link-local: the same', '2b', '[fe80::1]:4711'],
    ['loopback: the same', '2b', '127.0.0.1:4711'],
  ] as const
).map(([description, first, address]) => ({ description, rule: 'M-33', peer: key(first), address, position: positionOfPeer(key(first), parseAddress(address)!) }));

const topics = (
  [
    ['a topic on one day', '0011223344556677', 20_778],
    ['on the next', '0011223344556677', 20_779],
    ['another topic', '0011223344556678', 20_778],
  ] as const
).map(([description, tag, day]) => ({ description, rule: 'M-34', tag, day, position: positionOfTopic(tag as TopicTag, day) }));

export const makeVectors = () =>
  ({
    'positions.json': {
      version: 1,
      spec: 'Rendezvous',
      provenance: 'Made by packages/mesh/test/vectors.ts; confirmed by packages/mesh/test/reference/position.ts, which hashes with OpenSSL and cuts the addresses by hand.',
      peers,
      topics,
    },
  }) satisfies Record<string, VectorFile>;
