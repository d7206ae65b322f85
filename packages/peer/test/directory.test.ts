import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@srp/identity';
import { Peer, PeerError } from '@srp/peer';
import { test } from 'uvu';
import { equal, is, match, ok } from 'uvu/assert';
import { loopbackPeer, until, whereIs, withDirectory } from './helpers.js';

const failure = async (attempt: Promise<unknown>): Promise<Error & { code?: string }> => {
  try {
    await attempt;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it should have been refused');
};

test('a peer that restarts is who it was and knows what it knew', async () => {
  await withDirectory(async (directory) => {
    const peer = await loopbackPeer({ directory });
    const { id, author } = peer;
    for (const text of ['monday', 'tuesday']) await peer.join('diary').publish(text);
    await peer.close();
    await using again = await loopbackPeer({ directory });
    equal([again.id, again.author], [id, author]);
    const room = again.join('diary');
    equal(room.history().map((packet) => [packet.text, packet.mine]), [['monday', true], ['tuesday', true]]);
    const next = await room.publish('wednesday');
    is(next.previous, room.history()[1]?.id, 'the chain goes on');
  });
});

test('a room of many packets is read in pieces, and whole for who asks before', async () => {
  await withDirectory(async (directory) => {
    const texts = Array.from({ length: 100 }, (_, n) => String(n));
    {
      await using peer = await loopbackPeer({ directory });
      const room = peer.join('diary');
      await Promise.all(texts.map(async (text) => await room.publish(text)));
    }
    for (const isHasty of [false, true]) {
      await using again = await loopbackPeer({ directory });
      const room = again.join('diary');
      let isRecalled = false;
      void room.recalled.then(() => (isRecalled = true));
      await Promise.resolve();
      is(isRecalled, false);
      if (!isHasty) await room.recalled;
      equal(room.history().map(({ text }) => text), texts);
      await room.recalled;
    }
    await using last = await loopbackPeer({ directory });
    const room = last.join('diary');
    const next = await room.publish('next');
    equal([room.packet(next.previous!)?.text, room.history().length], ['99', 101]);
    const left = last.join('nowhere');
    left.leave();
    await left.recalled;
    equal(left.history(), []);
  });
});

test('a bit flipped anywhere costs a message at most and is said, or the file that cannot be used is named and left alone', async () => {
  await withDirectory(async (directory) => {
    const whole = join(directory, 'whole');
    const texts = Array.from({ length: 10 }, (_, n) => String(n));
    await using bob = await loopbackPeer();
    {
      await using peer = await loopbackPeer({ directory: whole, introducers: [whereIs(bob)] });
      for (const text of texts) await peer.join('diary').publish(text);
      await until('they have met', () => peer.neighbours().length === 1);
    }
    const seed = Number(process.env['SRP_SEED'] ?? 20_261_124);
    const random = seededRandom(new Uint8Array(32).fill(seed & 255));
    for (const [file, roundCount] of [['packets.log', 10], ['peers.json', 4], ['author.key', 4], ['peer.key', 4]] as const) {
      for (let round = 0; round < roundCount; round += 1) {
        const copy = join(directory, `${file}-${round}`);
        cpSync(whole, copy, { recursive: true });
        const bytes = readFileSync(join(copy, file));
        const [at, bit] = [random.below(bytes.length), 1 << random.below(8)];
        bytes.writeUInt8(bytes.readUInt8(at) ^ bit, at);
        writeFileSync(join(copy, file), bytes);
        const about = `${file}, bit ${bit} of byte ${at}`;
        const peer = await loopbackPeer({ directory: copy }).catch((error: unknown) => error as Error & { code?: string });
        if (!(peer instanceof Peer)) {
          ok(file.endsWith('.key') && ['KEY_FILE_DAMAGED', 'KEY_FILE_UNKNOWN'].includes(peer.code ?? '') && peer.message.includes(file), `${about}: ${String(peer)}`);
          equal(readFileSync(join(copy, file)), bytes, about);
          continue;
        }
        const room = peer.join('diary');
        await room.recalled;
        const found = room.history().map(({ text }) => text);
        ok(found.every((text) => texts.includes(String(text))) && found.length >= texts.length - 1, `${about}: ${found.join()}`);
        if (found.length < texts.length) equal(peer.warnings.length, 1, about);
        await room.publish('next');
        await peer.close();
      }
    }
  });
});

test('a directory has one peer at a time', async () => {
  await withDirectory(async (directory) => {
    await using first = await loopbackPeer({ directory });
    const error = await failure(loopbackPeer({ directory }));
    ok(error instanceof PeerError);
    is(error.code, 'DIRECTORY_IN_USE');
    match(error.message, /another process has it open/);
    await first.close();
    await using second = await loopbackPeer({ directory });
    ok(second.id);
  });
});

test('known peers are remembered, so an introducer is needed once', async () => {
  await withDirectory(async (directory) => {
    await using bob = await loopbackPeer();
    {
      await using alice = await loopbackPeer({ directory, introducers: [whereIs(bob)] });
      await until('they have met', () => alice.neighbours().length === 1);
    }
    await until('bob noticed', () => bob.neighbours().length === 0);
    await using again = await loopbackPeer({ directory });
    await until('they have met again', () => again.neighbours().length === 1);
  });
});

test('a damaged key file is an error that says what to do, and is left as it is', async () => {
  await withDirectory(async (directory) => {
    await (await loopbackPeer({ directory })).close();
    const path = join(directory, 'author.key');
    writeFileSync(path, 'not a key');
    const error = await failure(loopbackPeer({ directory }));
    match(error.message, /author\.key/);
    is(readFileSync(path, 'utf8'), 'not a key');
  });
});

test('a list of peers that can be neither read nor written costs a warning, and the peer still closes what it opened', async () => {
  await withDirectory(async (directory) => {
    for (const name of ['peers.json', join('peers.json.damaged', 'in the way'), 'peers.json.new']) mkdirSync(join(directory, name), { recursive: true });
    const peer = await loopbackPeer({ directory });
    match(peer.warnings.join(), /neither be read nor be set aside/);
    await peer.join('diary').publish('kept');
    await peer.close();
    match(peer.warnings.join(), /could not be written/);
    await using again = await loopbackPeer({ directory });
    is(again.join('diary').history()[0]?.text, 'kept');
  });
});

test('a damaged list of peers and a torn log cost a warning, not the rest', async () => {
  await withDirectory(async (directory) => {
    {
      await using peer = await loopbackPeer({ directory });
      const room = peer.join('diary');
      for (const text of ['one', 'two', 'three']) await room.publish(text);
    }
    writeFileSync(join(directory, 'peers.json'), '{"half');
    const log = join(directory, 'packets.log');
    writeFileSync(log, readFileSync(log).subarray(0, -10));
    await using again = await loopbackPeer({ directory });
    equal(again.join('diary').history().map((packet) => packet.text), ['one', 'two']);
    equal(again.warnings.length, 1);
    ok(readdirSync(directory).includes('peers.json.damaged'));
  });
});

test('keys that do not fit are refused before anything starts', async () => {
  const error = await failure(loopbackPeer({ privateKey: new Uint8Array(31) }));
  is(error.code, 'KEYS_BAD');
});

test.run();
