/** Files between real peers on loopback: whole, resumed, stopped, refused, and after both sides were killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { appendFile, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type FileLink, type FileProgress, formatFileLink, parseFileLink, type Peer, PeerError } from '@srp/peer';
import { type PeerId, toBase64Url } from '@srp/machine';
import type { FileInput } from '@srp/peer/protocol';
import { type CborValue, encodeCbor } from '@srp/wire';
import { suite } from 'uvu';
import { equal, is, ok } from 'uvu/assert';
import { Files } from '../dist/files.js';
import { loopbackPeer, until, whereIs, withDirectory } from './helpers.js';

const test = suite('files');

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A file of random bytes. */
const makeFile = async (path: string, size: number): Promise<Buffer> => {
  const bytes = randomBytes(size);
  await writeFile(path, bytes);
  return bytes;
};

/** Rejects with an error of this code. */
const fails = async (code: string, promise: Promise<unknown>): Promise<PeerError> => {
  const error = await promise.then(() => null, (reason: unknown) => reason);
  ok(error instanceof PeerError, String(error));
  is(error.code, code);
  return error;
};

/** Two peers with a session. */
const pair = async (): Promise<readonly [Peer, Peer]> => {
  const bob = await loopbackPeer();
  return [bob, await loopbackPeer({ introducers: [whereIs(bob)] })];
};

test('a photo that is shared in a room is fetched whole by another member, with its name, and from him by a third when the first is gone', async () => {
  await withDirectory(async (folder) => {
    const photo = await makeFile(join(folder, 'cat.jpg'), 300_000);
    const [bob, alice] = await pair();
    await using carol = await loopbackPeer({ introducers: [whereIs(bob), whereIs(alice)] });
    await using reader = alice;
    const offered: FileLink[] = [];
    const take = ({ file }: { readonly file: FileLink | null }): void => {
      if (file !== null) offered.push(file);
    };
    reader.join('photos').onPacket = take;
    carol.join('photos').onPacket = take;
    const room = bob.join('photos');
    await until('both are there', () => room.subscribers() === 2 && reader.join('photos').subscribers() === 2);
    await room.publish('no file at all');
    const shared = await room.shareFile(join(folder, 'cat.jpg'));
    await until('both were told', () => offered.length === 2);
    equal(offered[0], parseFileLink(shared.link));
    equal(shared.peers, [bob.id]);
    const told: FileProgress[] = [];
    const fetched = await reader.fetchFile(offered[0] as FileLink, { to: `${folder}/down/here/`, onProgress: (progress) => told.push(progress) });
    equal(fetched, { path: join(folder, 'down/here/cat.jpg'), name: 'cat.jpg', size: 300_000, wasHere: false });
    is(hashOf(await readFile(fetched.path)), hashOf(photo));
    equal(await readdir(join(folder, 'down/here')), ['cat.jpg']);
    equal([told[0]?.bytes, told.at(-1)?.bytes, told.at(-1)?.size], [0, 300_000, 300_000]);
    await bob.close();
    await carol.fetchFile(shared.link, { to: join(folder, 'again.jpg') });
    is(hashOf(await readFile(join(folder, 'again.jpg'))), hashOf(photo));
  });
});

test('of a file that is not whole here others get what has come, and the rest as it comes', async () => {
  await withDirectory(async (folder) => {
    const bytes = await makeFile(join(folder, 'long'), 12 * 1024 * 1024);
    await using bob = await loopbackPeer();
    await using alice = await loopbackPeer({ introducers: [whereIs(bob)] });
    const shared = await bob.join('films').shareFile(join(folder, 'long'));
    const here = { alice: 0, carol: 0 };
    const first = alice.fetchFile(shared.link, { to: join(folder, 'first'), onProgress: (progress) => (here.alice = progress.bytes) });
    await until('some of it is here', () => (statSync(join(folder, 'first.srp-part'), { throwIfNoEntry: false })?.size ?? 0) > 0);
    await shared.stop();
    await bob.close();
    await using carol = await loopbackPeer({ introducers: [whereIs(alice)] });
    const second = carol.fetchFile(shared.link, { to: join(folder, 'second'), onProgress: (progress) => (here.carol = progress.bytes) });
    await until('the third has what the second has', () => here.carol > 0 && here.carol === here.alice);
    ok(here.alice < bytes.length, 'all of it was there before it was shared no longer');
    await using dan = await loopbackPeer({ introducers: [whereIs(alice)] });
    is((await dan.join('films').shareFile(join(folder, 'long'))).id, shared.id);
    for (const { path } of await Promise.all([first, second])) is(hashOf(await readFile(path)), hashOf(bytes));
  });
});

test('two members that share one file in one room share the same blocks', async () => {
  await withDirectory(async (folder) => {
    const bytes = await makeFile(join(folder, 'a.txt'), 70_000);
    await writeFile(join(folder, 'b.txt'), bytes);
    const [bob, alice] = await pair();
    await using first = bob;
    await using second = alice;
    const [a, b] = [await first.join('photos').shareFile(join(folder, 'a.txt')), await second.join('photos').shareFile(join(folder, 'b.txt'))];
    is(a.id, b.id);
    equal([a.name, b.name], ['a.txt', 'b.txt']);
    const elsewhere = await first.join('others').shareFile(join(folder, 'a.txt'), { name: 'c.txt' });
    ok(elsewhere.id !== a.id);
    is(elsewhere.name, 'c.txt');
  });
});

test('files of every awkward size arrive', async () => {
  await withDirectory(async (folder) => {
    const [bob, alice] = await pair();
    await using sharer = bob;
    await using reader = alice;
    for (const size of [0, 1, 1024, 32_768, 32_769, 1_048_577]) {
      const bytes = await makeFile(join(folder, `${size}`), size);
      const { link } = await sharer.shareFile(join(folder, `${size}`));
      await reader.fetchFile(link, { to: join(folder, `${size} fetched`) });
      is(hashOf(await readFile(join(folder, `${size} fetched`))), hashOf(bytes));
    }
  });
});

test('a fetch that was stopped leaves nothing under its name, and goes on where it was', async () => {
  await withDirectory(async (folder) => {
    const bytes = await makeFile(join(folder, 'long'), 6 * 1024 * 1024);
    const [bob, alice] = await pair();
    await using sharer = bob;
    await using reader = alice;
    const { link } = await sharer.shareFile(join(folder, 'long'));
    const to = join(folder, 'fetched');
    const controller = new AbortController();
    const stopped = reader.fetchFile(link, { to, signal: controller.signal, onProgress: ({ bytes: here }) => here > 0 && controller.abort(new Error('enough')) });
    const error: unknown = await stopped.then(() => null, (reason: unknown) => reason);
    if (error !== null) { // a fast machine may have all of it before the first word of progress
      ok(error instanceof Error && error.message === 'enough');
      equal((await readdir(folder)).sort(), ['fetched.srp-part', 'fetched.srp-state', 'long']);
      const { groups } = JSON.parse(await readFile(`${to}.srp-state`, 'utf8')) as { readonly groups: number };
      const first: number[] = [];
      await reader.fetchFile(link, { to, onProgress: ({ bytes: here }) => first.push(here) });
      is(first[0], groups * 32_768, 'it did not go on where it was');
    }
    is(hashOf(await readFile(to)), hashOf(bytes));
    equal((await readdir(folder)).sort(), ['fetched', 'long']);
    const already = AbortSignal.abort(new Error('before'));
    is(await reader.fetchFile(link, { to: `${to}2`, signal: already }).then(() => '', (reason: unknown) => (reason as Error).message), 'before');
  });
});

test('what is on the way is let go of when the peer closes, and a fetch without a source waits until then', async () => {
  await withDirectory(async (folder) => {
    await makeFile(join(folder, 'long'), 100_000);
    const [bob, alice] = await pair();
    await using sharer = bob;
    const shared = await sharer.shareFile(join(folder, 'long'));
    await shared.stop();
    const waiting = fails('PEER_CLOSED', alice.fetchFile(shared.link, { to: join(folder, 'a') }));
    await until('it has begun', () => existsSync(join(folder, 'a.srp-part')));
    for (const name of ['a', 'A']) await fails('FILE_BUSY', alice.fetchFile(shared.link, { to: join(folder, name) }));
    await until('it was asked for', () => bob.neighbours().length > 0);
    await alice.close();
    await waiting;
    equal((await readdir(folder)).sort(), ['a.srp-part', 'a.srp-state', 'long']);
    await fails('PEER_CLOSED', alice.fetchFile(shared.link, { to: join(folder, 'b') }));
  });
});

test('a file that is there whole is not fetched again, and one that is not is left alone', async () => {
  await withDirectory(async (folder) => {
    await makeFile(join(folder, 'photo'), 100_000);
    const [bob, alice] = await pair();
    const { link } = await bob.shareFile(join(folder, 'photo'));
    const to = join(folder, 'fetched');
    await using reader = alice;
    await reader.fetchFile(link, { to, share: false });
    await using carol = await loopbackPeer({ introducers: [whereIs(alice)] });
    await bob.close();
    equal(await reader.fetchFile(link, { to }), { path: to, name: 'photo', size: 100_000, wasHere: true });
    await carol.fetchFile(link, { to: join(folder, 'third') }); // what was found there is given like what was fetched
    const other = await makeFile(to, 100_000);
    await fails('FILE_EXISTS', reader.fetchFile(link, { to }));
    await writeFile(to, other.subarray(1));
    await fails('FILE_EXISTS', reader.fetchFile(link, { to }));
    is(hashOf(await readFile(to)), hashOf(other.subarray(1)));
  });
});

test('a full disk is said to be full, and the fetch goes on when it is not', async () => {
  if (process.platform !== 'linux') return; // where there is /dev/full
  await withDirectory(async (folder) => {
    const bytes = await makeFile(join(folder, 'long'), 200_000);
    const [bob, alice] = await pair();
    await using sharer = bob;
    await using reader = alice;
    const { link } = await sharer.shareFile(join(folder, 'long'));
    await symlink('/dev/full', join(folder, 'fetched.srp-part'));
    const error = await fails('FILE_NOT_WRITTEN', reader.fetchFile(link, { to: join(folder, 'fetched') }));
    ok(error.message.includes('the disk is full; free space'));
    ok(!(await readdir(folder)).includes('fetched'));
    await rm(join(folder, 'fetched.srp-part'));
    await reader.fetchFile(link, { to: join(folder, 'fetched') });
    is(hashOf(await readFile(join(folder, 'fetched'))), hashOf(bytes));
    await fails('FILE_NOT_WRITTEN', reader.fetchFile(link, { to: join(folder, 'long', 'below a file') }));
  });
});

test('of what was never a file nothing is kept, and the app is told', async () => {
  await withDirectory(async (folder) => {
    let begun: number | null = null;
    const host = { self: 'aa'.repeat(32) as PeerId, input: (input: FileInput) => void (begun = input.kind === 'fetch' ? input.transfer : begun), progress: () => null, neighbours: () => [], warn: () => undefined, random: () => 7 };
    const files = new Files(host, null);
    const fetching = fails('FILE_BROKEN', files.fetch({ id: 'ab'.repeat(32) as FileLink['id'], size: 10, name: 'a', key: new Uint8Array(32), peers: [] }, { to: join(folder, 'a') }));
    await until('it has begun', () => begun !== null);
    equal((await readdir(folder)).sort(), ['a.srp-part', 'a.srp-state']);
    files.take({ kind: 'broken', transfer: 7 });
    await fetching;
    equal(await readdir(folder), []);
  });
});

test('a file that changes is given to nobody any more, and the user is told', async () => {
  await withDirectory(async (folder) => {
    await makeFile(join(folder, 'log'), 100_000);
    const [bob, alice] = await pair();
    await using sharer = bob;
    const { link } = await sharer.shareFile(join(folder, 'log'));
    const file = await open(join(folder, 'log'), 'r+');
    await file.write('changed', 50_000);
    await file.close();
    const fetch = fails('PEER_CLOSED', alice.fetchFile(link, { to: join(folder, 'fetched') }));
    await until('the user is told', () => sharer.warnings.some((warning) => warning.includes('log was written to since it was shared')));
    await alice.close();
    await fetch;
    ok(!(await readdir(folder)).includes('fetched'));
  });
});

test('what cannot be shared is refused with the reason', async () => {
  await withDirectory(async (folder) => {
    await using peer = await loopbackPeer();
    await fails('FILE_UNREADABLE', peer.shareFile(join(folder, 'nothing')));
    await fails('FILE_UNREADABLE', peer.shareFile(folder));
    await appendFile(join(folder, 'x'), 'x');
    for (const name of ['', '..', 'a/b', 'a\\b', 'a\u0000', 'a\u202egpj.exe', 'x'.repeat(256), 'report.pdf.srp-part', 'report.pdf.SRP-State', 'r.srp-state.new', 'NUL.txt', 'com1', 'a.', 'a ']) await fails('FILE_LINK_BAD', peer.shareFile(join(folder, 'x'), { name }));
    const signal = AbortSignal.abort(new Error('enough'));
    is(await peer.shareFile(join(folder, 'x'), { signal }).then(() => '', (reason: unknown) => (reason as Error).message), 'enough');
  });
});

test('a link is read as it was written, and whatever else is read says what is wrong', () => {
  const link: FileLink = { id: 'ab'.repeat(32) as FileLink['id'], size: 5 * 2 ** 30, name: 'Grüße aus Köln.jpg', key: new Uint8Array(32).fill(9), peers: [1, 2, 3, 4].map((i) => `${i}`.repeat(64) as FileLink['peers'][number]) };
  const text = formatFileLink(link);
  equal(parseFileLink(` ${text}\n`), link);
  ok(formatFileLink({ ...link, name: 'ü'.repeat(127) }).length < 1000);
  const bad = (other: string, message: RegExp): void => {
    try {
      parseFileLink(other);
    } catch (error) {
      ok(error instanceof PeerError && error.code === 'FILE_LINK_BAD' && message.test(error.message), String(error));
      return;
    }
    ok(false, other);
  };
  for (let end = 0; end < text.length; end += 1) bad(text.slice(0, end), /start with|damaged/);
  const fields = { 1: new Uint8Array(32), 2: 10, 3: 'x', 4: new Uint8Array(32), 5: new Uint8Array(32) } as const;
  const withField = (field: number, value: CborValue | undefined): string =>
    `srp-file:${toBase64Url(encodeCbor(new Map(Object.entries({ ...fields, [field]: value }).filter(([, one]: [string, unknown]) => one !== undefined).map(([key, one]) => [Number(key), one]))))}`;
  bad(withField(1, new Uint8Array(31)), /names no file/);
  bad(withField(2, 2 ** 36 + 1), /size is not/);
  bad(withField(2, 'ten'), /size is not/);
  for (const name of ['', '.', '..', '../../etc/passwd', 'a/b', 'a\\b', 'nul\u0000', 'con:', 'Con', 'x.srp-state', 'a\u202egpj.exe', 'ü'.repeat(128), undefined, 5]) bad(withField(3, name), /name is none/);
  bad(withField(4, new Uint8Array(33)), /key is not 32 bytes/);
  bad(withField(5, new Uint8Array(33)), /list of peers is damaged/);
  bad(withField(5, new Uint8Array(160)), /list of peers is damaged/);
  bad(`srp-file:${'A'.repeat(1000)}`, /at most 1000 characters/);
});

/** A process that shares; it is killed by whoever has it. */
const startSharer = async (directory: string, path: string, port: number): Promise<{ readonly child: ChildProcess; readonly link: string; readonly where: string; readonly port: number }> => {
  const child = spawn(process.execPath, [fixture('sharer'), directory, path, `${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { link: string; where: string; port: number }) };
};
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
const killed = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};
/** How many bytes of a file that is fetched are noted as being on disk, from the front on. */
const onDisk = (path: string): number => {
  try {
    return (JSON.parse(readFileSync(`${path}.srp-state`, 'utf8')) as { readonly groups: number }).groups * 32 * 1024;
  } catch {
    return 0; // not noted yet, or whole by now
  }
};

test('a file arrives whole although both sides are killed several times, and what was on disk is not fetched again', async () => {
  await withDirectory(async (folder) => {
    const bytes = await makeFile(join(folder, 'long'), 24 * 1024 * 1024);
    const to = join(folder, 'fetched');
    let sharer = await startSharer(join(folder, 'sharer'), join(folder, 'long'), 0);
    const { link } = sharer;
    const begun: number[] = [];
    const kept = [0];
    // The receiver is killed twice, and then the sharer under a receiver that runs on: each time when more is on disk, however soon that is.
    for (const isLast of [false, false, true]) {
      const fetcher = spawn(process.execPath, [fixture('fetcher'), link, to, sharer.where], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = createInterface({ input: fetcher.stdout });
      const [first] = (await once(lines, 'line')) as [string];
      begun.push(Number(first));
      await until('more is on disk', () => onDisk(to) > (kept.at(-1) ?? 0) || fetcher.exitCode !== null, 60_000);
      is(fetcher.exitCode, null, 'the receiver was done before anybody was killed');
      if (isLast) {
        await killed(sharer.child);
        sharer = await startSharer(join(folder, 'sharer'), join(folder, 'long'), sharer.port);
        is(sharer.link, link);
        if (fetcher.exitCode === null) await once(fetcher, 'exit');
      } else {
        await killed(fetcher);
        kept.push(onDisk(to));
      }
    }
    await killed(sharer.child);
    is(hashOf(await readFile(to)), hashOf(bytes));
    equal((await readdir(folder)).sort(), ['fetched', 'long', 'sharer']);
    equal(begun, kept);
  });
});

test.run();
