/**
 * Whole peers, joined without a network: `victim` runs the very protocol that runs over UDP. What the fuzzer says comes as
 * datagrams from anybody, as traffic of a true session changed on its way, or as frames inside a true session.
 */
import { generateKeyPair, publicTopic } from '@srp/identity';
import { Link, type LinkInput } from '@srp/link';
import { type Address, after, type Instant, instant, type Random } from '@srp/machine';
import { PeerProtocol } from '@srp/peer/protocol';
import { composePacket, encodeFrame } from '@srp/wire';
import { type MakeTarget, must, type Target } from '../target.js';
import { someFrames } from './codecs.js';

const victimAt = '198.51.100.1:4000' as Address;
const malloryAt = '203.0.113.9:4000' as Address;
const topic = publicTopic('fuzz');
const payload = (n: number): Uint8Array => Uint8Array.of(n, n >> 8, n >> 16);

/** A victim, and Mallory with a link of her own. */
class Duel {
  readonly victim: PeerProtocol;
  /** What Mallory sent last, to be sent again and changed. */
  readonly captured: Uint8Array[] = [];
  readonly author;
  readonly #mallory: Link;
  readonly #random: Random;
  #now: Instant = instant(1_800_000_000_000);
  #heard = 0;
  #honest = 0;

  constructor(random: Random) {
    this.#random = random;
    this.author = generateKeyPair(random);
    this.victim = new PeerProtocol({ keys: generateKeyPair(random), author: generateKeyPair(random), random: random.fork('victim') });
    this.#mallory = new Link({ keys: generateKeyPair(random), random: random.fork('mallory') });
    this.victim.handle(this.#now, { kind: 'join', topic, mode: 'live' });
    this.connect();
  }

  get now(): Instant {
    return this.#now;
  }

  /** A datagram reaches the victim. */
  hit(from: Address, bytes: Uint8Array): void {
    for (const output of this.victim.handle(this.#now, { kind: 'datagram', from, bytes })) {
      if (output.kind === 'delivered' && output.how === 'arrived') this.#heard += 1;
      if (output.kind !== 'transmit') continue;
      must(output.bytes.length <= 1232, `a datagram of ${output.bytes.length} bytes`);
      if (output.to === malloryAt) this.mallory({ kind: 'datagram', from: victimAt, bytes: output.bytes });
    }
  }

  /** Mallory's own, honest link. */
  mallory(input: LinkInput): void {
    for (const output of this.#mallory.handle(this.#now, input)) {
      if (output.kind !== 'transmit' || output.to !== victimAt) continue;
      this.captured.push(output.bytes);
      if (this.captured.length > 64) this.captured.shift();
      this.hit(malloryAt, output.bytes);
    }
  }

  /** Says anything inside the session; makes a new one if the last is gone. */
  say(frame: Uint8Array): void {
    if (this.#mallory.sessionOf(this.victim.id) === null) this.connect();
    if (frame.length > 0 && frame.length <= 1198) this.mallory({ kind: 'send', peer: this.victim.id, frame });
  }

  connect(): void {
    this.mallory({ kind: 'disconnect', peer: this.victim.id });
    this.mallory({ kind: 'connect', peer: this.victim.id, address: victimAt });
  }

  pass(ms: number): void {
    this.#now = after(this.#now, ms);
    for (const machine of [this.victim, this.#mallory]) {
      for (let spin = 0; (machine.deadline() ?? Infinity) <= this.#now; spin += 1) {
        must(spin < 100, 'a deadline that stays in the past');
        if (machine === this.#mallory) this.mallory({ kind: 'wakeup' });
        else for (const output of this.victim.handle(this.#now, { kind: 'wakeup' })) if (output.kind === 'transmit' && output.to === malloryAt) this.mallory({ kind: 'datagram', from: victimAt, bytes: output.bytes });
      }
    }
  }

  /** After a pause that gives every rate its due, an honest packet is delivered. */
  isAlive(): void {
    for (let second = 0; second < 90; second += 1) this.pass(1000);
    const before = this.#heard;
    for (let attempt = 0; attempt < 3 && this.#heard === before; attempt += 1) {
      this.connect();
      this.pass(2000);
      this.#honest += 1;
      this.say(composePacket({ topic, author: this.author, now: this.#now, prev: null, payload: payload(this.#honest), random: this.#random }).bytes);
    }
    must(this.#heard > before, 'an honest packet is not delivered any more');
  }
}

const target = (duel: Duel, corpus: readonly Uint8Array[], feed: (input: Uint8Array) => void): Target => ({
  corpus,
  feed: (input) => {
    feed(input);
    duel.pass(1 + (input.length % 40));
  },
  check: () => duel.isAlive(),
});

/** Datagrams of strangers, and of the neighbour's address. */
export const strangers: MakeTarget = (random) => {
  const duel = new Duel(random);
  const from = (): Address => (random.below(2) === 0 ? malloryAt : (`203.0.113.${1 + random.below(250)}:${1024 + random.below(60_000)}` as Address));
  for (const frame of someFrames) duel.say(encodeFrame(frame));
  return target(duel, [...duel.captured], (input) => duel.hit(from(), input));
};

/** Traffic of a true session, changed on its way. */
export const captured: MakeTarget = (random) => {
  const duel = new Duel(random);
  const frames = someFrames.map(encodeFrame);
  return target(duel, frames, (input) => {
    const frame = frames[random.below(frames.length)];
    if (frame !== undefined) duel.say(frame);
    const last = duel.captured[random.below(duel.captured.length)];
    if (last === undefined) return;
    const changed = last.slice();
    for (const [i, byte] of input.subarray(0, 4).entries()) changed[(byte * 7 + i) % changed.length] = byte;
    duel.hit(malloryAt, random.below(4) === 0 ? last : changed);
  });
};

/** Frames and objects of any kind, inside a true session. */
export const session: MakeTarget = (random) => {
  const duel = new Duel(random);
  const objects = [0, 50, 900].map((length) => composePacket({ topic, author: duel.author, now: duel.now, prev: null, payload: random.bytes(length), random }).bytes);
  return target(duel, [...someFrames.map(encodeFrame), ...objects], (input) => duel.say(input));
};
