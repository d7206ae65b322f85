/**
 * What a running peer sends to an address that proved nothing, against what came from there, counted on raw sockets. Each
 * socket is such an address: it sends what an attacker would send with its address forged, and answers nothing.
 */
import { createSocket, type Socket } from 'node:dgram';
import { generateKeyPair, type KeyPair, publicTopic } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { Link, type LinkInput } from '@srp/link';
import { type Address, concat, hostOf, instant, makeAddress, peerId, type PeerId, portOf } from '@srp/machine';
import { bundle, encodeFrame } from '@srp/wire';
import { test } from 'uvu';
import { is, ok } from 'uvu/assert';
import { loopbackPeer, until } from './helpers.js';

const random = systemRandom();
/** PINGs to a new path go out at 0, 300 and 1000 ms, RESP and COOKIE at once. SPEC, L-23. */
const watchedMs = 1300;

/** One UDP port, and the bytes that went from it to the peer and came back. */
class Place {
  readonly socket: Socket = createSocket('udp4');
  sentBytes = 0;
  receivedBytes = 0;
  receivedCount = 0;
  onDatagram: (bytes: Uint8Array) => void = () => undefined;
  readonly #peer: Address;

  private constructor(peer: Address) {
    this.#peer = peer;
    this.socket.on('message', (bytes) => {
      this.receivedBytes += bytes.length;
      this.receivedCount += 1;
      this.onDatagram(bytes);
    });
  }

  static async open(peer: Address): Promise<Place> {
    const one = new Place(peer);
    await new Promise<void>((resolve) => one.socket.bind(0, '127.0.0.1', resolve));
    return one;
  }

  async send(...datagrams: readonly Uint8Array[]): Promise<void> {
    for (const bytes of datagrams) {
      this.sentBytes += bytes.length;
      await new Promise<void>((resolve) => this.socket.send(bytes, portOf(this.#peer), hostOf(this.#peer), () => resolve()));
    }
  }
}

/** The datagrams that a link answers an input with. */
const datagramsOf = (link: Link, input: LinkInput): readonly Uint8Array[] =>
  link.handle(instant(Date.now()), input).flatMap((output) => (output.kind === 'transmit' ? [output.bytes] : []));
const linkOf = (keys: KeyPair = generateKeyPair(random)): Link => new Link({ keys, random: systemRandom() });
const changedAt = (bytes: Uint8Array, place: number): Uint8Array => bytes.with(place, (bytes[place] ?? 0) ^ 1);

test('no address gets more than it sent before a session, nor three times as much because of one', async () => {
  await using peer = await loopbackPeer();
  peer.join('square');
  const where = peer.addresses[0]!;
  const find = encodeFrame({ kind: 'find', tag: null });
  const initOf = (...early: readonly Uint8Array[]): Uint8Array => datagramsOf(linkOf(), { kind: 'connect', peer: peer.id, address: where, early })[0]!;
  const ping = (): Uint8Array => encodeFrame({ kind: 'ping', tx: Buffer.from(random.bytes(8)).toString('hex'), silence: 0 });

  const opened: Place[] = [];
  const fresh = async (): Promise<Place> => (opened.push(await Place.open(where)), opened.at(-1)!);
  try {
    /** A true session from a place of its own: gives datagrams that an attacker who holds its key can send from anywhere. */
    const sessionOf = async () => {
      const home = await fresh();
      const link = linkOf();
      home.onDatagram = (bytes) => void home.send(...datagramsOf(link, { kind: 'datagram', from: where, bytes }));
      await home.send(...datagramsOf(link, { kind: 'connect', peer: peer.id, address: where }));
      await until('there is a session', () => link.sessionOf(peer.id) !== null);
      return { link, seal: (frame: Uint8Array): Uint8Array => datagramsOf(link, { kind: 'send', peer: peer.id, frame })[0]! };
    };
    const hello = encodeFrame({ kind: 'hello', version: 1, tags: [publicTopic('square').tag], addresses: [], mapping: 'unknown', filtering: 'unknown' });
    // One path of a session is tried at a time, so each forged source has a session of its own.
    const [one, other] = [await sessionOf(), await sessionOf()];
    const packet = one.seal(find);
    const pings = Array.from({ length: 5 }, () => other.seal(bundle([ping(), ping(), ping(), find])));

    const cases: Record<string, { readonly at: Place; readonly datagrams: readonly Uint8Array[]; readonly factor: 0 | 1 | 3; readonly isAnswered: boolean }> = {};
    const add = async (name: string, factor: 0 | 1 | 3, isAnswered: boolean, datagrams: readonly Uint8Array[]): Promise<void> => {
      cases[name] = { at: await fresh(), datagrams, factor, isAnswered };
    };
    const init = initOf();
    await add('one INIT, eight times', 1, true, new Array<Uint8Array>(8).fill(init));
    await add('the longest INIT', 1, true, [initOf(concat(Uint8Array.of(0x20), new Uint8Array(1041)))]);
    await add('an INIT that asks for peers and tells its topics', 1, true, [initOf(find, hello)]);
    await add('forty INITs of forty keys, until COOKIEs come', 1, true, Array.from({ length: 40 }, () => initOf()));
    await add('INITs with a wrong mac1', 0, false, Array.from({ length: 10 }, () => changedAt(initOf(), 175)));
    await add('INITs that are cut or lengthened', 0, false, [init.subarray(0, 199), concat(init, new Uint8Array(1)), new Uint8Array(1232).fill(5, 0, 1)]);
    await add('random bytes of every type', 0, false, Array.from({ length: 256 }, (_, type) => concat(Uint8Array.of(type), random.bytes(8 + (type % 4) * 60))));
    await add('random bytes of every kind of datagram', 0, false, [5, 6, 7, 8, 9, 10].flatMap((type) => [9, 29, 61, 74, 200, 1227, 1232].map((length) => concat(Uint8Array.of(type), random.bytes(length - 1)))));
    await add('an authentic packet from a forged source, as short as can be', 3, true, [packet]);
    await add('authentic PINGs from a forged source', 3, true, pings);
    await add('packets that the peer has seen, from elsewhere', 0, false, [packet, ...pings, packet]);
    await add('packets whose counter was changed', 0, false, [packet, ...pings].map((bytes) => changedAt(bytes, 6)));

    for (const name of Object.keys(cases)) await cases[name]!.at.send(...cases[name]!.datagrams);
    await new Promise((resolve) => setTimeout(resolve, watchedMs));

    for (const [name, { at, factor, isAnswered }] of Object.entries(cases)) {
      ok(at.receivedBytes <= factor * at.sentBytes, `${name}: ${at.receivedBytes} bytes for ${at.sentBytes}`);
      if (isAnswered) ok(at.receivedBytes > 0, `${name}: nothing came, so nothing was measured`);
    }
    is(cases['one INIT, eight times']!.at.receivedCount, 7, 'a copy of an INIT is answered seven times');
    for (const { link } of [one, other]) ok(link.sessionOf(peer.id) !== null, 'and the sessions live');
  } finally {
    for (const { socket } of opened) socket.close();
  }
});

test('an address that a CALL names gets at most three datagrams of 300 bytes, however long the HELLO of the peer is', async () => {
  await using peer = await loopbackPeer();
  for (let n = 0; n < 64; n += 1) peer.join(`square ${n}`);
  const where = peer.addresses[0]!;
  const places: Place[] = [];
  const fresh = async (): Promise<Place> => (places.push(await Place.open(where)), places.at(-1)!);
  try {
    const home = await fresh();
    const link = linkOf();
    home.onDatagram = (bytes) => void home.send(...datagramsOf(link, { kind: 'datagram', from: where, bytes }));
    await home.send(...datagramsOf(link, { kind: 'connect', peer: peer.id, address: where }));
    await until('there is a session', () => link.sessionOf(peer.id) !== null);
    const say = async (frame: Uint8Array): Promise<void> => home.send(...datagramsOf(link, { kind: 'send', peer: peer.id, frame }));
    /** Nobody who is asked for: a key that somebody might have. */
    const somebody = (): PeerId => peerId(generateKeyPair(random).publicKey);
    const victims = await Promise.all(Array.from({ length: 3 }, fresh));
    const called = victims.map(() => somebody());
    const addressOf = (place: Place): Address => makeAddress('127.0.0.1', place.socket.address().port)!;
    const callOf = (n: number, token: number, initiator: boolean): Uint8Array => encodeFrame({ kind: 'call', peer: called[n]!, address: addressOf(victims[n]!), token: `${token}`.padStart(16, '0'), initiator });
    // One is called as the side that begins, one as the other side, and one is also wanted: its name was asked for.
    await say(encodeFrame({ kind: 'peers', tag: publicTopic('square 0').tag, peers: [{ peer: called[2]!, address: addressOf(victims[2]!) }], closer: [] }));
    for (let token = 0; token < 5; token += 1) for (const n of [0, 1, 2]) await say(callOf(n, 10 * n + token, n !== 1));
    await new Promise((resolve) => setTimeout(resolve, watchedMs + 200));
    for (const [n, { receivedCount, receivedBytes }] of victims.entries()) {
      ok(receivedCount >= 1 && receivedCount <= 3, `victim ${n}: ${receivedCount} datagrams`);
      ok(receivedBytes <= receivedCount * 300, `victim ${n}: ${receivedBytes} bytes in ${receivedCount} datagrams`);
    }
  } finally {
    for (const { socket } of places) socket.close();
  }
});

test.run();
