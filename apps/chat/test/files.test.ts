import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Peer } from '@srp/peer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyName, typedPath } from '../dist/files.js';
import { alone, cleanUp, freshFolder, plainChat, type Program, until } from './tools/programs.js';

const test = suite('files in the chat');
test.after.each(cleanUp);

const up = (chat: Program): Promise<void> => chat.until(() => chat.stderr.includes('Lines on stdin'), 'a chat that is up');
const linkOf = (chat: Program): string => /srp:\S+/.exec(chat.stderr)?.[0] ?? '';
const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Two chats in one room that see each other, and their homes. */
const two = async (): Promise<{ readonly ann: Program; readonly bob: Program; readonly annHome: string; readonly bobHome: string }> => {
  const [annHome, bobHome] = [freshFolder(), freshFolder()];
  const ann = plainChat(annHome, ['--name', 'ann', '--private', ...alone]);
  await up(ann);
  const bob = plainChat(bobHome, ['--name', 'bob', linkOf(ann), ...alone]);
  await up(bob);
  bob.type('hello\n');
  await ann.until(() => ann.stdout.includes('bob: hello'), 'two that talk');
  return { ann, bob, annHome, bobHome };
};

test('a photo that one chat sends is offered to the other, fetched when it is asked for, and whole', async () => {
  const { ann, bob, annHome, bobHome } = await two();
  const photo = join(annHome, 'my cat.jpg');
  writeFileSync(photo, randomBytes(1_234_567));
  ann.type(`/send '${photo}'\n`);
  await bob.until(() => bob.stdout === 'ann: offers my cat.jpg (1.2 MB); /get 1 fetches it\n', 'an offer');
  await ann.until(() => ann.stderr.includes('You offer my cat.jpg (1.2 MB)'), 'word of it'); // which the other process may be told first
  const folder = join(bobHome, '.srp/1/files');
  assert.not.ok(existsSync(folder), 'nothing is fetched that nobody asked for');
  bob.type('/get\n');
  await bob.until(() => bob.stderr.includes(`my cat.jpg is here, 1.2 MB: ${join(folder, 'my cat.jpg')}`), 'the photo');
  assert.is(hashOf(join(folder, 'my cat.jpg')), hashOf(photo));
  bob.type('/get 1\n');
  await bob.until(() => bob.stderr.includes(`my cat.jpg is here already, 1.2 MB: ${join(folder, 'my cat.jpg')}`), 'where it is');
  assert.equal(readdirSync(folder), ['my cat.jpg']);
  writeFileSync(join(folder, 'my cat.jpg'), 'another one');
  bob.type('/get 1\n');
  await bob.until(() => bob.stderr.includes(join(folder, 'my cat (2).jpg')), 'a second name');
  assert.is(hashOf(join(folder, 'my cat (2).jpg')), hashOf(photo));
  assert.equal(readdirSync(folder).sort(), ['my cat (2).jpg', 'my cat.jpg']);
});

test('what is offered can be fetched after both chats were started anew, and by whoever enters the line before stdin ends', async () => {
  const { ann, bob, annHome, bobHome } = await two();
  const photo = join(annHome, 'cat.jpg');
  writeFileSync(photo, randomBytes(300_000));
  ann.type(`/send ${photo}\n`);
  await bob.until(() => bob.stdout.includes('offers cat.jpg'), 'an offer');
  for (const chat of [ann, bob]) chat.child.kill('SIGTERM');
  await Promise.all([ann.ended, bob.ended]);
  const again = plainChat(annHome, ['--private', ...alone]);
  await up(again);
  again.type('/invite\n');
  await again.until(() => again.stdout.endsWith('\n'), 'a link');
  const target = join(bobHome, 'elsewhere');
  const bobAgain = plainChat(bobHome, ['--connect', again.stdout.trim(), '--files', target, ...alone]);
  bobAgain.type('/get 1\n');
  bobAgain.child.stdin?.end();
  assert.is(await bobAgain.ended, 0, bobAgain.stderr);
  assert.is(hashOf(join(target, 'cat.jpg')), hashOf(photo));
});

test('a fetch that is stopped or left leaves no file under its name, and goes on', async () => {
  const { ann, bob, annHome, bobHome } = await two();
  writeFileSync(join(annHome, 'film'), randomBytes(100_000));
  ann.type(`/send ${join(annHome, 'film')}\n`);
  await bob.until(() => bob.stdout.includes('offers film'), 'an offer');
  ann.child.kill('SIGKILL');
  await ann.ended;
  bob.type('/get 1\n');
  await bob.until(() => bob.stderr.includes('film 0 %, looking for who has it'), 'how far it is');
  bob.type('/get 1\n/stop\n');
  await bob.until(() => bob.stderr.includes('Stopped fetching film; /get 1 goes on'), 'that it was stopped');
  assert.match(bob.stderr, 'film is on its way');
  bob.type('/stop\n/get 7\n/get x\n/send\n/send /nonexistent\n/get 1\n');
  await bob.until(() => bob.stderr.includes('That failed: Cannot share /nonexistent'), 'a reason');
  for (const expected of ['Nothing is being fetched', 'Say /get NUMBER', 'Say /send FILE']) assert.match(bob.stderr, expected);
  const folder = join(bobHome, '.srp/1/files');
  await until(() => existsSync(folder) && readdirSync(folder).length === 2, 'a fetch that has begun');
  bob.type('/quit\n');
  assert.is(await bob.ended, 0, bob.stderr);
  assert.equal(readdirSync(folder).sort(), ['film.srp-part', 'film.srp-state']);
});

test('an offer of another program is one too, and nothing that a name holds reaches the terminal or another folder', async () => {
  const home = freshFolder();
  const chat = plainChat(home, alone);
  await up(chat);
  await using peer = await Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
  peer.connect(linkOf(chat));
  const room = peer.join('lobby');
  await until(() => room.subscribers() > 0, 'the chat as a neighbour');
  mkdirSync(join(home, 'x'));
  writeFileSync(join(home, 'x/a'), 'a');
  await room.shareFile(join(home, 'x/a'), { name: '-rf & e\u0301\u0301\u0301\u0301\u0301.jpg' });
  await room.publish('srp-chat 1 eve\nsrp-file:AAAA');
  await chat.until(() => chat.stdout.includes('AAAA'), 'both');
  assert.match(chat.stdout, /^\([a-z-]+\): offers -rf & e\u0301{3}\.jpg \(1 byte\); \/get 1 fetches it\neve: srp-file:AAAA\n$/u);
  chat.type('/get\n');
  await chat.until(() => chat.stderr.includes('is here'), 'the file');
  assert.is(readdirSync(join(home, '.srp/1/files')).length, 1);
});

test('paths are read as people and terminals write them', () => {
  assert.is(typedPath('cat.jpg', '/photos'), '/photos/cat.jpg');
  assert.is(typedPath(String.raw`/tmp/my\ cat.jpg`, '/'), '/tmp/my cat.jpg');
  assert.is(typedPath('"/tmp/my cat.jpg"', '/'), '/tmp/my cat.jpg');
  assert.ok(!typedPath('~/cat.jpg', '/').includes('~'));
  assert.equal([1, 2].map((copy) => copyName('a.b.jpg', copy)), ['a.b.jpg', 'a.b (2).jpg']);
  assert.equal([1, 3].map((copy) => copyName('.profile', copy)), ['.profile', '.profile (3)']);
});

test.run();
