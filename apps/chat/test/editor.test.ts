import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inputHistoryMax, inputLengthMax } from '../dist/constants.js';
import { Editor } from '../dist/editor.js';
import { widthOf } from '../dist/text.js';

const editorWith = (text: string): Editor => {
  const editor = new Editor();
  editor.insert(text);
  return editor;
};

test('writes at the cursor, and takes away on both sides of it', () => {
  const editor = editorWith('held');
  editor.move(-1);
  editor.insert('lo wor');
  assert.is(editor.text, 'hello word');
  editor.backspace();
  editor.delete();
  assert.is(editor.text, 'hello wo');
});

test('handles a character of several code points as one, also when its parts come one by one', () => {
  const editor = new Editor();
  for (const part of ['a', 'e', '\u0301', '👍', '🏽']) editor.insert(part);
  editor.backspace();
  assert.is(editor.text, 'ae\u0301');
  editor.backspace();
  assert.is(editor.text, 'a');
});

test('keeps the line breaks of what is pasted and shows them as a sign', () => {
  const editor = editorWith('one\r\ntwo\rthree');
  assert.is(editor.text, 'one\ntwo\nthree');
  assert.equal(editor.view(40), { text: 'one\u21b5two\u21b5three', column: 13 });
});

test('leaves out what cannot be shown', () => {
  assert.is(editorWith('a\u001b[2J\u202eb\u0000').text, 'a[2Jb');
});

test('moves and deletes by words and to both ends', () => {
  const editor = editorWith('one two three');
  editor.moveWord(-1);
  editor.deleteWord();
  assert.is(editor.text, 'one three');
  editor.deleteToEnd();
  assert.is(editor.text, 'one ');
  editor.move(-2);
  editor.deleteToStart();
  assert.is(editor.text, 'e ');
});

test('shows the part of a long line that holds the cursor, never wider than there is room', () => {
  const editor = editorWith('ab世界'.repeat(30));
  for (let at = 0; at <= 120; at += 1) {
    for (const columns of [2, 3, 10, 40]) {
      const { text, column } = editor.view(columns);
      assert.ok(widthOf(text) < columns, `${widthOf(text)} in ${columns}`);
      assert.ok(column < columns);
    }
    editor.move(-1);
  }
});

test('brings lines back that were entered, and the one that was being written', () => {
  const editor = new Editor();
  for (const line of ['first', 'second']) {
    editor.insert(line);
    assert.is(editor.take(), line);
  }
  editor.insert('draft');
  editor.recall(-1);
  assert.is(editor.text, 'second');
  editor.recall(-1);
  editor.recall(-1);
  assert.is(editor.text, 'first');
  editor.recall(1);
  editor.recall(1);
  editor.recall(1);
  assert.is(editor.text, 'draft');
});

test('remembers no more lines than it may', () => {
  const editor = new Editor();
  for (let at = 0; at < inputHistoryMax + 10; at += 1) {
    editor.insert(`line ${at}`);
    editor.take();
  }
  for (let at = 0; at < inputHistoryMax + 10; at += 1) editor.recall(-1);
  assert.is(editor.text, 'line 10');
});

test('completes a word as far as it is certain', () => {
  const words = ['/help', '/history', '/quit'];
  for (const [typed, completed] of [['/q', '/quit '], ['/h', '/h'], ['/hi', '/history '], ['x', 'x'], ['say /he', 'say /help ']] as const) {
    const editor = editorWith(typed);
    editor.complete(words);
    assert.is(editor.text, completed);
  }
});

test('is full at some length, and says so', () => {
  const editor = new Editor();
  assert.not.ok(editor.insert('x'.repeat(inputLengthMax + 1)));
  assert.is(editor.text.length, inputLengthMax);
  assert.not.ok(editor.insert('y'));
  assert.is(editor.text.length, inputLengthMax);
  editor.backspace();
  assert.ok(editor.insert('z'));
});

test.run();
