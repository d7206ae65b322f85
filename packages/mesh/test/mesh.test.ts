import { after, type Instant, type PeerId, wakeup } from '@srp/machine';
import { Mesh, type MeshInput, type MeshOutput } from '@srp/mesh';
import { type Hello, type Peers } from '@srp/wire';
import { test } from 'uvu';
import { equal, is, ok, throws } from 'uvu/assert';
import { address, addressOf, framesOf, only, packet, peer, random, start, tag } from './net.js';
import { numberOf, One } from './one.js';

const self = peer(0xfff);
const fresh = (): Mesh => new Mesh({ self, random: random(), has: () => false });
const hello = (...tags: readonly number[]): Hello => ({ kind: 'hello', version: 1, tags: tags.map(tag), addresses: [], mapping: 'unknown', filtering: 'unknown' });
const up = (mesh: Mesh, n: number, at: Instant = start): readonly MeshOutput[] => mesh.handle(at, { kind: 'up', peer: peer(n), address: addressOf(n) });
const down = (mesh: Mesh, n: number, at: Instant = start): readonly MeshOutput[] => mesh.handle(at, { kind: 'down', peer: peer(n) });
const says = (mesh: Mesh, n: number, frame: Extract<MeshInput, { kind: 'frame' }>['frame'], at: Instant = start): readonly MeshOutput[] => mesh.handle(at, { kind: 'frame', peer: peer(n), frame });
const publish = (mesh: Mesh, from: PeerId | null = null, postage = 16, recipient?: PeerId): readonly MeshOutput[] =>
  mesh.handle(start, { kind: 'fresh', id: packet(1), tag: tag(1), postage, from, ...(recipient === undefined ? {} : { recipient }) });
/** A mesh with neighbours 1..count, of which 1..subscribers have topic 1. */
const meshWith = (count: number, subscribers: number): Mesh => {
  const mesh = fresh();
  for (let n = 1; n <= count; n += 1) {
    up(mesh, n);
    if (n <= subscribers) says(mesh, n, hello(1));
  }
  return mesh;
};
/** Runs the machine's own wakeups until `until`. */
const run = (mesh: Mesh, until: Instant): { readonly at: Instant; readonly output: MeshOutput }[] => {
  const said: { at: Instant; output: MeshOutput }[] = [];
  for (let at = mesh.deadline(), rounds = 0; at !== null && at <= until; at = mesh.deadline(), rounds += 1) {
    if (rounds > 100_000) throw new Error('the deadline does not move on');
    for (const output of mesh.handle(at, wakeup)) said.push({ at, output });
  }
  return said;
};

test('a new neighbour hears HELLO and is asked for what is looked for', () => {
  const mesh = fresh();
  is(mesh.deadline() === null, true);
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  equal(framesOf(up(mesh, 1)).map(({ to, frame }) => [to, frame]), [
    [peer(1), hello(1)],
    [peer(1), { kind: 'find', tag: null }],
    [peer(1), { kind: 'find', tag: tag(1) }],
  ]);
});

test('what rode in the handshake is not said again unless it has changed', () => {
  const mesh = fresh();
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  const said = mesh.greeting(peer(1));
  equal(said, [hello(1), { kind: 'find', tag: tag(1) }, { kind: 'find', tag: null }]);
  equal(framesOf(mesh.handle(start, { kind: 'up', peer: peer(1), address: addressOf(1), said })), []);
  is(framesOf(run(mesh, after(start, 29_000)).map(({ output }) => output)).filter(({ frame }) => frame.kind === 'hello').length, 0, 'none was lost');
  const names: Peers = { kind: 'peers', tag: tag(1), peers: [{ peer: peer(5), address: addressOf(5) }], closer: [] };
  equal(says(mesh, 1, names), [{ kind: 'reach', peer: peer(5), via: [peer(1)] }], 'it was asked');
  mesh.handle(start, { kind: 'join', tag: tag(2) });
  equal(framesOf(mesh.handle(start, { kind: 'up', peer: peer(2), address: addressOf(2), said })).map(({ frame }) => frame), [hello(1, 2), { kind: 'find', tag: tag(2) }]);
});

test('what comes with an INIT is answered and changes nothing', () => {
  const mesh = meshWith(3, 1);
  const asker = { peer: peer(9), address: addressOf(9) };
  equal(mesh.answer(asker, hello(1)), hello());
  equal(mesh.answer(asker, { kind: 'find', tag: tag(1) }), { kind: 'peers', tag: tag(1), peers: [{ peer: peer(1), address: addressOf(1) }], closer: [] });
  is(mesh.answer({ ...asker, peer: peer(1) }, { kind: 'find', tag: tag(1) }), null, 'it is the only one');
  is(fresh().answer(asker, { kind: 'find', tag: tag(1) }), null);
  is(mesh.answer(asker, { kind: 'bye', reason: 0 }), null);
  equal(mesh.subscribersOf(tag(1)), [peer(1)]);
  is(mesh.neighbours().length, 3);
});

test('several new topics are told in one HELLO, soon', () => {
  const mesh = fresh();
  up(mesh, 1);
  const at = after(start, 5000);
  run(mesh, at);
  const asked = [1, 2, 3].flatMap((n) => framesOf(mesh.handle(at, { kind: 'join', tag: tag(n) })));
  equal(asked.map(({ frame }) => frame), [1, 2, 3].map((n) => ({ kind: 'find', tag: tag(n) })));
  mesh.handle(at, { kind: 'leave', tag: tag(2) });
  mesh.handle(at, { kind: 'join', tag: tag(1) });
  const said = run(mesh, after(at, 10));
  equal(said.map(({ output }) => output), [{ kind: 'frame', to: peer(1), frame: hello(1, 3) }]);
});

test('what a peer finds out about itself goes into its HELLO', () => {
  const mesh = fresh();
  const addresses = [1, 2, 3, 4, 5].map(addressOf);
  mesh.handle(start, { kind: 'self', addresses, mapping: 'independent', filtering: 'dependent' });
  equal(framesOf(up(mesh, 1))[0]!.frame, { ...hello(), addresses: addresses.slice(0, 4), mapping: 'independent', filtering: 'dependent' });
});

test('HELLO is repeated, since one may be lost, ever more rarely', () => {
  const mesh = fresh();
  up(mesh, 1);
  const hellos = run(mesh, after(start, 3_600_000)).filter(({ output }) => output.kind === 'frame' && output.frame.kind === 'hello');
  ok(hellos[0]!.at - start <= 1500 && hellos[1]!.at - start <= 31_500);
  ok(hellos.length >= 4 && hellos.length <= 11, `${hellos.length} in an hour`);
});

test('with nobody to answer, FIND backs off to once a minute to 3 neighbours', () => {
  const mesh = meshWith(7, 0);
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  const finds = run(mesh, after(start, 3_600_000)).filter(({ output }) => output.kind === 'frame' && output.frame.kind === 'find');
  ok(finds.length >= 2 * 3 * 40 && finds.length <= 2 * 3 * 130, `${finds.length} in an hour`);
  ok(finds.filter(({ at }) => at <= start + 10_000).length >= 12, 'it begins quickly');
});

test('a neighbour that comes and goes makes nobody ask others more often, and keeps nobody from asking', () => {
  for (const everyMs of [100, 5000, 50_000]) {
    const mesh = meshWith(7, 0);
    run(mesh, after(start, 300_000));
    let others = 0;
    let at = after(start, 300_000);
    const until = after(at, 1_200_000);
    for (let turn = 0; at < until; turn += 1, at = after(at, everyMs)) {
      const said = [...run(mesh, at).map(({ output }) => output), ...(turn % 2 === 0 ? up(mesh, 99, at) : down(mesh, 99, at))];
      others += framesOf(said).filter(({ to, frame }) => to !== peer(99) && frame.kind === 'find').length;
    }
    ok(others >= 3 * 9 && others <= 3 * 45, `${others} questions in 20 min, coming or going every ${everyMs} ms`);
  }
});

test('enough neighbours, two of them chosen, end the search; losing them begins it anew and quickly', () => {
  const mesh = fresh();
  up(mesh, 1);
  says(mesh, 1, { kind: 'peers', tag: null, peers: [2, 3].map((n) => ({ peer: peer(n), address: addressOf(n) })), closer: [] });
  for (let n = 2; n <= 8; n += 1) up(mesh, n);
  const isFind = ({ output }: { readonly output: MeshOutput }): boolean => output.kind === 'frame' && output.frame.kind === 'find';
  equal(run(mesh, after(start, 600_000)).filter(isFind), []);
  const at = after(start, 600_000);
  down(mesh, 8, at);
  ok(run(mesh, after(at, 1500)).some(isFind));
});

test('a publication goes along the tree, and to 3 others as well where fewer than 8 subscribers are known', () => {
  const counts = (mesh: Mesh): readonly number[] => {
    mesh.handle(start, { kind: 'join', tag: tag(1) });
    return only(publish(mesh), 'push').map(({ to }) => new Set(to).size);
  };
  equal(counts(meshWith(20, 12)), [2]);
  equal(counts(meshWith(20, 8)), [2]);
  equal(counts(meshWith(20, 7)), [5]);
  equal(counts(meshWith(20, 1)), [4]);
  equal(counts(meshWith(20, 0)), [3]);
  equal(counts(meshWith(2, 0)), [2]);
  equal(counts(meshWith(0, 0)), []);
  const heardOf = (links: number, others: number): readonly number[] => {
    const mesh = meshWith(8, links);
    mesh.handle(start, { kind: 'join', tag: tag(1) });
    run(mesh, after(start, 2000));
    says(mesh, 8, { kind: 'peers', tag: tag(1), peers: Array.from({ length: others }, (_, n) => ({ peer: peer(n + 100), address: addressOf(n) })), closer: [] });
    return only(publish(mesh), 'push').map(({ to }) => to.length);
  };
  equal(heardOf(3, 5), [2], 'with 8 known, three of them here and 5 heard of');
  equal(heardOf(3, 4), [5]);
  equal(heardOf(2, 6), [5], 'who names them may lie');
});

test('the recipient gets it first, on top of the others, if he is a neighbour', () => {
  const to = (mesh: Mesh, recipient: number): readonly PeerId[] => only(publish(mesh, null, 16, peer(recipient)), 'push')[0]!.to;
  const joined = meshWith(20, 12);
  joined.handle(start, { kind: 'join', tag: tag(1) });
  for (const [mesh, count] of [[meshWith(20, 12), 6], [joined, 2]] as const) {
    is(to(mesh, 20)[0], peer(20));
    is(to(mesh, 20).length, count + 1);
    is(to(mesh, 3).filter((id) => id === peer(3)).length, 1);
    is(to(mesh, 77).length, count);
  }
});

test('an object of a topic that is not its own goes on to 6 subscribers, never back, with the postage it was given', () => {
  const mesh = meshWith(20, 12);
  for (let n = 0; n < 50; n += 1) {
    const pushes = only(publish(mesh, peer(3), 9), 'push');
    is(pushes.length, 1);
    is(pushes[0]!.postage, 9);
    is(new Set(pushes[0]!.to).size, 6);
    ok(!pushes[0]!.to.includes(peer(3)));
  }
  equal(publish(mesh, peer(3), 0), [], 'without postage it stays');
  equal(publish(meshWith(20, 1), peer(1), 9), [], 'no subscriber but the sender');
});

test('a re-broadcast goes to 3 neighbours of any kind', () => {
  const rebroadcast = (mesh: Mesh, postage: number): readonly MeshOutput[] => mesh.handle(start, { kind: 'rebroadcast', id: packet(1), tag: tag(1), postage });
  is(only(rebroadcast(meshWith(20, 5), 3), 'push')[0]!.to.length, 3);
  equal(rebroadcast(meshWith(20, 5), 0), []);
  equal(rebroadcast(fresh(), 3), []);
});

test('postage that does not exist is the caller\'s mistake', () => {
  for (const postage of [-1, 17, 1.5, Number.NaN]) throws(() => publish(meshWith(3, 0), null, postage), /postage must be 0\.\.16/);
});

test('FIND is answered with at most 8 subscribers, never the asker', () => {
  const mesh = meshWith(40, 12);
  for (let n = 0; n < 20; n += 1) {
    const answers = framesOf(says(mesh, 3, { kind: 'find', tag: tag(1) }));
    is(answers.length, 1);
    const frame = answers[0]!.frame;
    if (frame.kind !== 'peers') throw new Error('no PEERS');
    is(frame.tag, tag(1));
    is(new Set(frame.peers.map((named) => named.peer)).size, 8);
    for (const named of frame.peers) {
      ok(named.peer !== peer(3) && mesh.subscribersOf(tag(1)).includes(named.peer));
      is(named.address, addressOf(Number.parseInt(named.peer, 16)));
    }
  }
});

test('who knows no subscriber names nobody, and asked for anyone names anyone', () => {
  equal(says(meshWith(5, 0), 3, { kind: 'find', tag: tag(1) }), []);
  const answers = framesOf(says(meshWith(5, 0), 3, { kind: 'find', tag: null }));
  const frame = answers[0]!.frame;
  is(frame.kind === 'peers' && frame.peers.length, 4);
  equal(says(meshWith(1, 0), 1, { kind: 'find', tag: null }), []);
});

test('who asked before anybody subscribed is told as soon as somebody does', () => {
  const mesh = meshWith(12, 0);
  const find = { kind: 'find', tag: tag(1) } as const;
  const names = (n: number) => ({ kind: 'peers', tag: tag(1), peers: [{ peer: peer(n), address: addressOf(n) }], closer: [] });
  for (let n = 1; n <= 10; n += 1) for (let copy = 0; copy < 2; copy += 1) equal(says(mesh, n, find), []);
  down(mesh, 4);
  equal(framesOf(says(mesh, 12, hello(1))).map(({ to, frame }) => [numberOf(to), frame]), [3, 5, 6, 7, 8, 9, 10].map((n) => [n, names(12)]), 'the last eight that asked and are there still');
  equal(framesOf(says(mesh, 11, hello(1))), [], 'once');
});

test('two who begin to subscribe at one moment are introduced as soon as one is told of the other', () => {
  const mesh = meshWith(4, 0);
  const find = { kind: 'find', tag: tag(1) } as const;
  const introduced = (outputs: readonly MeshOutput[]) => only(outputs, 'introduce').map(({ asker, wanted }) => [numberOf(asker), numberOf(wanted)]);
  says(mesh, 1, find);
  equal(introduced(says(mesh, 1, hello(1))), []);
  equal(introduced(says(mesh, 2, hello(1), after(start, 500))), [[1, 2]], 'the first one asked before');
  equal(introduced(says(mesh, 2, find, after(start, 999))), [[2, 1]]);
  equal(introduced(says(mesh, 2, find, after(start, 1000))), [], 'who is there for longer is asked for as always');
  equal(introduced(says(mesh, 3, find, after(start, 1000))), [], 'it does not subscribe');
  says(mesh, 3, hello(1), after(start, 1200));
  equal(introduced(says(mesh, 3, find, after(start, 1300))), [[3, 2]]);
  says(mesh, 4, hello(1), after(start, 1300));
  equal(introduced(says(mesh, 4, find, after(start, 1300))), [], 'of three it may not want all');
});

test('an answer without names leaves the question for names open, and one with names ends it', () => {
  const mesh = fresh();
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  up(mesh, 1);
  const answer = (...names: readonly number[]) => says(mesh, 1, { kind: 'peers', tag: tag(1), peers: names.map((n) => ({ peer: peer(n), address: addressOf(n) })), closer: [] });
  equal(answer(), []);
  equal(answer(), []);
  equal(answer(5), [{ kind: 'reach', peer: peer(5), via: [peer(1)] }]);
  equal(answer(6), []);
  equal(mesh.drops(), { 'not-asked': 1 });
});

test('an address is named only to who may reach it, and a moved one is the new one', () => {
  const at = ['127.0.0.1:5000', '192.168.1.5:5000', '[fe80::5]:5000', '198.51.100.5:5000', '224.0.0.9:5000'].map(address);
  const mesh = fresh();
  at.forEach((one, n) => mesh.handle(start, { kind: 'up', peer: peer(n), address: one }));
  const heardBy = (asker: string): readonly string[] => {
    mesh.handle(start, { kind: 'up', peer: peer(99), address: address(asker) });
    const [answer] = framesOf(says(mesh, 99, { kind: 'find', tag: null }));
    return answer?.frame.kind === 'peers' ? answer.frame.peers.map((named) => named.address).sort() : [];
  };
  equal(heardBy('127.0.0.1:6000'), [at[0], at[1], at[3], at[2]]);
  equal(heardBy('[::1]:6000'), [at[0], at[1], at[3], at[2]]);
  equal(heardBy('10.0.0.1:6000'), [at[1], at[3]]);
  equal(heardBy('203.0.113.1:6000'), [at[3]]);
  equal(heardBy('224.0.0.1:6000'), []);
  mesh.handle(start, { kind: 'moved', peer: peer(1), address: address('198.51.100.77:1') });
  mesh.handle(start, { kind: 'moved', peer: peer(50), address: address('198.51.100.78:1') });
  equal(heardBy('203.0.113.1:6000'), [at[3], '198.51.100.77:1']);
});

test('peers heard of are connected through who named them, half of what is wanted at a time', () => {
  const mesh = fresh();
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  up(mesh, 1);
  up(mesh, 2);
  const peers = [11, 12, 13, 14, 15, 16, 17, 18].map((n) => ({ peer: peer(n), address: addressOf(n) }));
  const first = only(says(mesh, 1, { kind: 'peers', tag: tag(1), peers, closer: [] }), 'reach');
  is(first.length, 3);
  for (const { via } of first) equal(via, [peer(1)]);
  equal(only(says(mesh, 2, { kind: 'peers', tag: tag(1), peers, closer: [] }), 'reach'), [], 'three are enough to choose');
  const later = only(run(mesh, after(start, 1500)).map(({ output }) => output), 'reach');
  is(later.length, 3, 'those who take long are not waited for');
  for (const { via } of later) equal(via, [peer(2), peer(1)]);
  const next = only(mesh.handle(after(start, 1500), { kind: 'up', peer: later[0]!.peer, address: addressOf(50) }), 'reach');
  is(next.length, 1, 'one connected and no subscriber yet: another is tried');
});

test('nobody is connected through a neighbour that is gone', () => {
  const mesh = fresh();
  up(mesh, 1);
  up(mesh, 2);
  const peers = Array.from({ length: 8 }, (_, n) => ({ peer: peer(11 + n), address: addressOf(11) }));
  is(only(says(mesh, 1, { kind: 'peers', tag: null, peers, closer: [] }), 'reach').length, 3);
  down(mesh, 1);
  const later = run(mesh, after(start, 600_000)).map(({ output }) => output);
  equal(only(later, 'reach'), []);
  const [again] = only(says(mesh, 2, { kind: 'peers', tag: null, peers: peers.slice(0, 1), closer: [] }, after(start, 600_000)), 'reach');
  equal(again, { kind: 'reach', peer: peer(11), via: [peer(2)] });
});

test('who cannot be reached is left alone for longer each time', () => {
  const mesh = fresh();
  up(mesh, 1);
  const triedAt: number[] = [];
  const peers = [{ peer: peer(11), address: addressOf(11) }];
  triedAt.push(...only(says(mesh, 1, { kind: 'peers', tag: null, peers, closer: [] }), 'reach').map(() => 0));
  for (const { at, output } of run(mesh, after(start, 3_600_000))) if (output.kind === 'reach') triedAt.push(at - start);
  ok(triedAt.length >= 4 && triedAt.length <= 12, `${triedAt.length} tries in an hour`);
  ok(triedAt[1]! >= 40_000 && triedAt[2]! - triedAt[1]! >= 130_000);
});

test('a failed connection makes room for the next at once', () => {
  const mesh = fresh();
  up(mesh, 1);
  const peers = [11, 12, 13, 14, 15, 16].map((n) => ({ peer: peer(n), address: addressOf(n) }));
  const first = only(says(mesh, 1, { kind: 'peers', tag: null, peers, closer: [] }), 'reach');
  is(first.length, 3);
  const next = only(mesh.handle(start, { kind: 'failed', peer: first[0]!.peer }), 'reach');
  is(next.length, 1);
  ok(!first.some((reach) => reach.peer === next[0]!.peer));
  equal(mesh.handle(start, { kind: 'failed', peer: peer(99) }), []);
});

test('an own topic is met with every neighbour, since who does not subscribe may keep objects of it', () => {
  const mesh = fresh();
  up(mesh, 1);
  equal(only(mesh.handle(start, { kind: 'join', tag: tag(1) }), 'meet'), [{ kind: 'meet', peer: peer(1), tags: [tag(1)] }]);
  equal(only(mesh.handle(start, { kind: 'up', peer: peer(2), address: addressOf(2) }), 'meet'), [{ kind: 'meet', peer: peer(2), tags: [tag(1)] }]);
  equal(only(says(mesh, 1, hello(1, 2)), 'meet'), [], 'it was met a moment ago');
  const later = after(start, 10_000);
  equal(only(mesh.handle(later, { kind: 'frame', peer: peer(2), frame: hello(1, 2) }), 'meet'), [{ kind: 'meet', peer: peer(2), tags: [tag(1)] }], 'it begins to subscribe');
  equal(only(mesh.handle(later, { kind: 'frame', peer: peer(2), frame: hello(2, 1) }), 'meet'), [], 'said again');
  mesh.handle(later, { kind: 'leave', tag: tag(1) });
  equal(only(mesh.handle(later, { kind: 'join', tag: tag(1) }), 'meet').length, 2, 'left and joined again');
  down(mesh, 1);
  equal(only(mesh.handle(later, { kind: 'up', peer: peer(1), address: addressOf(1) }), 'meet').length, 1, 'a new session');
});

test('topics are met anew with a neighbour that moved, or hears this peer again after a move, but only once in 10 s', () => {
  const mesh = fresh();
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  up(mesh, 1);
  const move = (ms: number): number => only(mesh.handle(after(start, ms), { kind: 'moved', peer: peer(1), address: addressOf(9) }), 'meet').length;
  equal([move(100), move(200), move(10_099), move(10_100)], [1, 0, 0, 1]);
  equal(mesh.neighbours().map(({ address }) => address), [addressOf(9)]);
  equal(only(says(mesh, 1, hello(1)), 'meet'), [], 'and it counts as met');
});

test('a link of which something was lost is asked what it has of four topics at most in which something goes on, and once in half a second', () => {
  const mesh = fresh();
  for (let n = 1; n <= 6; n += 1) mesh.handle(start, { kind: 'join', tag: tag(n) });
  up(mesh, 1);
  up(mesh, 2);
  says(mesh, 1, hello(1, 2, 3, 4, 5));
  const asked = (ms: number, n: number): readonly string[] => only(mesh.handle(after(start, ms), { kind: 'missed', peer: peer(n) }), 'meet').flatMap(({ tags }) => tags);
  equal(asked(80, 1), [], 'nothing goes on, so nothing was lost that is missed');
  for (let n = 1; n <= 6; n += 1) mesh.handle(after(start, 90), { kind: 'fresh', id: packet(n), tag: tag(n), postage: 16, from: null });
  const tags = asked(100, 1);
  equal(new Set(tags).size, 4);
  ok(tags.every((one) => one !== tag(6)), 'and of none that it does not subscribe to');
  equal([599, 600].map((ms) => asked(ms, 1).length), [0, 4]);
  equal([asked(700, 2), asked(700, 3)], [[], []], 'nor who is no link, or nobody');
  equal([10_089, 10_090].map((ms) => asked(ms, 1).length), [4, 0], 'until nothing has come for ten seconds');
});

test('who leaves is no subscriber any more', () => {
  const mesh = meshWith(5, 3);
  equal(mesh.subscribersOf(tag(1)), [1, 2, 3].map(peer));
  says(mesh, 2, hello());
  down(mesh, 3);
  equal(mesh.subscribersOf(tag(1)), [peer(1)]);
  equal(mesh.neighbours().map((one) => one.tags), [[tag(1)], [], [], []]);
});

test('a peer has at most 64 topics', () => {
  const mesh = fresh();
  for (let n = 0; n < 64; n += 1) mesh.handle(start, { kind: 'join', tag: tag(n) });
  mesh.handle(start, { kind: 'join', tag: tag(0) });
  throws(() => mesh.handle(start, { kind: 'join', tag: tag(64) }), /at most 64 topics/);
  mesh.handle(start, { kind: 'leave', tag: tag(5) });
  mesh.handle(start, { kind: 'join', tag: tag(64) });
});

test('a wakeup that comes early changes nothing', () => {
  const mesh = meshWith(3, 1);
  equal(mesh.handle(start, wakeup), []);
  const at = mesh.deadline();
  equal(mesh.handle(after(start, 1), wakeup), []);
  is(mesh.deadline(), at);
});

test('who slept has no neighbours any more, says nothing to them, and asks those that come again', () => {
  const mesh = meshWith(5, 3);
  mesh.handle(start, { kind: 'join', tag: tag(1) });
  const at = after(start, 600_000);
  equal(mesh.handle(at, { kind: 'slept' }), []);
  equal([mesh.neighbours(), mesh.subscribersOf(tag(1))], [[], []]);
  equal(mesh.greeting(peer(1)), [hello(1), { kind: 'find', tag: tag(1) }, { kind: 'find', tag: null }]);
  equal(framesOf(up(mesh, 1, at)).map(({ frame }) => frame.kind), ['hello', 'find', 'find']);
});

test('a peer that refused is not tried for 30 s', () => {
  const one = new One();
  one.join(1);
  const names: Peers = { kind: 'peers', tag: tag(1), peers: [{ peer: peer(11), address: addressOf(11) }], closer: [] };
  one.up(1);
  is(only(one.says(1, names), 'reach').length, 1);
  one.up(11);
  one.give({ kind: 'down', peer: peer(11), why: 'refused' });
  one.up(2);
  const reached = [...only(one.says(2, names), 'reach'), ...only(one.pass(29_999).map(({ output }) => output), 'reach')];
  equal(reached, []);
  is(only(one.pass(60_000).map(({ output }) => output), 'reach')[0]?.peer, peer(11));
});

/** A peer of topic 1 with three links that it chose, three that came, and four peers that it has heard of. */
const withSix = (seed = 1): { readonly one: One; readonly chosen: readonly number[] } => {
  const one = new One(seed);
  one.join(1);
  one.up(100);
  const peers = [11, 12, 13, 14, 15, 16, 17].map((n) => ({ peer: peer(n), address: addressOf(n) }));
  const chosen = only(one.says(100, { kind: 'peers', tag: tag(1), peers, closer: [] }), 'reach').map(({ peer: id }) => numberOf(id));
  for (const n of chosen) one.links(n, n);
  one.links(21, 23);
  one.links(201, 202, 9); // neighbours enough
  return { one, chosen };
};

test('a link is renewed within 5 min: one more is taken up and somebody asked, or of more than 8 a chosen one goes', () => {
  const few = withSix();
  is(few.chosen.length, 3);
  const said = few.one.pass(300_000).map(({ output }) => output);
  const reached = only(said, 'reach').map(({ peer: id }) => numberOf(id));
  ok(reached.length > 0 && reached.every((n) => n >= 11 && n <= 17 && !few.chosen.includes(n)));
  ok(framesOf(said).some(({ frame }) => frame.kind === 'find' && frame.tag === tag(1)));
  equal(only(said, 'drop'), []);

  const many = withSix();
  many.one.links(24, 30);
  const gone = only(many.one.pass(300_000).map(({ output }) => output), 'drop').map(({ peer: id }) => numberOf(id));
  ok(gone.length > 0 && gone.every((n) => many.chosen.includes(n)), gone.join());
});

test('of more than 8 links mostly one goes that is no part of the tree; now and then any, so that nobody stays by making its link eager', () => {
  let lazyGone = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    const { one, chosen } = withSix(seed);
    one.links(24, 30);
    const [lazy, ...eager] = chosen;
    one.says(lazy!, { kind: 'prune', tag: tag(1) });
    for (const n of eager) one.says(n, { kind: 'graft', tag: tag(1), ids: [] });
    const [gone] = only(one.pass(20_000).map(({ output }) => output), 'drop').map(({ peer: id }) => numberOf(id));
    if (gone === lazy) lazyGone += 1;
  }
  ok(lazyGone >= 40 && lazyGone < 60, `${lazyGone} of 60`);
});

test.run();
