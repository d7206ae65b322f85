import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Peer } from '@srp/peer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { alone, cleanUp, freshFolder, freshRoom, mainFile, onLoopback, plainChat, type Program, until } from './tools/programs.js';

const test = suite('the chat with pipes');
test.after.each(cleanUp);

const isUp = (chat: Program): boolean => chat.stderr.includes('Lines on stdin');
const up = (chat: Program): Promise<void> => chat.until(() => isUp(chat), 'a chat that is up');
const linkOf = (chat: Program): string => /srp:\S+/.exec(chat.stderr)?.[0] ?? '';

test('two copies with one HOME and no other option find each other and talk within seconds', async () => {
  const home = freshFolder();
  const first = plainChat(home, onLoopback);
  await up(first);
  const second = plainChat(home, onLoopback);
  await up(second);
  assert.match(second.stderr, /participant 2/);
  const startedAt = performance.now();
  second.type('hello from the second\n');
  await first.until(() => first.stdout.includes(': hello from the second\n'), 'what the second says');
  first.type('hello from the first\n');
  await second.until(() => second.stdout.includes(': hello from the first\n'), 'what the first says');
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 6000, `${tookMs} ms`); // under a second on a quiet machine; a build server may be busy
  assert.match(first.stdout, /^[a-z]+-[a-z]+: hello from the second$/m);
});

test('keeps name and identity from one start to the next', async () => {
  const home = freshFolder();
  const who = async (...args: string[]): Promise<string> => {
    const chat = plainChat(home, [...alone, ...args]);
    await up(chat);
    chat.type('/who\n');
    await chat.until(() => chat.stderr.includes('that is you'), 'an answer');
    chat.child.stdin?.end();
    assert.is(await chat.ended, 0);
    return /# (\S+, that is you: \S+)/.exec(chat.stderr)?.[1] ?? '';
  };
  const first = await who();
  assert.match(first, /^[a-z]+-[a-z]+, that is you: [a-z]+(-[a-z]+){7}$/);
  assert.is(await who(), first);
  const renamed = await who('--name', 'ann');
  assert.is(renamed, first.replace(/^[^,]+/, 'ann'));
  assert.is(await who(), renamed);
});

test('says what stdin says before it leaves at its end, also to who comes in that moment', async () => {
  const home = freshFolder();
  const inRoom = [...onLoopback, '--room', freshRoom()];
  const listener = plainChat(home, inRoom);
  await up(listener);
  const speaker = plainChat(home, ['--name', 'ann', ...inRoom]);
  speaker.type('one\ntwo\nthree');
  speaker.child.stdin?.end();
  assert.is(await speaker.ended, 0, speaker.stderr);
  await listener.until(() => listener.stdout.split('\n').length > 3, 'three lines');
  assert.is(listener.stdout, 'ann: one\nann: two\nann: three\n');
});

test('tells when nobody was there, and hands it over at the next start', async () => {
  const home = freshFolder();
  const early = plainChat(home, ['--name', 'ann', ...alone]);
  early.type('is anybody here?\n');
  early.child.stdin?.end();
  assert.is(await early.ended, 0);
  assert.match(early.stderr, /Nobody was there: 1 message will go out/);
  const again = plainChat(home, alone);
  await up(again);
  const late = plainChat(freshFolder(), [linkOf(again), ...alone]);
  await late.until(() => late.stdout === 'ann: is anybody here?\n', 'the message of before');
});

test('loses none of many lines at once', async () => {
  const home = freshFolder();
  const inRoom = [...onLoopback, '--room', freshRoom()];
  const listener = plainChat(home, inRoom);
  await up(listener);
  const speaker = plainChat(home, ['--name', 'ann', ...inRoom]);
  await speaker.until(() => isUp(speaker), 'up');
  const lines = Array.from({ length: 200 }, (_, at) => `line ${at}`);
  speaker.child.stdin?.end(lines.join('\n'));
  assert.is(await speaker.ended, 0);
  await listener.until(() => listener.stdout.split('\n').length > lines.length, '200 lines');
  assert.equal(listener.stdout.trimEnd().split('\n').sort(), lines.map((line) => `ann: ${line}`).sort());
});

test('sends a long text as one message, and one that is too long for that in pieces', async () => {
  const home = freshFolder();
  const inRoom = [...onLoopback, '--room', freshRoom()];
  const listener = plainChat(home, inRoom);
  await up(listener);
  const speaker = plainChat(home, ['--name', 'ann', ...inRoom]);
  await up(speaker);
  const text = Array.from({ length: 10_000 }, (_, at) => `word${at}`).join(' ');
  speaker.type(`${text}\n`);
  await listener.until(() => listener.stdout.includes('word9999'), 'the last word');
  assert.is(listener.stdout.replaceAll('ann: ', '').trimEnd().replaceAll('\n', ' '), text);
  assert.is(listener.stdout.split('ann: ').length, 3, 'two messages');
});

test('writes nothing to stdout that a remote could use against who reads it', async () => {
  const home = freshFolder();
  const chat = plainChat(home, alone);
  await up(chat);
  await using hostile = await Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
  hostile.connect(linkOf(chat));
  const room = hostile.join('lobby');
  await until(() => room.subscribers() > 0, 'the chat as a neighbour');
  for (const payload of ['srp-chat 1 eve\nx\u001b[2J\u0007\nalice: forged', 'srp-chat 1 a b:\u001b[1m\nname', 'no chat\r\nat all\u202e', new Uint8Array([0xff, 0xfe]), 'srp-chat 9 x\ny', 'end']) await room.publish(payload);
  await chat.until(() => chat.stdout.includes('end\n'), 'the last message');
  assert.is(chat.stdout.replaceAll(/^\([a-z-]+\)/gm, '(mark)'), 'eve: x alice: forged\nab: name\n(mark): no chat at all\n(mark): end\n');
  assert.match(chat.stderr, /uses version 9/);
});

test('tells two authors of one name apart', async () => {
  const home = freshFolder();
  const chat = plainChat(home, alone);
  await up(chat);
  for (const text of ['one', 'two']) {
    await using peer = await Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
    peer.connect(linkOf(chat));
    const room = peer.join('lobby');
    await until(() => room.subscribers() > 0, 'the chat as a neighbour');
    await room.publish(`srp-chat 1 bob\n${text}`);
    await chat.until(() => chat.stdout.includes(text), text);
  }
  assert.match(chat.stdout, /^bob: one\nbob \([a-z]+-[a-z]+\): two\n$/);
});

test('meets through an invite, and enters its private room', async () => {
  const den = plainChat(freshFolder(), ['--private', '--room', 'cave', '--name', 'ann', ...alone]);
  await up(den);
  const guest = plainChat(freshFolder(), [linkOf(den), '--name', 'bob', ...alone]);
  await up(guest);
  assert.match(guest.stderr, /private room cave/);
  guest.type('hello\n');
  await den.until(() => den.stdout === 'bob: hello\n', 'a greeting in private');
});

test('keeps a private room from one start to the next, and shows its key to nobody else', async () => {
  const home = freshFolder();
  const other = freshFolder();
  const first = plainChat(home, ['--private', '--room', 'cave', ...alone]);
  await up(first);
  const guest = plainChat(other, ['--connect', linkOf(first), ...alone]);
  await up(guest);
  for (const chat of [first, guest]) chat.child.kill('SIGTERM');
  assert.equal(await Promise.all([first.ended, guest.ended]), [0, 0]);
  assert.is(statSync(join(home, '.srp/1/chat.json')).mode & 0o777, 0o600);
  assert.match(readFileSync(join(home, '.srp/1/chat.json'), 'utf8'), /"cave"/);

  const again = plainChat(home, ['--room', 'cave', ...alone]);
  await up(again);
  assert.match(again.stderr, /Back in your private room cave/);
  assert.not.match(again.stderr, 'srp:');
  again.type('/invite\n');
  await again.until(() => again.stdout.endsWith('\n'), 'the link that was asked for');
  const link = again.stdout.trim();
  const guestAgain = plainChat(other, ['--room', 'cave', '--name', 'bob', '--connect', link, ...alone]);
  await up(guestAgain);
  guestAgain.type('still here\n');
  await again.until(() => again.stdout === `${link}\nbob: still here\n`, 'a message in the same room');
});

test('enters the public room that is named when the invite is for another, and meets its peers there', async () => {
  const host = plainChat(freshFolder(), alone);
  await up(host);
  const guest = plainChat(freshFolder(), ['--room', 'books', '--connect', linkOf(host), ...alone]);
  await up(guest);
  assert.match(guest.stderr, /public room books/);
  host.type('/room books\n');
  await host.until(() => host.stderr.includes('public room books'), 'the other room');
  guest.type('good books?\n');
  await host.until(() => host.stdout.endsWith(': good books?\n'), 'what is said in books');
});

test('does not confuse a private room with the public one of its name', async () => {
  const home = freshFolder();
  const books = freshRoom();
  const secret = plainChat(home, ['--private', '--room', books, '--name', 'ann', ...onLoopback]);
  await up(secret);
  const outsiders = ['bob', 'eve'].map((name) => plainChat(freshFolder(), ['--room', books, '--name', name, ...onLoopback]));
  const [bob, eve] = outsiders as [Program, Program];
  await Promise.all(outsiders.map(up));
  const isNeighbour = (): boolean => /[1-9]\d* neighbours?, 0 of them in this room/.test(secret.stderr);
  for (let tries = 0; tries < 100 && !isNeighbour(); tries += 1) {
    secret.type('/who\n');
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.ok(isNeighbour(), secret.stderr);
  secret.type('for the few\n');
  bob.type('for everybody\n');
  await eve.until(() => eve.stdout === 'bob: for everybody\n', 'what is said in public');
  assert.is(secret.stdout + bob.stdout, '');
  assert.is(eve.stdout, 'bob: for everybody\n');
});

test('obeys every command', async () => {
  const chat = plainChat(freshFolder(), alone);
  await up(chat);
  chat.type('hello\n/help\n/name ann\n/name two words\n/name\n/who\n/status\n/room\n/room books\n/room books\n/room cave private\n/room a b c\n/room srp:x\n/nonsense\n//slash\n/history\n/history x\n/invite\n/quit\n');
  assert.is(await chat.ended, 0);
  for (const expected of ['/quit', 'You are ann now', 'still ann. two words cannot be a name', 'Your name is ann', 'that is you', 'Room lobby, public', 'Profile 1', 'Peer ', 'Cache:', 'Dropped:', 'You are in lobby', 'public room books', 'in books already', 'new private room cave', 'Say /room NAME', 'That failed', 'no command /nonsense', 'Say /history', 'You left cave'])
    assert.match(chat.stderr, expected);
  assert.match(chat.stdout, /^ann: \/slash\nsrp:\S+\n$/);
});

test('leaves with exit code 0 on every signal that asks for it', async () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const chat = plainChat(freshFolder(), alone);
    await up(chat);
    chat.child.kill(signal);
    assert.is(await chat.ended, 0, signal);
    assert.match(chat.stderr, 'You left lobby');
  }
});

test('says goodbye, so that others know at once', async () => {
  const stays = plainChat(freshFolder(), alone);
  await up(stays);
  const leaves = plainChat(freshFolder(), [linkOf(stays), ...alone]);
  await up(leaves);
  leaves.type('here\n');
  await stays.until(() => stays.stdout.includes('here'), 'a neighbour');
  leaves.child.kill('SIGINT');
  assert.is(await leaves.ended, 0);
  stays.type('/who\n');
  await stays.until(() => stays.stderr.includes('0 neighbours'), 'no neighbour', 1000);
});

test('leaves when nobody reads its output any more', async () => {
  const home = freshFolder();
  const inRoom = [...onLoopback, '--room', freshRoom()];
  const chat = plainChat(home, inRoom);
  await up(chat);
  chat.child.stdout?.destroy();
  const other = plainChat(home, inRoom);
  await up(other);
  other.type('to whom?\n');
  assert.is(await chat.ended, 0);
});

test('ends in good order although its home was taken away, and says what could not be kept', async () => {
  const home = freshFolder();
  const chat = plainChat(home, [...alone, '--private']);
  await up(chat);
  rmSync(home, { recursive: true });
  chat.child.stdin?.end();
  await chat.ended;
  assert.match(chat.stderr, /the invite of den could not be written/);
  assert.match(chat.stderr, 'You left den');
  assert.not.match(chat.stderr, /^ +at /m);
});

test('does not read more of stdin than it can publish in a while', async () => {
  const chat = plainChat(freshFolder(), alone);
  await up(chat);
  const line = `${'x'.repeat(99)}\n`;
  let taken = 0;
  chat.child.stdin?.on('drain', () => {
    taken += 1;
    if (taken < 40) chat.child.stdin?.write(line.repeat(5000));
  });
  chat.child.stdin?.write(line.repeat(5000));
  await chat.until(() => chat.stderr.includes('lines to go'), 'progress', 15_000);
  assert.ok(taken < 8, `${taken} times 500 kB were taken in`);
  chat.child.kill('SIGINT');
  await chat.ended;
});

test('answers bad options in one line and with exit code 2', () => {
  const home = freshFolder();
  for (const args of [['--nonsense'], ['--port', 'x'], ['--connect', 'srp:broken'], ['books'], ['--connect', `${'ab'.repeat(32)}@nowhere:1`]]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [mainFile, ...args, '--home', home, ...alone], { encoding: 'utf8', timeout: 10_000, input: '' });
    assert.is(status, 2, `${args.join(' ')}: ${stderr}`);
    assert.is(stdout, '');
    assert.match(stderr, /^Cannot [^\n]+\n$/, args.join(' '));
  }
});

test('answers what it cannot start with in one line and with exit code 1', async () => {
  const first = plainChat(freshFolder(), [...alone, '--port', '0']);
  await up(first);
  first.type('/status\n');
  await first.until(() => first.stderr.includes('listening on'), 'its port');
  const port = /listening on 127\.0\.0\.1:(\d+)/.exec(first.stderr)?.[1] ?? '';
  for (const args of [['--port', port], ['--home', '/dev/null/x']]) {
    const chat = plainChat(freshFolder(), [...alone, ...args]);
    assert.is(await chat.ended, 1, args.join(' '));
    assert.match(chat.stderr, /^Cannot start: [^\n]+\n$/);
  }
});

test('prints help and version and starts nothing', () => {
  const run = (option: string): string => spawnSync(process.execPath, [mainFile, option], { encoding: 'utf8', env: { HOME: '/nonexistent' } }).stdout;
  assert.match(run('--help'), '--room NAME');
  assert.match(run('--version'), /^chat \d+\.\d+\.\d+\n$/);
});

test.run();
