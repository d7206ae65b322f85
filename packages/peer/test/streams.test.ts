/** Streams, requests and datagrams between real peers on loopback. */
import { randomBytes } from 'node:crypto';
import { authorId } from '@srp/machine';
import { type Peer, PeerError, type PeerStream } from '@srp/peer';
import { suite } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { loopbackPeer, until, whereIs } from './helpers.js';

const test = suite('streams and requests');

/** Rejects with an error of this code. */
const fails = async (code: string, promise: Promise<unknown>): Promise<PeerError> => {
  const error = await promise.then(() => null, (reason: unknown) => reason);
  ok(error instanceof PeerError, String(error));
  is(error.code, code);
  return error;
};

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const nobody = authorId(new Uint8Array(32).fill(1)) as string as Peer['id'];

/** Two peers that can reach each other. */
const pair = async (): Promise<readonly [Peer, Peer]> => {
  const bob = await loopbackPeer();
  const alice = await loopbackPeer({ introducers: [whereIs(bob)] });
  await until('they have met', () => bob.neighbours().length > 0 && alice.neighbours().length > 0);
  return [bob, alice];
};

const allOf = async (readable: ReadableStream<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of readable as unknown as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
};

test('a stream carries bytes both ways, whole and in order, and its end', async () => {
  const [bob, alice] = await pair();
  await using first = bob;
  await using second = alice;
  const taken: PeerStream[] = [];
  first.onStream('echo', (stream) => {
    taken.push(stream);
    stream.readable.pipeTo(stream.writable).catch(() => undefined); // this side may close before it hears that all has come
  });
  const { readable, writable, peer, name } = await second.openStream(first.id, 'echo');
  equal([peer, name], [first.id, 'echo']);
  const bytes = randomBytes(3_000_000);
  const writer = writable.getWriter();
  const writing = (async () => {
    for (let at = 0; at < bytes.length; at += 100_000) await writer.write(bytes.subarray(at, at + 100_000));
    await writer.close();
  })();
  const back = await allOf(readable);
  await writing;
  ok(back.equals(bytes));
  equal(taken.map((one) => [one.peer, one.name]), [[second.id, 'echo']]);
});

test('who does not read holds up who writes', async () => {
  const [bob, alice] = await pair();
  await using first = bob;
  await using second = alice;
  const taken: PeerStream[] = [];
  first.onStream('sink', (stream) => void taken.push(stream));
  const { writable } = await second.openStream(first.id, 'sink');
  const writer = writable.getWriter();
  let written = 0;
  const writing = (async () => {
    for (; written < 8_000_000; written += 50_000) await writer.write(new Uint8Array(50_000));
    await writer.close();
  })();
  writing.catch(() => undefined);
  await until('it is held up', () => written > 2_000_000);
  for (let before = -1; before !== written; ) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  ok(written < 4_000_000, `${written}`);
  is((await allOf((taken[0] as PeerStream).readable)).length, 8_000_000);
  await writing;
});

test('a request gets its answer, a text or bytes, empty or long', async () => {
  const [bob, alice] = await pair();
  await using first = bob;
  await using second = alice;
  const take = first.onRequest('shout', ({ body, from }) => `${from === second.id ? 'you' : 'somebody'} said ${text(body).toUpperCase()}`);
  is(text(await second.request(first.id, 'shout', 'hello')), 'you said HELLO');
  is(text(await second.request(first.id, 'shout')), 'you said ');
  const long = randomBytes(500_000);
  first.onRequest('same', async ({ body }) => await Promise.resolve(body));
  ok(Buffer.from(await second.request(first.id, 'same', long)).equals(long));
  equal(await Promise.all(Array.from({ length: 20 }, async (_, i) => text(await second.request(first.id, 'shout', `${i}`)))), Array.from({ length: 20 }, (_, i) => `you said ${i}`));
  take();
  const error = await fails('STREAM_BROKEN', second.request(first.id, 'shout', 'hello'));
  ok(error.message.includes('nobody there takes this name'));
});

test('a request fails when it is answered by an error, too late, by nobody, or given up; and who answers is told', async () => {
  const [bob, alice] = await pair();
  await using first = bob;
  await using second = alice;
  first.onRequest('fails', () => {
    throw new Error('a secret of this side');
  });
  const failed = await fails('STREAM_BROKEN', second.request(first.id, 'fails'));
  ok(failed.message.includes('failed to answer') && !failed.message.includes('secret'));
  const told: AbortSignal[] = [];
  first.onRequest('slow', async ({ signal }) => {
    told.push(signal);
    return await new Promise<string>(() => undefined);
  });
  await fails('REQUEST_TIMED_OUT', second.request(first.id, 'slow', '', { timeoutMs: 50 }));
  const controller = new AbortController();
  const given = second.request(first.id, 'slow', '', { signal: controller.signal });
  await until('it is there', () => told.length === 2);
  controller.abort(new Error('enough'));
  is(await given.then(() => '', (error: unknown) => (error as Error).message), 'enough');
  await until('both were told', () => told.every(({ aborted }) => aborted));
  await fails('REQUEST_TIMED_OUT', second.request(nobody, 'x', '', { timeoutMs: 50 }));
  is(await second.request(first.id, 'x', '', { signal: AbortSignal.abort(new Error('before')) }).then(() => '', (error: unknown) => (error as Error).message), 'before');
  const waiting = fails('PEER_CLOSED', second.request(nobody, 'x'));
  const open = fails('PEER_CLOSED', second.request(first.id, 'slow'));
  await until('it is there', () => told.length === 3);
  await second.close();
  await Promise.all([waiting, open]);
  await until('it was told', () => told.every(({ aborted }) => aborted));
});

test('a stream that one side gives up breaks for both', async () => {
  const [bob, alice] = await pair();
  await using first = bob;
  await using second = alice;
  const taken: PeerStream[] = [];
  first.onStream('log', (stream) => void taken.push(stream));
  const stream = await second.openStream(first.id, 'log');
  const writer = stream.writable.getWriter();
  await writer.write(new Uint8Array(10));
  await until('it is there', () => taken.length === 1);
  await (taken[0] as PeerStream).readable.cancel('no more');
  const error = await fails('STREAM_BROKEN', allOf(stream.readable));
  ok(error.message.includes('the other side gave up'));
  await fails('STREAM_BROKEN', writer.write(new Uint8Array(10)));
  const other = await second.openStream(first.id, 'log');
  await until('it is there', () => taken.length === 2);
  const waits = fails('STREAM_BROKEN', allOf(other.readable));
  await first.close();
  ok((await waits).message.length > 0);
});

test('datagrams go to a neighbour as they are, and nowhere else', async () => {
  const [bob, alice] = await pair();
  await using first = bob;
  await using second = alice;
  const heard: (readonly [string, string])[] = [];
  first.on('datagram', ({ from, bytes }) => heard.push([from, text(bytes)]));
  ok(second.sendDatagram(first.id, new TextEncoder().encode('left')));
  ok(second.sendDatagram(first.id, new Uint8Array(1197).fill(120)));
  await until('both are there', () => heard.length === 2);
  equal(heard, [[second.id, 'left'], [second.id, 'x'.repeat(1197)]]);
  ok(!second.sendDatagram(nobody, new Uint8Array(1)));
  for (const length of [0, 1198]) {
    let code = '';
    try {
      second.sendDatagram(first.id, new Uint8Array(length));
    } catch (error) {
      code = (error as PeerError).code;
    }
    is(code, 'MESSAGE_TOO_LARGE');
  }
});

test('a name that cannot be, and more than 16 MiB, are refused at once', async () => {
  await using peer = await loopbackPeer();
  for (const name of ['', 'ü', 'a\nb', 'x'.repeat(63)]) {
    await fails('STREAM_NAME_BAD', peer.openStream(nobody, name));
    await fails('STREAM_NAME_BAD', peer.request(nobody, name));
  }
  await fails('MESSAGE_TOO_LARGE', peer.request(nobody, 'x', new Uint8Array(16 * 1024 * 1024 + 1)));
});

test.run();
