/** A link while it shakes hands and while it has a session: datagrams from anybody, and an attacker on the path. */
import { ok } from 'node:assert/strict';
import { generateKeyPair, type KeyPair, seededRandom } from '@srp/identity';
import { Link, type LinkInput, type LinkOutput } from '@srp/link';
import { type Address, equalBytes, type Instant, type PeerId, readU16, utf8, wakeup } from '@srp/machine';
import type { Chance } from '../chance.js';
import { mutated } from '../mutate.js';
import { addressOf } from '../samples.js';
import type { Subject, Target } from '../target.js';
import { type Flight, type Node, type Sent, World } from '../world.js';

/** A link with an address, and the frames it got. */
export class LinkNode implements Node {
  readonly address: Address;
  readonly link: Link;
  readonly received: Uint8Array[] = [];

  constructor(seed: number, address: string, keys?: KeyPair) {
    const random = seededRandom(new Uint8Array(32).fill(seed));
    this.address = addressOf(address);
    this.link = new Link({ keys: keys ?? generateKeyPair(random), random });
  }

  tell(now: Instant, input: LinkInput): readonly Sent[] {
    return this.#sent(this.link.handle(now, input));
  }

  arrive(now: Instant, from: Address, bytes: Uint8Array): readonly Sent[] {
    return this.tell(now, { kind: 'datagram', from, bytes });
  }

  wake(now: Instant): readonly Sent[] {
    return this.tell(now, wakeup);
  }

  deadline(): Instant | null {
    return this.link.deadline();
  }

  hasSession(peer: PeerId): boolean {
    return this.link.sessionOf(peer) !== null;
  }

  #sent(outputs: readonly LinkOutput[]): readonly Sent[] {
    for (const output of outputs) if (output.kind === 'received') this.received.push(output.frame);
    return outputs.filter((output) => output.kind === 'transmit');
  }
}

const strangers = ['198.51.100.1:1111', '203.0.113.5:2222', '[2001:db8::1]:3333', '10.0.0.1:4444', '127.0.0.1:5555'].map(addressOf);
const happenings = ['throw', 'spoof', 'tamper', 'replay', 'pass', 'connect', 'network-changed'] as const;

interface Scene {
  readonly world: World;
  readonly victim: LinkNode;
  readonly honest: LinkNode;
  /** Everything that was ever sent. */
  readonly history: Flight[];
  /** Bytes to each stranger, and from it. */
  readonly traffic: Map<Address, { in: number; out: number }>;
}

const setUp = (): Scene => {
  const world = new World();
  const scene: Scene = { world, victim: new LinkNode(11, '192.0.2.1:4001'), honest: new LinkNode(12, '192.0.2.130:4002'), history: [], traffic: new Map(strangers.map((address) => [address, { in: 0, out: 0 }])) };
  world.add(scene.victim);
  world.add(scene.honest);
  world.onSent = (flight) => {
    ok(flight.bytes.length <= 1232, `a datagram of ${flight.bytes.length} bytes`);
    if (scene.history.length < 500) scene.history.push(flight);
    const account = scene.traffic.get(flight.to);
    if (account !== undefined) account.out += flight.bytes.length;
  };
  return scene;
};

const connect = ({ world, victim, honest }: Scene): void => world.send(honest, honest.tell(world.now, { kind: 'connect', peer: victim.link.self, address: victim.address }));

/** Datagrams of every type that two honest links send each other, and those that nobody sends unasked. */
const captured: readonly Uint8Array[] = (() => {
  const scene = setUp();
  connect(scene);
  scene.world.settle();
  const { world, victim, honest } = scene;
  for (const size of [1, 200, 1198]) world.send(victim, victim.tell(world.now, { kind: 'send', peer: honest.link.self, frame: new Uint8Array(size).fill(0x51) }));
  world.settle();
  world.pass(60_000);
  const cookie = Uint8Array.of(7, ...new Uint8Array(60).fill(3));
  const relay = Uint8Array.of(9, 0, 0, 0, 1, 8, ...new Uint8Array(40));
  const punch = Uint8Array.of(10, ...new Uint8Array(8).fill(5));
  return [...scene.history.map(({ bytes }) => bytes), cookie, relay, punch];
})();

const make = (chance: Chance): Uint8Array => {
  const happening = chance.pick([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6]);
  const needsDatagram = happening < 2;
  return Uint8Array.of(happening, chance.below(256), ...(needsDatagram ? mutated(chance, captured) : chance.bytes(4)));
};

const open = (): Subject => {
  const scene = setUp();
  const { world, victim, honest, history, traffic } = scene;
  const fromStranger = (from: Address, bytes: Uint8Array): void => {
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
          fromStranger(strangers[which % strangers.length] as Address, rest);
          break;
        case 'spoof':
          world.arrive({ from: honest.address, to: victim.address, bytes: rest });
          world.settle();
          break;
        case 'tamper':
          if (honest.hasSession(victim.link.self)) world.send(honest, honest.tell(world.now, { kind: 'send', peer: victim.link.self, frame: utf8('on the way') }));
          else connect(scene);
          tamper(world, which, rest);
          break;
        case 'replay': {
          const flight = history[rest.length < 2 ? 0 : readU16(rest, 0) % history.length];
          if (flight === undefined) break;
          if (which % 2 === 0) fromStranger(strangers[which % strangers.length] as Address, flight.bytes);
          else world.arrive(flight);
          world.settle();
          break;
        }
        case 'pass':
          world.pass(which * (rest[0] ?? 1));
          break;
        case 'connect':
          connect(scene);
          world.settle();
          break;
        case 'network-changed':
          world.send(victim, victim.tell(world.now, { kind: 'network-changed' }));
          world.settle();
      }
    },
    check: () => {
      const word = utf8(`still there at ${world.now}`);
      const heard = (): boolean => victim.received.some((frame) => equalBytes(frame, word));
      for (let attempt = 0; attempt < 60 && !heard(); attempt += 1) {
        if (honest.hasSession(victim.link.self)) world.send(honest, honest.tell(world.now, { kind: 'send', peer: victim.link.self, frame: word }));
        else connect(scene);
        world.settle();
        world.pass(1000);
      }
      ok(heard(), 'an honest peer is no longer heard');
      for (const [address, { in: incoming, out }] of traffic) ok(out <= 3 * incoming, `${address} proved nothing, sent ${incoming} bytes and got ${out}`);
    },
  };
};

/** What is in the air arrives changed in one byte, late, twice, or not at all. */
export const tamper = (world: World, how: number, [place = 0, offset = 0, flip = 1]: Uint8Array): void => {
  const flights = world.grab();
  for (const [index, flight] of flights.entries()) {
    const isChosen = index === place % Math.max(1, flights.length);
    if (!isChosen || how % 4 === 1) world.arrive(flight);
    if (!isChosen || how % 4 === 3) continue;
    const bytes = new Uint8Array(flight.bytes);
    const at = (offset * 257) % Math.max(1, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (flip | 1);
    world.arrive({ ...flight, bytes: how % 4 === 2 ? bytes.subarray(0, at) : bytes });
  }
  world.settle();
};

export const link: Target = { name: 'link', inputsPerCase: 600, inputMsMax: 200, grownBytesMax: 8 * 1024 * 1024, make, open };
