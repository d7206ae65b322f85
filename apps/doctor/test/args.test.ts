import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from '../dist/args.js';

const problemOf = (...words: string[]): string | null => {
  const parsed = readArguments(words);
  return parsed.kind === 'wrong' ? parsed.problem : null;
};

test('without options it looks at everything for 12 s, with or without the word doctor', () => {
  const expected = { kind: 'examine', options: { introducers: [], isJson: false, isRedacted: false, limitS: 12, portMapping: 'auto', lan: 'all', hosts: null } };
  assert.equal(readArguments([]), expected);
  assert.equal(readArguments(['doctor']), expected);
});

test('options say whom to ask, what not to do, and how to tell it', () => {
  const parsed = readArguments(['doctor', '--introducer', 'a', '--introducer', 'b', '--json', '--redact', '--limit', '5', '--no-port-mapping', '--lan', 'off', '--host', '127.0.0.1']);
  assert.equal(parsed, { kind: 'examine', options: { introducers: ['a', 'b'], isJson: true, isRedacted: true, limitS: 5, portMapping: 'off', lan: 'off', hosts: ['127.0.0.1'] } });
  assert.equal(readArguments(['--help']), { kind: 'help' });
});

test('what cannot be meant is refused with what could be', () => {
  assert.match(problemOf('--limit', '2') ?? '', /--limit must be a whole number 3\.\.60, got 2/);
  assert.match(problemOf('--limit', 'x') ?? '', /got x/);
  assert.match(problemOf('--lan', 'of') ?? '', /all, loopback or off, got of/);
  assert.match(problemOf('--host', 'home') ?? '', /IP address, got home/);
  assert.match(problemOf('--cure') ?? '', /'--cure'/);
  assert.match(problemOf('patient') ?? '', /patient/);
});

test.run();
