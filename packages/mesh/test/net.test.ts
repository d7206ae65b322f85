import { type PeerId } from '@srp/machine';
import { test } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { framesOf, type Host, Net, packet, start, tag, tagOfPush } from './net.js';

/** 4 introducers who know each other, and `count` peers who each know one of them; every second subscribes. */
const grow = (seed: number, count: number, lossPercent = 0): { readonly net: Net; readonly subscribers: readonly Host[] } => {
  const net = new Net(seed, lossPercent);
  const introducers = [0, 1, 2, 3].map((n) => net.add(900 + n));
  for (const a of introducers) for (const b of introducers) net.link(a, b);
  const subscribers: Host[] = [];
  for (let n = 0; n < count; n += 1) {
    const host = net.add(n + 1);
    if (n % 2 === 0) subscribers.push(host);
    net.give(host, { kind: 'join', tag: n % 2 === 0 ? tagOfPush : tag(2) });
    net.link(host, introducers[(n + seed) % 4]!);
    net.run(100);
  }
  return { net, subscribers };
};

const packetsHeld = (hosts: readonly Host[]): number => hosts.reduce((sum, { held }) => sum + held.size, 0);
const reachedBy = (hosts: readonly Host[], id: ReturnType<typeof packet>): number => hosts.filter(({ held }) => held.has(id)).length;

test('everyone who subscribes is reached at once while all know each other', () => {
  for (const [seed, count, lossPercent] of [[1, 4, 0], [2, 14, 0]] as const) is(reach(seed, count, lossPercent), 1, `seed ${seed}`);
});

test('in larger networks, and with losses, everyone who subscribes is reached within 3 s', () => {
  for (const [seed, count, lossPercent] of [[3, 64, 0], [4, 64, 2], [11, 100, 0], [12, 64, 20]] as const) {
    const share = reach(seed, count, lossPercent, 3000);
    ok(share >= (lossPercent < 20 ? 1 : 0.99), `seed ${seed}, ${count} peers, ${lossPercent} % loss: ${share} reached`);
  }
});

/** The share of subscribers that ten objects reach, each within so many milliseconds. */
const reach = (seed: number, count: number, lossPercent: number, withinMs = 1000): number => {
  const { net, subscribers } = grow(seed, count, lossPercent);
  net.run(20_000);
  let reached = 0;
  for (let n = 0; n < 10; n += 1) {
    net.publish(subscribers[n % subscribers.length]!, packet(n), tagOfPush);
    net.run(withinMs);
    reached += reachedBy(subscribers, packet(n));
  }
  return reached / (10 * subscribers.length);
};

test('while many speak at once, and links come, objects come along the tree: hardly one is asked for', () => {
  const { net, subscribers } = grow(13, 64);
  net.run(20_000);
  const before = net.said.length;
  for (let n = 0; n < 500; n += 1) {
    net.publish(subscribers[n % subscribers.length]!, packet(0x1000 + n), tagOfPush);
    net.run(40);
    // A new link makes a circle where one of both has only one eager link yet.
    if (n % 10 === 0) net.link(subscribers[n % 31]!, subscribers[(7 * n + 3) % 31]!);
  }
  net.run(3000);
  is(packetsHeld(subscribers), 500 * subscribers.length);
  const said = net.said.slice(before).map(({ output }) => output);
  const grafts = framesOf(said).filter(({ frame }) => frame.kind === 'graft' && frame.ids.length === 0).length;
  ok(grafts > 20, `${grafts} links became part of the tree`);
  const asked = framesOf(said).flatMap(({ frame }) => (frame.kind === 'graft' ? frame.ids : [])).length;
  ok(asked < (500 * subscribers.length) / 100, `${asked} asked for`);
});

test('a newcomer has subscribers of its topic within 2 s, and enough of them and of others soon after', () => {
  const { net } = grow(5, 48);
  net.run(10_000);
  const host = net.add(77);
  net.give(host, { kind: 'join', tag: tagOfPush });
  net.link(host, [...net.hosts.values()][0]!);
  net.run(2000);
  ok(host.mesh.subscribersOf(tagOfPush).length >= 3, `${host.mesh.subscribersOf(tagOfPush).length} after 2 s`);
  net.run(20_000);
  ok(host.mesh.subscribersOf(tagOfPush).length >= 3);
  ok(host.mesh.neighbours().length >= 4);
  const met = new Set(net.said.flatMap(({ by, output }) => (by === host.id && output.kind === 'meet' ? [output.peer] : [])));
  equal([...met].sort(), host.mesh.neighbours().map(({ peer }) => peer).sort(), 'it reconciles with each of them');
});

test('postage never rises, nothing goes back, to a stranger or twice, and no peer pushes an id twice', () => {
  const { net, subscribers } = grow(6, 64);
  net.run(10_000);
  const before = net.said.length;
  const held = new Map([...net.hosts.values()].map((host) => [host.id, host]));
  for (let n = 0; n < 5; n += 1) net.publish(subscribers[n]!, packet(n), tagOfPush);
  net.run(5000);
  const pushes = net.said.slice(before).flatMap(({ by, output }) => (output.kind === 'push' ? [{ by, ...output }] : []));
  const targets = pushes.flatMap(({ to }) => to).length;
  ok(targets >= 100, `${targets} pushed`);
  const done = new Set<string>();
  for (const { by, to, id, postage } of pushes) {
    ok(!done.has(`${by} ${id}`), 'twice');
    done.add(`${by} ${id}`);
    is(postage, held.get(by)!.held.get(id));
    ok(postage >= 1 && postage <= 16);
    is(new Set(to).size, to.length);
    ok(to.length <= 16 + 3);
  }
});

test('when half of a network vanishes, the rest finds itself again', () => {
  const { net, subscribers } = grow(7, 48);
  net.run(10_000);
  const gone = new Set<PeerId>();
  for (const [n, host] of [...net.hosts.values()].entries()) {
    if (n < 4 || n % 2 === 0) continue;
    gone.add(host.id);
    net.remove(host);
  }
  const left = subscribers.filter(({ id }) => !gone.has(id));
  net.run(60_000);
  net.publish(left[0]!, packet(1), tagOfPush);
  net.run(2000);
  for (let round = 0; round < 2; round += 1) net.reconcile(tagOfPush);
  is(reachedBy(left, packet(1)), left.length);
});

test('a network at rest says little', () => {
  const { net } = grow(8, 32);
  net.run(120_000);
  const before = net.said.length;
  net.run(600_000);
  const perPeerAndSecond = (net.said.length - before) / net.hosts.size / 600;
  ok(perPeerAndSecond < 0.6, `${perPeerAndSecond} outputs a second and peer`);
});

test('one seed fixes a whole network', () => {
  const [one, two] = [grow(9, 12, 5), grow(9, 12, 5)].map(({ net }) => {
    net.run(5000);
    return net.said.map(({ at, by, output }) => `${at - start} ${by} ${JSON.stringify(output)}`);
  });
  ok(one!.length > 100);
  equal(one, two);
});

test.run();
