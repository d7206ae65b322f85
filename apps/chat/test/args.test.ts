/* eslint-disable no-control-regex -- control characters are what is looked for here */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ChatOptions, readArguments, usage } from '../dist/args.js';

const optionsOf = (...words: string[]): ChatOptions => {
  const read = readArguments(words);
  if (read.kind !== 'chat') throw new Error(read.kind === 'wrong' ? read.problem : read.kind);
  return read.options;
};

const problemOf = (...words: string[]): string => {
  const read = readArguments(words);
  if (read.kind !== 'wrong') throw new Error(`no problem found: ${words.join(' ')}`);
  return read.problem;
};

test('needs no option', () => {
  assert.equal(optionsOf(), { room: null, isPrivate: false, meetings: [], name: null, home: join(homedir(), '.srp'), files: null, lan: 'all', hosts: null, port: 0, portMapping: 'off' });
});

test('reads every option that the help names', () => {
  const options = optionsOf('--room', 'books', '--private', '--name', 'ann', '--home', '/x/y', '--lan', 'off', '--host', '127.0.0.1', '--host', '::1', '--port', '4711', '--port-mapping');
  assert.equal(options, { room: 'books', isPrivate: true, meetings: [], name: 'ann', home: '/x/y', files: null, lan: 'off', hosts: ['127.0.0.1', '::1'], port: 4711, portMapping: 'auto' });
  for (const option of ['room', 'private', 'connect', 'name', 'home', 'lan', 'host', 'port', 'port-mapping', 'help', 'version']) assert.match(usage, `--${option}`);
});

test('takes an address of a peer, as an option or by itself', () => {
  const card = `${'ab'.repeat(32)}@127.0.0.1:4000`;
  assert.equal(optionsOf('--connect', card, card).meetings, [
    { kind: 'address', address: card },
    { kind: 'address', address: card },
  ]);
});

test('says in one line what is wrong', () => {
  const cases: [string[], RegExp][] = [
    [['--colour'], /Unknown option '--colour'; npm start -- --help lists/],
    [['--port', '65536'], /--port must be 0\.\.65535, got "65536"/],
    [['--port', '-1'], /--port/],
    [['--port', ''], /--port/],
    [['--lan', 'on'], /--lan must be all, loopback or off, got "on"/],
    [['--host', 'localhost'], /--host must be an IP address/],
    [['--name', 'two words'], /--name "two words" cannot be a name/],
    [['--room', 'a b'], /--room "a b" cannot be a room/],
    [['--room', 'x'.repeat(65)], /at most 64 bytes/],
    [['--room'], /--room/],
    [['--home', ''], /--home/],
    [['--connect', 'nonsense'], /--connect must be an invite/],
    [['--connect', 'srp:nonsense'], /invite/],
    [['books'], /neither an option nor an invite.*npm start -- --room/],
    [['--private=yes'], /--private/],
    [['--room', '\u001b[2J'], /--room/],
  ];
  for (const [words, expected] of cases) {
    const problem = problemOf(...words);
    assert.match(problem, expected);
    assert.not.match(problem, /[\u0000-\u001f]/);
  }
});

test('does not open a public room when npm kept --private for itself', () => {
  const kept = readArguments([], { npm_config_private: 'true' });
  assert.equal(kept, { kind: 'wrong', problem: 'npm kept --private for itself; options stand after --: npm start -- --private' });
  assert.is(readArguments(['books'], { npm_config_room: 'true' }).kind, 'wrong');
  assert.is(readArguments(['--private'], { npm_config_user_agent: 'npm', npm_config_name: '' }).kind, 'chat');
  assert.is(readArguments(['--help'], { npm_config_private: 'true' }).kind, 'help');
});

test('asks for help or the version before anything else', () => {
  assert.is(readArguments(['--help']).kind, 'help');
  assert.is(readArguments(['-h', '--port', 'x']).kind, 'help');
  assert.is(readArguments(['--version']).kind, 'version');
});

test.run();
