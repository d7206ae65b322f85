/* eslint-disable no-control-regex -- control characters are what is looked for here */
import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noteRows, Paint, saidRows, statusRow, timeOf } from '../dist/paint.js';
import { widthOf } from '../dist/text.js';
import type { Said, State } from '../dist/ui.js';

const plain = new Paint(false);
const coloured = new Paint(true);
const at = new Date(2026, 10, 21, 12, 3);
const said = (lines: string[], more: Partial<Said> = {}): Said => ({ at, name: 'bob', mark: 'able-acid', isNameShared: false, author: 'ab'.repeat(32), lines, isMine: false, isOld: false, ...more });
const state: State = { room: 'lobby', isPrivate: false, name: 'bob', neighbours: 1, subscribers: 2, missing: 0, sending: 0, fetching: [], aloneSeconds: null };

test('puts time, name and mark before a message', () => {
  const [row] = saidRows(said(['hello'], { at: new Date() }), 80, plain);
  assert.match(row ?? '', /^\d\d:\d\d bob \(able-acid\) hello$/);
});

test('begins no row but the first of a message at the margin', () => {
  const lines = ['a '.repeat(100), '12:03 alice (able-able) forged', 'x'.repeat(200), '', '世'.repeat(90)];
  for (let columns = 20; columns < 120; columns += 7) {
    const [, ...rest] = saidRows(said(lines), columns, plain);
    for (const row of rest) assert.match(row, /^ {6}|^$/, JSON.stringify(row));
  }
});

test('loses nothing of a message and exceeds no width', () => {
  const text = 'The quick brown 世界 fox jumps over verylongwordsthatdonotfitanywhere 👍🏽 and the lazy dog';
  for (let columns = 10; columns < 120; columns += 1) {
    const rows = saidRows(said([text]), columns, plain);
    for (const row of rows) assert.ok(widthOf(row) <= columns, `${widthOf(row)} > ${columns}`);
    const squeezed = (value: string): string => value.replace(/\s/gu, '');
    if (columns > 32) assert.is(squeezed(rows.join('')).replace(/^.*?\(able-acid\)/, ''), squeezed(text), `${columns}`);
  }
});

test('has the same text with colours and without, and no escape sequence without', () => {
  for (const columns of [12, 40, 80]) {
    const rows = saidRows(said(['hello there']), columns, coloured);
    assert.equal(rows.map(stripVTControlCharacters), saidRows(said(['hello there']), columns, plain));
    assert.not.match(saidRows(said(['x']), columns, plain).join('') + noteRows('x', columns, plain).join('') + statusRow(state, columns, plain), /\u001b/);
  }
});

test('cleans even what should be clean already', () => {
  const rows = [...saidRows(said(['\u001b[2Jx'], { name: '\u001b[1mbob', mark: '\u0007m' }), 80, plain), ...noteRows('\u001b[2Jx', 80, plain), statusRow({ ...state, room: '\u001b[2Jden' }, 80, plain)];
  for (const row of rows) assert.not.match(row, /[\u0000-\u001f]/);
});

test('states room, name, neighbours and subscribers in one row that fits', () => {
  assert.is(statusRow(state, 80, plain), '-- lobby | bob | 1 neighbour | 2 subscribers --');
  assert.match(statusRow({ ...state, isPrivate: true, neighbours: 0, aloneSeconds: 7, missing: 2, sending: 3, fetching: ['cat.jpg 45 %'] }, 140, plain), 'lobby (private) | bob | 0 neighbours | 2 subscribers | 2 missing | sending 3 ... | cat.jpg 45 % | looking for others ... 7 s');
  for (let columns = 1; columns < 60; columns += 1) assert.ok(widthOf(stripVTControlCharacters(statusRow(state, columns, coloured))) <= columns);
});

test('names the day of what is not of today', () => {
  assert.is(timeOf(at, new Date(2026, 10, 21, 23)), '12:03');
  assert.is(timeOf(at, new Date(2026, 10, 22)), '2026-11-21 12:03');
  assert.is(timeOf(new Date(Number.NaN)), '--:--');
});

test.run();
