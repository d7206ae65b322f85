/**
 * A whole peer in a topic, with an honest neighbour, a hostile one that has a true session, and strangers. It joins causally,
 * so that what is missing is waited for.
 */
import { ok } from 'node:assert/strict';
import { generateKeyPair, publicTopic, seededRandom } from '@srp/identity';
import { type Address, after, type Instant, type PacketId, readU16, toHex, utf8, utf8Text, wakeup } from '@srp/machine';
import { PeerProtocol, type PeerInput, type PeerOutput } from '@srp/peer/protocol';
import { composePacket, encodeFrame, type Life, type PacketKind } from '@srp/wire';
import type { Chance } from '../chance.js';
import { mutated } from '../mutate.js';
import { addressOf, author, frameBytes, frames, packets, signed, square, start } from '../samples.js';
import type { Subject, Target } from '../target.js';
import { type Flight, type Node, type Sent, World } from '../world.js';
import { LinkNode, tamper } from './link.js';

class PeerNode implements Node {
  readonly address: Address;
  readonly protocol: PeerProtocol;
  /** Texts that were shown to the app, by object. */
  readonly shown = new Map<PacketId, string | null>();

  constructor(seed: number, address: string) {
    const random = seededRandom(new Uint8Array(32).fill(seed));
    this.address = addressOf(address);
    this.protocol = new PeerProtocol({ keys: generateKeyPair(random), author: generateKeyPair(random), random, cacheBytes: 256 * 1024 });
  }

  tell(now: Instant, input: PeerInput): readonly Sent[] {
    return this.#sent(this.protocol.handle(now, input));
  }

  arrive(now: Instant, from: Address, bytes: Uint8Array): readonly Sent[] {
    return this.tell(now, { kind: 'datagram', from, bytes });
  }

  wake(now: Instant): readonly Sent[] {
    return this.tell(now, wakeup);
  }

  deadline(): Instant | null {
    return this.protocol.deadline();
  }

  #sent(outputs: readonly PeerOutput[]): readonly Sent[] {
    for (const output of outputs) {
      if (output.kind !== 'delivered') continue;
      const { id, payload } = output.delivery;
      ok(!this.shown.has(id), `${id} was delivered twice`);
      this.shown.set(id, utf8Text(payload));
    }
    return outputs.filter((output) => output.kind === 'transmit');
  }
}

const strangers = ['198.51.100.1:1111', '[2001:db8::1]:3333', '127.0.0.1:5555'].map(addressOf);
const happenings = ['throw', 'spoof-honest', 'spoof-hostile', 'say', 'tamper', 'replay', 'pass', 'restart'] as const;

interface Scene {
  readonly world: World;
  readonly victim: PeerNode;
  readonly honest: PeerNode;
  hostile: LinkNode;
  readonly history: Flight[];
  readonly traffic: Map<Address, { in: number; out: number }>;
}

const hostileAddress = '198.51.100.200:6666';

const setUp = (): Scene => {
  const world = new World();
  const victim = new PeerNode(21, '192.0.2.1:4001');
  const honest = new PeerNode(22, '203.0.113.130:4002');
  const scene: Scene = { world, victim, honest, hostile: new LinkNode(23, hostileAddress), history: [], traffic: new Map(strangers.map((address) => [address, { in: 0, out: 0 }])) };
  for (const node of [victim, honest, scene.hostile]) world.add(node);
  world.onSent = (flight) => {
    ok(flight.bytes.length <= 1232, `a datagram of ${flight.bytes.length} bytes`);
    if (scene.history.length < 500) scene.history.push(flight);
    const account = scene.traffic.get(flight.to);
    if (account !== undefined) account.out += flight.bytes.length;
  };
  for (const node of [victim, honest]) world.send(node, node.tell(world.now, { kind: 'join', topic: square, mode: 'causal' }));
  world.send(honest, honest.tell(world.now, { kind: 'connect', peer: victim.protocol.id, address: victim.address }));
  connectHostile(scene);
  world.settle();
  publish(scene, honest, 'good day');
  publish(scene, victim, 'good day to you');
  world.pass(1000);
  return scene;
};

const connectHostile = ({ world, victim, hostile }: Scene): void => world.send(hostile, hostile.tell(world.now, { kind: 'connect', peer: victim.protocol.id, address: victim.address }));
const publish = ({ world }: Scene, node: PeerNode, text: string): void => {
  world.send(node, node.tell(world.now, { kind: 'publish', topic: square.id, payload: utf8(text), life: 2 }));
  world.settle();
};
/** What the hostile neighbour says in its session, whatever it is. */
const say = ({ world, victim, hostile }: Scene, frame: Uint8Array): void => {
  if (frame.length < 1 || frame.length > 1198) return; // its own link would not let it
  world.send(hostile, hostile.tell(world.now, { kind: 'send', peer: victim.protocol.id, frame }));
  world.settle();
};

/** Everything that was sent while the three met and talked. */
const captured: readonly Uint8Array[] = (() => {
  const scene = setUp();
  for (const frame of frames) say(scene, encodeFrame(frame));
  scene.world.pass(30_000);
  return scene.history.map(({ bytes }) => bytes);
})();

const topics = [square, publicTopic('elsewhere')];
const ids = packets.map(({ id }) => id);
const strangeId = (chance: Chance): PacketId => (chance.oneIn(2) ? chance.pick(ids) : (toHex(Uint8Array.of(1, ...chance.bytes(15))) as PacketId));

/** An object that its author really signed, whatever it claims. */
const strangeObject = (chance: Chance): Uint8Array => {
  const random = seededRandom(chance.bytes(32));
  const topic = chance.pick(topics);
  const now = after(start, chance.pick([0, 0, 0, -3_600_000, -86_400_000 * 8, 500_000, 3_600_000]));
  const life = chance.below(4) as Life;
  const kind = chance.pick<PacketKind>(['message', 'message', 'part', 'manifest']);
  const prev = chance.oneIn(2) ? strangeId(chance) : null;
  if (chance.oneIn(3)) {
    return signed({ kind, life, postage: chance.below(17), time: Math.floor(now / 1000), tag: topic.tag, prev, next: null, body: chance.bytes(40 + chance.below(1025)) });
  }
  const parents = Array.from({ length: chance.below(9) }, () => strangeId(chance));
  const envelope = kind === 'part' ? {} : { envelope: { ms: chance.below(1000), parents: [...new Set(parents)] } };
  return composePacket({ topic, author, now, life, kind, prev, payload: chance.bytes(chance.below(200)), random, ...envelope }).bytes;
};

const make = (chance: Chance): Uint8Array => {
  const happening = chance.pick([0, 0, 1, 1, 2, 3, 3, 3, 3, 3, 3, 4, 4, 5, 6, 7]);
  const which = chance.below(256);
  if (happening <= 2) return Uint8Array.of(happening, which, ...mutated(chance, captured));
  if (happening === 3) return Uint8Array.of(happening, which, ...(chance.oneIn(2) ? strangeObject(chance) : mutated(chance, frameBytes)));
  return Uint8Array.of(happening, which, ...chance.bytes(4));
};

const open = (): Subject => {
  const scene = setUp();
  const { world, victim, honest, history, traffic } = scene;
  const arrive = (from: Address, bytes: Uint8Array): void => {
    const account = traffic.get(from);
    if (account !== undefined) account.in += bytes.length;
    world.arrive({ from, to: victim.address, bytes });
    world.settle();
  };
  return {
    feed: (input) => {
      const which = input[1] ?? 0;
      const rest = input.subarray(2);
      switch (happenings[(input[0] ?? 0) % happenings.length] ?? 'throw') {
        case 'throw':
          arrive(strangers[which % strangers.length] as Address, rest);
          break;
        case 'spoof-honest':
          arrive(honest.address, rest);
          break;
        case 'spoof-hostile':
          arrive(scene.hostile.address, rest);
          break;
        case 'say':
          say(scene, rest);
          break;
        case 'tamper':
          world.send(honest, honest.tell(world.now, { kind: 'publish', topic: square.id, payload: utf8(`on the way ${toHex(rest)}`), life: 2 }));
          tamper(world, which, rest);
          break;
        case 'replay': {
          const flight = history[rest.length < 2 ? 0 : readU16(rest, 0) % history.length];
          if (flight !== undefined) arrive(which % 2 === 0 ? flight.from : (strangers[which % strangers.length] as Address), flight.bytes);
          break;
        }
        case 'pass':
          world.pass(which * (1 + (rest[0] ?? 0) % 40));
          break;
        case 'restart':
          scene.hostile = new LinkNode(23 + (which % 8), hostileAddress);
          world.add(scene.hostile);
          connectHostile(scene);
          world.settle();
      }
    },
    check: () => {
      const text = `still there at ${world.now}`;
      publish(scene, honest, text);
      const isShown = (): boolean => [...victim.shown.values()].includes(text);
      ok(world.passUntil(isShown, 300_000), `an honest packet is not delivered; dropped: ${JSON.stringify(victim.protocol.dropped.snapshot())}`);
      for (const [address, { in: incoming, out }] of traffic) ok(out <= 3 * incoming, `${address} proved nothing, sent ${incoming} bytes and got ${out}`);
    },
  };
};

export const peer: Target = { name: 'peer', inputsPerCase: 500, inputMsMax: 500, grownBytesMax: 16 * 1024 * 1024, make, open };
