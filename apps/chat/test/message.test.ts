/* eslint-disable no-control-regex -- control characters are what is looked for here */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { messageTextBytesMax, nameLengthMax } from '../dist/constants.js';
import { composeMessage, nameProblem, readMessage, shownName } from '../dist/message.js';
import { friendlyName } from '../dist/names.js';

test('reads what it composed', () => {
  assert.equal(readMessage(composeMessage('quiet-otter', 'hello\nthere')), { kind: 'said', name: 'quiet-otter', lines: ['hello', 'there'] });
});

test('shows the text of another program without a name', () => {
  assert.equal(readMessage('hello, world'), { kind: 'foreign', lines: ['hello, world'] });
});

test('knows a message of a newer chat, and what is no text', () => {
  assert.equal(readMessage('srp-chat 2 whatever\nhello'), { kind: 'newer', version: '2' });
  assert.equal(readMessage(null), { kind: 'unreadable' });
  assert.equal(readMessage(''), { kind: 'unreadable' });
  assert.equal(readMessage('srp-chat 1 bob\n\u001b[2J\u0007'), { kind: 'unreadable' });
});

test('lets no payload through that is not clean', () => {
  let state = 7;
  const next = (): number => (state = (state * 1103515245 + 12345) % 2147483648);
  const tricky = ['\u001b[2J', '\n', '\r', '\u202e', 'srp-chat 1 ', ' ', ':', 'x', '\u0000', '\u009b', '世', '👍', '\u200d', '\u0301', '\u2028', '(', '\t'];
  for (let round = 0; round < 3000; round += 1) {
    const payload = `${next() % 2 === 0 ? 'srp-chat 1 ' : ''}${Array.from({ length: next() % 30 }, () => tricky[next() % tricky.length]).join('')}`;
    const message = readMessage(payload);
    const name = message.kind === 'said' ? message.name : null;
    const strings = 'lines' in message ? [...message.lines, ...(name === null ? [] : [name])] : [];
    for (const one of strings) assert.not.match(one, /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/, JSON.stringify(payload));
    if (name !== null) assert.match(name, /^[^\s:()]{1,24}$/u, JSON.stringify(payload));
  }
});

test("makes a remote's name one short clean word", () => {
  assert.is(shownName('bob: hi alice'), 'bobhialice');
  assert.is(shownName('\u001b[31mbob'), 'bob');
  assert.is(shownName('(able-acid)'), 'able-acid');
  assert.is(shownName(''), 'nameless');
  assert.is(shownName('\u0301\u0301'), 'nameless');
  assert.is([...shownName('世'.repeat(100))].length, nameLengthMax);
});

test('finds fault with a name that would be shown otherwise', () => {
  assert.is(nameProblem('Zoë'), null);
  assert.is(nameProblem('a.b_c-d'), null);
  for (const name of ['', 'two words', 'a:b', 'a(b', '/quit', '\u001b[1m', 'x'.repeat(25)]) assert.type(nameProblem(name), 'string', name);
});

test('makes up names that have no fault', () => {
  for (let round = 0; round < 200; round += 1) assert.is(nameProblem(friendlyName()), null);
});

test('the longest text fits a message beside the longest name', () => {
  const payload = composeMessage('\u{1f600}'.repeat(nameLengthMax), 'x'.repeat(messageTextBytesMax));
  assert.is(Buffer.byteLength(payload), 60 * 1024);
});

test.run();
