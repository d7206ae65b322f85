/* eslint-disable no-control-regex -- control characters are what is looked for here */
import { createInterface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { charactersOf, clean, cleanLines, clip, splitBytes, widthOf, wrap } from '../dist/text.js';

// What a hostile payload may hold: everything that moves a cursor, turns a line, hides or covers.
const hostile = '\u001b[2J\u001b]0;title\u0007\u001b[31m\u0008\u007f\u009b31m\u202e\u2066\u200f\u200b\ufeff\u00ad\u{e0041}\ud800\u{f0000}\u0000\u001b';

test('takes every control and format character off a text', () => {
  assert.is(clean(`a${hostile}b`), 'ab');
  for (let code = 0; code < 0xa0; code += 1) {
    const left = clean(`a${String.fromCharCode(code)}b`);
    assert.not.match(left, /[\u0000-\u001f\u007f-\u009f]/, `code ${code}`);
  }
});

test('leaves letters, emoji of several parts and combined marks as they are', () => {
  for (const text of ['plain words', '世界', 'e\u0301te\u0301', 'नमस्ते', 'שָׁלוֹם', '👩‍👩‍👧', '👍🏽', '🏳️‍🌈', '☺️', '🇳🇱']) assert.is(clean(text), text);
});

test('takes a joiner away that joins nothing, and marks beyond the third', () => {
  assert.is(clean('a\u200db'), 'ab');
  assert.is(clean(`z${'\u0301'.repeat(40)}!`), `z${'\u0301'.repeat(3)}!`);
});

test('makes one line of several where one is wanted, and keeps them where they are', () => {
  assert.is(clean('one\r\ntwo\u2028three\u0085four'), 'one two three four');
  assert.equal(cleanLines('one\r\ntwo\u2028\n\n'), ['one', 'two']);
});

test('cleans again what is clean without a change', () => {
  for (const text of [hostile, 'a\u200d\u200db', `👍${'\u200d'.repeat(3)}👍`, `x${'\u0301'.repeat(9)}\u200dy`]) assert.is(clean(clean(text)), clean(text));
});

test('counts columns as Node does, where one code point is one character', () => {
  const columnsByNode = (text: string): number => {
    const reader = createInterface({ input: new PassThrough(), output: new Writable(), prompt: '' });
    Object.assign(reader, { line: text, cursor: text.length });
    const { cols } = reader.getCursorPos();
    reader.close();
    return cols;
  };
  for (const text of ['plain', '世界', 'ｆｕｌｌ', 'e\u0301', '한국어', '😀', '👍 ok', '日本語 mixed', 'नम']) assert.is(widthOf(text), columnsByNode(text), text);
});

test('counts an emoji of several parts as one', () => {
  assert.is(widthOf('👩‍👩‍👧'), 2);
  assert.is(widthOf('🏳️‍🌈'), 2);
  assert.is(widthOf('🇳🇱'), 2);
});

test('wraps between words, cuts what is longer than a row, and never exceeds it', () => {
  assert.equal(wrap('one two three', 7), ['one two', 'three']);
  assert.equal(wrap('abcdefghij', 4), ['abcd', 'efgh', 'ij']);
  assert.equal(wrap('世界世界世', 5), ['世界', '世界', '世']);
  assert.equal(wrap('', 5), ['']);
  for (const text of ['one two three four', 'a世b界c世d界', 'x'.repeat(50), '  lead', '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧'])
    for (let columns = 2; columns < 12; columns += 1) for (const row of wrap(text, columns)) assert.ok(widthOf(row) <= columns, `${JSON.stringify(row)} in ${columns}`);
});

test('clips to columns without half a wide character', () => {
  assert.is(clip('世界', 3), '世');
  assert.is(clip('abc', 2), 'ab');
});

test('splits a long text into pieces that fit and lose only the gap between', () => {
  const words = Array.from({ length: 300 }, (_, at) => `word${at}`).join(' ');
  const pieces = splitBytes(words, 100);
  for (const piece of pieces) assert.ok(Buffer.byteLength(piece) <= 100);
  assert.is(pieces.join(' '), words);
  const solid = '世'.repeat(500);
  const cut = splitBytes(solid, 100);
  for (const piece of cut) assert.ok(Buffer.byteLength(piece) <= 100);
  assert.is(cut.join(''), solid);
  assert.equal(splitBytes('   ', 100), []);
  const marks = `a${'\u0301'.repeat(200)}`;
  assert.is(splitBytes(marks, 100).join(''), marks);
});

test('cuts a text into what a reader calls characters', () => {
  assert.equal(charactersOf('e\u0301👍🏽b'), ['e\u0301', '👍🏽', 'b']);
});

test.run();
