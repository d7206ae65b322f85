/** Each invariant breaks when a machine breaks it, and only then: honest machines run under all of them in every other test. */
import { instant, makeAddress, utf8 } from '@srp/machine';
import type { PeerOutput } from '@srp/peer/protocol';
import { type Invariant, type MachineMaker, Network, SimError, type SimPeerOptions } from '@srp/sim';
import { decodePacket, restamp } from '@srp/wire';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bent, freshlyStamped, gossip } from './gossip.js';

const test = suite('invariants');

/** A hub and two guests chat; the hub runs `machine`. */
const chatThrough = (machine: MachineMaker, options: SimPeerOptions = {}): void => {
  const net = new Network({ seed: 4, machine: gossip });
  const hub = net.peer({ name: 'hub', machine, ...options });
  const rooms = [hub, net.peer({ nat: 'hard', knows: [hub] }), net.peer({ nat: 'hard', knows: [hub] })].map((peer) => peer.join('tea'));
  net.run(2_000);
  for (const room of rooms) {
    room.publish('hello');
    net.run(1_000);
  }
};

const breaks = (invariant: Invariant, machine: MachineMaker, options: SimPeerOptions = {}): void => {
  const isIt = (error: unknown): boolean => {
    assert.instance(error, SimError);
    assert.is((error as SimError).invariant, invariant);
    assert.match((error as SimError).message, /Seed 4\n/);
    return true;
  };
  assert.throws(() => chatThrough(machine, options), isIt);
};

/** Puts outputs of one kind through `change`. */
const changing = <Kind extends PeerOutput['kind']>(kind: Kind, change: (output: Extract<PeerOutput, { kind: Kind }>) => readonly PeerOutput[]): MachineMaker =>
  bent((outputs) => outputs.flatMap((output) => (output.kind === kind ? change(output as Extract<PeerOutput, { kind: Kind }>) : [output])));

test('hold while honest machines talk', () => {
  chatThrough(gossip);
});

test('no datagram above 1232 bytes', () => {
  const grown = (count: number): MachineMaker => changing('transmit', (output) => [{ ...output, bytes: new Uint8Array(count) }]);
  breaks('datagram-size', grown(1_233));
  chatThrough(grown(1_232));
});

test('no datagram to an address that nobody can have told', () => {
  const guessed = makeAddress('198.18.0.99', 4_000)!;
  breaks('address-told', changing('transmit', (output) => [output, { ...output, to: guessed }]));
  const isPort = (port: number): MachineMaker => changing('transmit', (output) => [{ ...output, to: makeAddress(output.to.split(':')[0]!, port)! }]);
  breaks('address-told', isPort(1_025));
});

test('an address that a neighbour knows may have been told, one that nobody nearby knows may not', () => {
  const net = new Network({ seed: 1, machine: gossip });
  const [hub, lonely] = [net.peer(), net.peer()];
  const [alice, bob] = [net.peer({ nat: 'hard', knows: [hub] }), net.peer({ nat: 'hard', knows: [hub] })];
  net.run(2_000);
  const [ofAlice, ofBob] = hub.neighbours().map(({ address }) => address);
  const sendFrom = (peer: typeof alice, to: typeof ofBob): void => {
    const handle = peer.machine.handle.bind(peer.machine);
    peer.machine.handle = (now, input) => [...handle(now, input), { kind: 'transmit', to: to!, bytes: utf8('hi') }];
    net.run(2_000);
  };
  sendFrom(alice, ofBob);
  sendFrom(bob, ofAlice);
  assert.throws(() => sendFrom(alice, lonely.address), (error: unknown) => error instanceof SimError && error.invariant === 'address-told');
});

test('nothing is delivered twice to one app', () => {
  breaks('delivered-once', changing('delivered', (output) => [output, output]));
});

test('nothing is delivered that was changed, invented or not wanted', () => {
  const other = (change: (output: Extract<PeerOutput, { kind: 'delivered' }>) => object): MachineMaker =>
    changing('delivered', (output) => (output.how === 'arrived' ? [{ ...output, delivery: { ...output.delivery, ...change(output) } }] : [output]));
  breaks('delivered-true', other(() => ({ payload: utf8('help!') })));
  breaks('delivered-true', other(() => ({ sentAtMs: 1 })));
  breaks('delivered-true', other(({ delivery }) => ({ previous: delivery.id })));
  breaks('delivered-true', other(({ delivery }) => ({ parents: [delivery.id] })));
  breaks('delivered-true', other(() => ({ id: '00'.repeat(16) })));
  breaks('delivered-true', other(() => ({ topic: '00'.repeat(32) })));
});

test('nothing is delivered whose signature does not hold', () => {
  breaks('delivered-signed', bent((outputs, input) =>
    outputs.map((output) => {
      if (output.kind !== 'put' || input.kind !== 'datagram') return output;
      const bytes = output.record.bytes.slice();
      bytes[100]! ^= 1; // inside of the signature
      return { ...output, record: { ...output.record, bytes } };
    }),
  ));
});

test('nothing that others can fill is fuller than it may be', () => {
  const filled = (size: number): MachineMaker => (options) => {
    const machine = gossip(options);
    return { id: machine.id, dropped: machine.dropped, handle: (now, input) => machine.handle(now, input), deadline: () => machine.deadline(), neighbours: () => [], book: () => null, bounds: () => [{ name: 'letters', size, max: 9 }] };
  };
  const runs = (size: number) => (): void => {
    const net = new Network({ seed: 4, machine: filled(size) });
    net.peer({ knows: [net.peer()] });
    net.run(100_000);
  };
  runs(9)();
  assert.throws(runs(10), (error: unknown) => error instanceof SimError && error.invariant === 'within-bounds');
});

const restamped = (postage: (before: number) => number): MachineMaker =>
  bent((outputs, input) =>
    outputs.map((output) => {
      if (output.kind !== 'put' || input.kind !== 'datagram') return output;
      const { record } = output;
      return { ...output, record: { ...record, bytes: restamp(record.bytes, postage(record.bytes[1]!)) } };
    }),
  );

test('postage falls with every hop', () => {
  breaks('postage-falls', restamped((before) => before + 1));
  breaks('postage-falls', restamped(() => 16));
});

test('postage of a pull is taken only by who can have asked', () => {
  // The hub passes on what it got as if it were fresh. Its guests then keep 15, which is what asking gives, but nobody told them of the object before.
  breaks('postage-falls', changing('transmit', (output) => [decodePacket(output.bytes).ok ? { ...output, bytes: freshlyStamped(output.bytes) } : output]));
});

test('a peer may pass on what it does not keep, with the postage it has', () => {
  const keepsNothing = changing('put', () => []);
  chatThrough(keepsNothing);
  breaks('postage-falls', bent((outputs) => outputs.flatMap((output) => {
    if (output.kind === 'put') return [];
    return [output.kind === 'transmit' && decodePacket(output.bytes).ok ? { ...output, bytes: freshlyStamped(output.bytes) } : output];
  })));
});

test('a kept object does not get its postage back', () => {
  let kept: Extract<PeerOutput, { kind: 'put' }> | null = null;
  breaks(
    'postage-falls',
    bent((outputs) => {
      const again = kept === null ? [] : [{ ...kept, record: { ...kept.record, bytes: freshlyStamped(kept.record.bytes) } }];
      kept = outputs.find((output) => output.kind === 'put') ?? kept;
      return [...outputs, ...again];
    }),
  );
});

test('no machine throws for what others send', () => {
  const throwing: MachineMaker = bent((outputs, input) => {
    if (input.kind === 'datagram') throw new TypeError('I did not expect that');
    return outputs;
  });
  breaks('never-throws', throwing);
});

test('no machine asks for the same instant for ever', () => {
  const spinning: MachineMaker = (options) => {
    const machine = gossip(options);
    return { id: machine.id, dropped: machine.dropped, handle: (now, input) => machine.handle(now, input), deadline: () => instant(0), neighbours: () => [], book: () => null };
  };
  breaks('never-spins', spinning);
});

test('a hostile peer is held to nothing, and what it sends is not believed for it', () => {
  chatThrough(changing('transmit', (output) => [output, { ...output, bytes: new Uint8Array(2_000) }]), { isHostile: true });
  const flooding = changing('transmit', (output) => [decodePacket(output.bytes).ok ? { ...output, bytes: freshlyStamped(output.bytes) } : output]);
  chatThrough(flooding, { isHostile: true });
});

test.run();
