import { instant, type PeerId, wakeup } from '@srp/machine';
import { type Nat, type NatOutput } from '@srp/nat';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { address, at, call, desk, home, kinds, natOf, peer, t0 } from './helpers.js';

const test = suite('meeting');

/** A network of machines: frames arrive after 20 ms unless lost, a connect succeeds if the other side could hear it. */
class Town {
  now = t0;
  readonly nats = new Map<PeerId, Nat>();
  readonly punched = new Set<string>();
  readonly met: string[] = [];
  readonly log: { readonly at: number; readonly who: PeerId; readonly output: NatOutput }[] = [];
  lost: (output: NatOutput & { kind: 'frame' }, copy: number) => boolean = () => false;
  /** Whether everybody's NAT lets in only whom its owner sent something. */
  isWalled = true;
  #copies = 0;
  #mail: { at: number; to: PeerId; act: (nat: Nat) => readonly NatOutput[] }[] = [];

  constructor(...ns: readonly number[]) {
    for (const n of ns) this.nats.set(peer(n), natOf(n));
  }

  tell(n: number | PeerId, act: (nat: Nat) => readonly NatOutput[]): void {
    const who = typeof n === 'number' ? peer(n) : n;
    const nat = this.nats.get(who);
    if (nat === undefined) return;
    for (const output of act(nat)) this.#carryOut(who, output);
  }

  session(a: number, b: number): void {
    this.tell(a, (nat) => nat.handle(this.now, { kind: 'opened', peer: peer(b), address: home(b) }));
    this.tell(b, (nat) => nat.handle(this.now, { kind: 'opened', peer: peer(a), address: home(a) }));
  }

  run(ms: number): void {
    const until = this.now + ms;
    for (let i = 0; i < 10_000; i += 1) {
      const mailAt = Math.min(...this.#mail.map((mail) => mail.at));
      const wakeAt = Math.min(...[...this.nats.values()].map((nat) => nat.deadline() ?? Infinity));
      const next = Math.max(this.now, Math.min(mailAt, wakeAt));
      if (next > until) break;
      this.now = instant(next);
      const due = this.#mail.filter((mail) => mail.at <= next);
      this.#mail = this.#mail.filter((mail) => mail.at > next);
      for (const mail of due) this.tell(mail.to, mail.act);
      for (const [who, nat] of this.nats) if ((nat.deadline() ?? Infinity) <= next) this.tell(who, () => nat.handle(this.now, wakeup));
    }
    this.now = instant(until);
  }

  outputs(n: number, kind: NatOutput['kind']): NatOutput[] {
    return this.log.filter(({ who, output }) => who === peer(n) && output.kind === kind).map(({ output }) => output);
  }

  #carryOut(who: PeerId, output: NatOutput): void {
    this.log.push({ at: this.now - t0, who, output });
    const home = (one: PeerId): string => addressOf(one);
    if (output.kind === 'punch') this.punched.add(`${home(who)} ${output.to}`);
    if (output.kind === 'frame' && !this.lost(output, (this.#copies += 1))) {
      this.#post(20, output.to, (nat) => nat.handle(this.now, { kind: 'frame', peer: who, frame: output.frame }));
    }
    if (output.kind === 'connect') {
      // An INIT opens the own NAT as a punch does, and gets through if the other side has sent something.
      this.punched.add(`${home(who)} ${output.address}`);
      this.#post(20, who, () => this.#tryMeet(who, output.peer, output.address));
      this.#post(3000, who, (nat) => (this.met.includes(pairOf(who, output.peer)) ? [] : nat.handle(this.now, { kind: 'unreachable', peer: output.peer })));
    }
  }

  #tryMeet(a: PeerId, b: PeerId, where: string): readonly NatOutput[] {
    const isLetIn = !this.isWalled || this.punched.has(`${where} ${addressOf(a)}`);
    if (where !== addressOf(b) || !isLetIn || !this.nats.has(b) || this.met.includes(pairOf(a, b))) return [];
    this.met.push(pairOf(a, b));
    this.session(numberOf(a), numberOf(b));
    return [];
  }

  #post(ms: number, to: PeerId, act: (nat: Nat) => readonly NatOutput[]): void {
    this.#mail.push({ at: this.now + ms, to, act });
  }
}

const numberOf = (one: PeerId): number => Number.parseInt(one.slice(0, 4), 16);
const addressOf = (one: PeerId): string => home(numberOf(one));
const pairOf = (a: PeerId, b: PeerId): string => [numberOf(a), numberOf(b)].sort((x, y) => x - y).join('-');

test('brings two peers behind NATs together through a third that knows both', () => {
  const town = new Town(1, 2, 3);
  town.session(1, 3);
  town.session(2, 3);
  town.tell(1, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(2), via: [peer(3)] }));
  town.run(2_000);
  assert.equal(town.met, ['1-2']);
  assert.is(town.outputs(1, 'connect').length, 1);
  assert.is(town.outputs(2, 'punch').length, 1);
  assert.is(town.outputs(1, 'failed').length, 0);
  assert.is(town.log.find(({ output }) => output.kind === 'connect')?.at, 40);
});

test('brings them together once when both ask at the same time', () => {
  const town = new Town(1, 2, 3);
  town.session(1, 3);
  town.session(2, 3);
  town.tell(1, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(2), via: [peer(3)] }));
  town.tell(2, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(1), via: [peer(3)] }));
  town.run(10_000);
  assert.equal(town.met, ['1-2']);
  assert.is(town.outputs(1, 'connect').length + town.outputs(2, 'connect').length + town.outputs(1, 'punch').length + town.outputs(2, 'punch').length, 2, 'one packet each');
  assert.equal([...town.outputs(1, 'failed'), ...town.outputs(2, 'failed')], []);
});

test('who hears of another and is called at once does not ask to be introduced, in whatever order that comes', () => {
  for (const waitMs of [0, 10, 30]) {
    const town = new Town(1, 2, 3);
    for (const n of [1, 2]) town.session(n, 3);
    town.tell(3, (nat) => nat.handle(town.now, { kind: 'introduce', asker: peer(1), wanted: peer(2) }));
    town.run(20 + waitMs);
    for (const [n, other] of [[1, 2], [2, 1]] as const) town.tell(n, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(other), via: [peer(3)] }));
    town.run(10_000);
    assert.equal(town.met, ['1-2'], `${waitMs} ms`);
    assert.equal([...town.outputs(1, 'frame'), ...town.outputs(2, 'frame')], [], `${waitMs} ms`);
    assert.equal([1, 2, 3].flatMap((n) => town.outputs(n, 'failed')), []);
  }
});

test('a call that came before the peer was wanted counts as asked for if who called then names it, and only then', () => {
  for (const [named, packets, frames] of [[3, 3, 0], [4, 2, 1]] as const) {
    for (const initiator of [true, false]) {
      const a = desk(1).open(3, 4);
      a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), home(2), { initiator }) });
      a.tell({ kind: 'reach', peer: peer(2), via: [peer(named)] });
      a.pass(1_900);
      const said = (...which: readonly string[]) => a.log.filter(({ output }) => which.includes(output.kind)).length;
      assert.is(said('connect', 'punch'), packets, `named by ${named}, initiator ${initiator}`);
      assert.is(said('frame'), named === 4 && initiator ? 0 : frames); // who begins is on the way already
    }
  }
});

test('who is introduced without having asked, and is not here, is a matter of indifference', () => {
  assert.equal(desk(1).open(2).tell({ kind: 'introduce', asker: peer(2), wanted: peer(3) }), []);
  assert.equal(desk(1).open(2).tell({ kind: 'introduce', asker: peer(3), wanted: peer(2) }), []);
});

test('gets over the loss of any one frame', () => {
  for (let lostCopy = 1; lostCopy <= 5; lostCopy += 1) {
    const town = new Town(1, 2, 3);
    town.session(1, 3);
    town.session(2, 3);
    town.lost = (_output, copy) => copy === lostCopy;
    town.tell(1, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(2), via: [peer(3)] }));
    town.run(8_000);
    assert.equal(town.met, ['1-2'], `without frame ${lostCopy}`);
  }
});

test('two that ask different introducers for each other meet, with one packet each, in whatever order the calls come', () => {
  for (const waitMs of [0, 15, 30, 60]) {
    const town = new Town(1, 2, 3, 4);
    for (const [a, b] of [[1, 3], [2, 3], [1, 4], [2, 4]] as const) town.session(a, b);
    town.tell(1, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(2), via: [peer(3)] }));
    town.run(waitMs);
    town.tell(2, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(1), via: [peer(4)] }));
    town.run(5_000);
    assert.equal(town.met, ['1-2'], `${waitMs} ms`);
    for (const n of [1, 2]) assert.is(town.outputs(n, 'connect').length + town.outputs(n, 'punch').length, 1, `${waitMs} ms`);
  }
});

test('whose packets are used up is met all the same: the called side sends INIT too', () => {
  const town = new Town(1, 2, 3);
  for (const n of [1, 2]) town.session(n, 3);
  town.lost = (output) => output.to === peer(2) && town.now < t0 + 2_000; // the first calls to 2, both copies
  town.tell(1, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(2), via: [peer(3)] }));
  town.run(4_000);
  assert.is(town.outputs(1, 'connect').length, 3);
  assert.equal(town.met, []);
  town.run(3_000);
  assert.is(town.outputs(1, 'connect').length, 3, 'no more than three in a minute');
  assert.equal(town.met, ['1-2']);
});

test('asks the next introducer when one stays silent', () => {
  const town = new Town(1, 2, 3, 4);
  for (const [a, b] of [[1, 3], [2, 3], [1, 4]] as const) town.session(a, b); // 4 does not know 2
  town.tell(1, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(2), via: [peer(3), peer(4)] }));
  town.run(30_000);
  assert.equal(town.met, ['1-2']);
});

test('makes most of a crowd that starts together meet within two seconds, and all within two minutes', () => {
  const crowd = Array.from({ length: 24 }, (_, i) => i + 10);
  const town = new Town(1, 3, ...crowd);
  town.session(1, 3);
  for (const n of crowd) town.session(n, 3);
  for (const n of crowd) town.tell(n, (nat) => nat.handle(town.now, { kind: 'reach', peer: peer(1), via: [peer(3)] }));
  town.run(2_000);
  assert.ok(town.met.length >= 16, `${town.met.length} of 24`);
  town.run(118_000);
  assert.is(town.met.length, 24);
});

test('gives up an introduced peer after two attempts and says so once', () => {
  const a = desk(1).open(3);
  a.tell({ kind: 'reach', peer: peer(2), via: [peer(3)] });
  a.pass(60_000);
  assert.equal(kinds(a.log.map(({ output }) => output)), ['frame', 'frame', 'failed']);
  assert.is(a.nat.deadline(), null);
});

test('tries a configured peer for ever, at most once a minute', () => {
  const a = desk(1);
  a.tell({ kind: 'reach', peer: peer(2), address: home(2), via: [] });
  for (let i = 0; i < 600; i += 1) {
    a.pass(1_000);
    a.tell({ kind: 'unreachable', peer: peer(2) });
  }
  const times = a.log.map(({ at: ms, output }) => (output.kind === 'connect' ? ms : NaN));
  const pauses = times.slice(1).map((ms, i) => ms - times[i]!);
  assert.ok(times.length > 12 && times.every((ms) => ms >= 0));
  assert.ok(pauses[0]! < 3_000 && pauses.at(-1)! > 45_000 && pauses.at(-1)! < 76_000, pauses.join());
});

test('goes back to a configured peer whose session ended, until it is told to forget it', () => {
  const a = desk(1);
  assert.equal(kinds(a.tell({ kind: 'reach', peer: peer(2), address: home(2), via: [] })), ['connect']);
  a.tell({ kind: 'opened', peer: peer(2), address: home(2) });
  assert.is(a.nat.deadline(), null);
  a.tell({ kind: 'closed', peer: peer(2) });
  assert.equal(kinds(a.pass(2_000)), ['connect']);
  a.tell({ kind: 'opened', peer: peer(2), address: home(2) });
  a.tell({ kind: 'forget', peer: peer(2) });
  a.tell({ kind: 'closed', peer: peer(2) });
  assert.equal(a.pass(120_000), []);
});

test('does not go back by itself to a peer whose session one side did not need, and goes back when told to', () => {
  const a = desk(1).open(3);
  a.tell({ kind: 'reach', peer: peer(2), address: home(2), via: [] });
  a.tell({ kind: 'opened', peer: peer(2), address: home(2) });
  a.tell({ kind: 'closed', peer: peer(2), isUnneeded: true });
  assert.equal(a.pass(3_600_000), []);
  assert.equal(kinds(a.tell({ kind: 'reach', peer: peer(2), via: [] })), ['connect']);
});

test('goes back to all that the user named when no session is left, though none of them needed it', () => {
  const a = desk(1).open(3);
  for (const other of [2, 4]) {
    a.tell({ kind: 'reach', peer: peer(other), address: home(other), via: [] });
    a.tell({ kind: 'opened', peer: peer(other), address: home(other) });
    a.tell({ kind: 'closed', peer: peer(other), isUnneeded: true });
  }
  a.tell({ kind: 'closed', peer: peer(3), isUnneeded: true });
  assert.equal(kinds(a.pass(3_000)), ['connect', 'connect']);
});

test('asks an introducer, who sees a peer now, before it tries where the peer was last', () => {
  const a = desk(1).open(3);
  a.nat.restore({ version: 1, peers: [{ peer: peer(2), address: home(2), seenAt: 5 }] });
  assert.equal(kinds(a.tell({ kind: 'reach', peer: peer(2), via: [peer(3)] })), ['frame']);
  assert.equal(kinds(a.pass(2_000)), []);
  const tried = a.pass(2_000);
  assert.equal(tried[0], { kind: 'connect', peer: peer(2), address: home(2), isPaced: true }, 'no answer');
  const b = desk(1).open(3);
  b.nat.restore({ version: 1, peers: [{ peer: peer(2), address: home(2), seenAt: 5 }] });
  assert.equal(b.tell({ kind: 'reach', peer: peer(2), via: [peer(4)] }), [{ kind: 'connect', peer: peer(2), address: home(2), isPaced: true }], 'nobody to ask');
});

test('starts at once with a peer found on the LAN if its own id is lower, else lets the other start', () => {
  const lower = desk(1);
  const higher = desk(2);
  assert.equal(kinds(lower.tell({ kind: 'found', peer: peer(2), address: address('192.168.1.2:4000') })), ['connect']);
  assert.equal(higher.tell({ kind: 'found', peer: peer(1), address: address('192.168.1.1:4000') }), []);
  assert.equal(higher.pass(999), []);
  assert.equal(kinds(higher.pass(1)), ['connect']);
});

test('finds all peers that live on one host', () => {
  const a = desk(1);
  for (let n = 10; n < 20; n += 1) a.tell({ kind: 'found', peer: peer(n), address: address(`192.168.1.2:${4000 + n}`) });
  let opened = 0;
  for (let i = 0; i < 20; i += 1) {
    for (const { output } of a.log.slice(opened)) {
      if (output.kind === 'connect') a.tell({ kind: 'opened', peer: output.peer, address: output.address });
      opened += 1;
    }
    a.pass(100);
  }
  assert.is(new Set(a.log.map(({ output }) => (output.kind === 'connect' ? output.peer : ''))).size, 10);
});

test('tells each side only an address that it can believe', () => {
  const lan = address('192.168.1.7:4000');
  const i = desk(3);
  i.tell({ kind: 'opened', peer: peer(1), address: lan });
  i.tell({ kind: 'opened', peer: peer(2), address: home(2) });
  // The one outside could not use a LAN address: the one inside starts, whoever asked.
  const calls = i.tell({ kind: 'frame', peer: peer(2), frame: { kind: 'introduce', peer: peer(1) } });
  assert.equal(kinds(calls), ['frame']);
  const [first] = calls;
  assert.ok(first?.kind === 'frame' && first.to === peer(1) && first.frame.kind === 'call' && first.frame.initiator && first.frame.address === home(2));
});

test('introduces the same two again at once if one of them has moved', () => {
  const i = desk(3).open(1, 2);
  const ask = (): readonly string[] => kinds(i.tell({ kind: 'frame', peer: peer(1), frame: { kind: 'introduce', peer: peer(2) } }));
  assert.equal(ask(), ['frame', 'frame']);
  assert.equal(ask(), ['introduced-lately']);
  i.tell({ kind: 'moved', peer: peer(1), address: home(7) });
  assert.equal(ask(), ['frame', 'frame']);
  assert.equal(ask(), ['introduced-lately']);
});

test('does not introduce to oneself, to strangers, or again at once', () => {
  const i = desk(3).open(1, 2);
  assert.equal(kinds(i.tell({ kind: 'frame', peer: peer(1), frame: { kind: 'introduce', peer: peer(1) } })), ['self']);
  assert.equal(kinds(i.tell({ kind: 'frame', peer: peer(1), frame: { kind: 'introduce', peer: peer(9) } })), ['unknown-peer']);
  assert.equal(kinds(i.tell({ kind: 'frame', peer: peer(9), frame: { kind: 'introduce', peer: peer(1) } })), ['not-connected']);
  assert.equal(kinds(i.tell({ kind: 'frame', peer: peer(1), frame: { kind: 'introduce', peer: peer(2) } })), ['frame', 'frame']);
  assert.equal(kinds(i.tell({ kind: 'frame', peer: peer(2), frame: { kind: 'introduce', peer: peer(1) } })), ['introduced-lately']);
  assert.equal(kinds(i.pass(1_000)), ['frame', 'frame']); // the second copies
  i.tell({ kind: 'frame', peer: peer(1), frame: { kind: 'introduce', peer: peer(2) } });
  i.pass(2_000);
  assert.is(i.nat.deadline(), null);
});

test('answers a peer that lost its session and calls from elsewhere with punches', () => {
  const a = desk(1).open(2, 3);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), home(2), { initiator: false }) })), ['connected-already']);
  assert.equal(kinds(a.tell({ kind: 'frame', peer: peer(3), frame: call(peer(2), home(2, 4001), { initiator: false, token: 2 }) })), ['punch']);
});

test('does nothing when it is woken early, late or twice', () => {
  const a = desk(1).open(3);
  a.tell({ kind: 'reach', peer: peer(2), via: [peer(3)] });
  const deadline = a.nat.deadline()!;
  assert.equal(a.nat.handle(at(1), wakeup), []);
  assert.is(a.nat.deadline(), deadline);
  a.nat.handle(deadline, wakeup);
  const next = a.nat.deadline();
  assert.equal(a.nat.handle(deadline, wakeup), []);
  assert.is(a.nat.deadline(), next);
});

test.run();
