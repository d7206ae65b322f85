/**
 * A flood through one neighbour against a whole peer: rates, then the cache. 10 000 objects a second of 1 000 fresh keys, of
 * topics nobody here joined, and of the joined one by somebody who has its key; how much of what is held for that topic is lost.
 */
import { generateKeyPair, publicTopic, seededRandom, type Topic } from '@srp/identity';
import { Link, type LinkInput } from '@srp/link';
import { type Address, after, type Instant, instant, type PacketId, parseAddress } from '@srp/machine';
import { type PeerInput, type PeerOutput, PeerProtocol } from '@srp/peer/protocol';
import { composePacket } from '@srp/wire';
import { test } from 'uvu';
import { ok } from 'uvu/assert';

const random = seededRandom(new Uint8Array(32).fill(3));
const start = instant(1_800_000_000_000);
const cacheBytes = 1024 * 1024;
const topic = publicTopic('flooded');

/** A peer, and what it keeps on its disk: all it holds, for nothing here lives two minutes. */
class Host {
  readonly protocol = new PeerProtocol({ keys: generateKeyPair(random), author: generateKeyPair(random), random, cacheBytes });
  readonly disk = new Set<PacketId>();

  handle(now: Instant, input: PeerInput): readonly PeerOutput[] {
    const outputs = this.protocol.handle(now, input);
    for (const output of outputs) {
      if (output.kind === 'put') this.disk.add(output.record.id);
      if (output.kind === 'delete') this.disk.delete(output.id);
    }
    return outputs;
  }
}

/** A neighbour that speaks for itself: a link of its own to the peer, and no protocol behind it. */
class Neighbour {
  readonly #link = new Link({ keys: generateKeyPair(random), random: random.fork('neighbour') });
  readonly #address: Address;
  readonly #peer: Host;

  constructor(peer: Host, address: string, now: Instant) {
    this.#peer = peer;
    this.#address = parseAddress(address) as Address;
    this.#say(now, { kind: 'connect', peer: peer.protocol.id, address: parseAddress('192.0.2.1:4000') as Address });
  }

  send(now: Instant, bytes: Uint8Array): void {
    this.#say(now, { kind: 'send', peer: this.#peer.protocol.id, frame: bytes });
  }

  #say(now: Instant, input: LinkInput): void {
    for (const said of this.#link.handle(now, input)) {
      if (said.kind !== 'transmit') continue;
      for (const answer of this.#peer.handle(now, { kind: 'datagram', from: this.#address, bytes: said.bytes })) {
        if (answer.kind === 'transmit' && answer.to === this.#address) this.#say(now, { kind: 'datagram', from: answer.to, bytes: answer.bytes });
      }
    }
  }
}

/** A peer whose cache is full of what came for its topic, from six neighbours, as fast as they may. */
const full = (): { peer: Host; held: PacketId[]; now: Instant } => {
  const peer = new Host();
  let now = start;
  peer.handle(now, { kind: 'join', topic, mode: 'live' });
  const neighbours = Array.from({ length: 6 }, (_, n) => new Neighbour(peer, `198.51.${n}.1:4000`, now));
  const authors = Array.from({ length: 20 }, () => generateKeyPair(random));
  for (let n = 0; n < 900; n += 1) {
    now = after(start, n * 4);
    neighbours[n % 6]?.send(now, composePacket({ topic, author: authors[n % 20]!, now, prev: null, payload: new Uint8Array(500).fill(n), random }).bytes);
  }
  ok(peer.protocol.cacheUse().bytes > 0.98 * cacheBytes);
  return { peer, held: [...peer.disk], now };
};

const lost = (flooded: Topic): number => {
  const { peer, held, now: begin } = full();
  const attacker = new Neighbour(peer, '203.0.113.1:4000', begin);
  const keys = Array.from({ length: 1_000 }, () => generateKeyPair(random));
  // A fifth of a second. What the rates let pass of it is, in the own topic, more than the whole cache holds.
  for (let n = 0; n < 2_000; n += 1) {
    const now = after(begin, n / 10);
    attacker.send(now, composePacket({ topic: flooded, author: keys[n % 1_000]!, now, prev: null, payload: new Uint8Array(500).fill(n), random }).bytes);
  }
  ok((peer.protocol.dropped.snapshot()['too-fast'] ?? 0) > 500, 'the rates have cut off much');
  return (100 * held.filter((id) => !peer.disk.has(id)).length) / held.length;
};

test('a flood in other topics displaces at most 5 % of what is held for the own one', () => {
  const percent = lost(publicTopic('elsewhere'));
  ok(percent <= 5, `${percent} %`);
});

test('a flood in the own topic, by one who has its key, displaces at most 5 % of what is held', () => {
  const percent = lost(topic);
  ok(percent <= 5, `${percent} %`);
});

test.run();
