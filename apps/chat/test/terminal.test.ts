/* eslint-disable no-control-regex -- control characters are what is looked for here */
import { Peer } from '@srp/peer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { alone, cleanUp, freshFolder, freshRoom, hasTerminals, onLoopback, plainChat, TerminalChat, until } from './tools/programs.js';

const test = suite('the chat on a terminal');
test.after.each(cleanUp);

const ready = '/help lists the commands';

const linkOf = (chat: TerminalChat): string => /srp:\S+/.exec(chat.program.stdout)?.[0] ?? '';

/** Somebody in the chat's room, to say what no chat would. */
const stranger = async (chat: TerminalChat): Promise<{ peer: Peer; say: (payload: string) => Promise<unknown> }> => {
  const peer = await Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
  peer.connect(linkOf(chat));
  const room = peer.join('lobby');
  await until(() => room.subscribers() > 0, 'the chat as a neighbour');
  return { peer, say: (payload) => room.publish(payload) };
};

const isOrderly = (chat: TerminalChat): void => {
  assert.match(chat.status, ' lobby | ');
  assert.match(chat.input, /^>/);
  assert.equal(chat.display.strange, []);
};

test('shows messages above, a status line and an input line below', async () => {
  const chat = new TerminalChat(freshFolder(), ['--name', 'ann', ...alone]);
  await chat.sees(ready);
  assert.match(chat.status, /^ lobby \| ann \| 0 neighbours \| 0 subscribers \| looking for others ... \d+ s$/);
  const other = plainChat(freshFolder(), ['--name', 'bob', '--connect', linkOf(chat), ...alone]);
  await chat.sees('lobby | ann | 1 neighbour | 1 subscriber');
  other.type('hello ann\n');
  await chat.sees('hello ann');
  assert.match(chat.text, /^\d\d:\d\d bob \([a-z]+-[a-z]+\) hello ann$/m);
  chat.type('hello bob\r');
  await other.until(() => other.stdout === 'ann: hello bob\n', 'an answer');
  await chat.sees(') hello bob');
  isOrderly(chat);
  assert.is(chat.input, '>');
});

test('gives the terminal back as it was, however it ends', async () => {
  const ways: [string, (chat: TerminalChat) => void][] = [
    ['/quit', (chat) => chat.type('/quit\r')],
    ['Ctrl-C', (chat) => chat.type('\u0003')],
    ['Ctrl-D', (chat) => chat.type('\u0004')],
    ['SIGTERM', (chat) => process.kill(chat.pid, 'SIGTERM')],
    ['SIGINT', (chat) => process.kill(chat.pid, 'SIGINT')],
  ];
  for (const [way, leave] of ways) {
    const chat = new TerminalChat(freshFolder(), alone);
    await chat.sees(ready);
    leave(chat);
    await chat.program.ended;
    assert.match(chat.text, /You left lobby\.\nended with 0\nicanon echo$/, way);
    assert.ok(chat.display.isRestored, way);
    assert.not.match(chat.text, /\n>/, way);
  }
});

test('leaves when its terminal is closed', async () => {
  const chat = new TerminalChat(freshFolder(), alone);
  await chat.sees(ready);
  chat.program.child.kill('SIGKILL');
  await until(() => !chat.isAlive, 'the end of the chat');
});

test('edits the line, pastes several lines as one message, and brings lines back', async () => {
  const home = freshFolder();
  const inRoom = [...onLoopback, '--room', freshRoom()];
  const chat = new TerminalChat(home, ['--name', 'ann', ...inRoom]);
  await chat.sees(ready);
  const other = plainChat(home, inRoom);
  chat.type('wrld\u001b[D\u001b[D\u001b[Do\u0001hello \u0005!');
  await chat.program.until(() => chat.input === '> hello world!', 'an edited line');
  chat.type('\u0015\u001b[200~one\rtwo\rthree\r\u001b[201~');
  await chat.program.until(() => chat.input === '> one\u21b5two\u21b5three', 'what was pasted');
  await chat.sees('1 subscriber');
  chat.type('\r');
  await other.until(() => other.stdout === 'ann: one two three\n', 'one message');
  await chat.sees(') one\n      two\n      three');
  chat.type('\u001b[A');
  await chat.program.until(() => chat.input === '> one\u21b5two\u21b5three', 'the line of before');
  chat.type('\u0015/hi\t');
  await chat.program.until(() => chat.input === '> /history', 'a completed command');
});

test('scrolls a long input line under the cursor, wide characters and all', async () => {
  const chat = new TerminalChat(freshFolder(), alone, { columns: 40 });
  await chat.sees(ready);
  chat.type('世界'.repeat(30));
  await chat.program.until(() => chat.input.length > 17, 'a long line');
  chat.type('end');
  await chat.program.until(() => chat.input.endsWith('end'), 'its end');
  chat.type('\u0001start');
  await chat.program.until(() => chat.input.startsWith('> start世'), 'its start');
  isOrderly(chat);
});

test('wraps and paints anew when the size changes', async () => {
  const chat = new TerminalChat(freshFolder(), ['--name', 'ann', ...alone], { columns: 100, rows: 30 });
  await chat.sees(ready);
  const words = Array.from({ length: 40 }, (_, at) => `w${at}`).join(' ');
  chat.type(`${words}\r`);
  await chat.sees('w39');
  for (const [columns, rows] of [[40, 20], [120, 10], [12, 8], [5, 3], [80, 24]] as const) {
    chat.resize(columns, rows);
    await chat.program.until(() => chat.input.startsWith('>') || (columns < 10 && chat.display.cursor.row > 0), `a screen of ${columns} columns`);
    assert.equal(chat.display.strange, []);
    if (columns >= 40) {
      await chat.sees('w39');
      assert.is(chat.text.replace(/\s+/g, ' ').includes('w30 w31 w32 w33'), true, chat.text);
      isOrderly(chat);
    }
  }
});

test('shows nothing of what a hostile message tries', async () => {
  const chat = new TerminalChat(freshFolder(), alone);
  await chat.sees(ready);
  const { peer, say } = await stranger(chat);
  const tries = ['\u001b[2J\u001b[H', '\u001b]0;title\u0007', '\u001bPq\u001b\\', '\u009b2J', '\u0008'.repeat(50), '\r\n\r\n12:00 alice (able-able) forged', '\u202eforged', '\u001b[?1049h', '\u0000\u007f'];
  for (const one of tries) await say(`srp-chat 1 e\u001b[2Jve${one}\nx${one}y`);
  await say(`srp-chat 1 ${'\u0301'.repeat(300)}\n${'z\u0301\u0302\u0303\u0304\u0305'.repeat(20)}`);
  await say(`srp-chat 1 eve\n${'\u2764\ufe0f'.repeat(100)} ${' '.repeat(60)}12:00 alice (able-able) forged`);
  await say('srp-chat 1 eve\nthe end');
  await chat.sees('the end');
  await peer.close();
  isOrderly(chat);
  for (const row of [...chat.display.scrolled, ...chat.display.shown]) assert.not.match(row, /^\d\d:\d\d alice/);
  // No sequence but those of the chat itself reached the terminal, and no control character.
  const own = /\u001b\[(?:\?7[lh]|\?2004[lh]|[AJHm]|1A|2J|\d+G|0m|1;3\dm|[1-7]m|36m)/g;
  assert.not.match(chat.program.stdout.replaceAll(own, '').replaceAll('\r\n', '').replaceAll('\r', ''), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('shows a link in one piece, so that it can be copied', async () => {
  const chat = new TerminalChat(freshFolder(), alone, { columns: 60 });
  await chat.sees(ready);
  assert.match(chat.program.stdout, /\nsrp:[A-Za-z0-9_-]+\r+\n/);
});

test('uses no colour where NO_COLOR is set, and plain lines on a dumb terminal', async () => {
  const grey = new TerminalChat(freshFolder(), ['--name', 'ann', ...alone], { env: { NO_COLOR: '1' } });
  await grey.sees(ready);
  assert.not.match(grey.program.stdout, /\u001b\[[\d;]*m/);
  assert.match(grey.status, /^-- lobby \| .* --$/);
  const dumb = new TerminalChat(freshFolder(), alone, { env: { TERM: 'dumb' } });
  await dumb.sees('# Lines on stdin are said to the room');
  assert.not.match(dumb.program.stdout, /\u001b/);
});

test('stops on Ctrl-Z with the terminal given back, and goes on when it is told to', async () => {
  const chat = new TerminalChat(freshFolder(), alone, { underJobControl: true });
  await chat.sees(ready);
  chat.type('half a li');
  await chat.program.until(() => chat.input === '> half a li', 'what was typed');
  chat.type('\u001a');
  await chat.sees('stopped');
  assert.ok(chat.display.isRestored);
  chat.type('fg\n');
  await chat.program.until(() => chat.input === '> half a li', 'the line of before');
  chat.type('ne');
  await chat.program.until(() => chat.input === '> half a line', 'and more');
  chat.type('\u0003');
  await chat.program.ended;
  assert.match(chat.text, /ended with 0\nicanon echo$/);
});

test('goes on after Ctrl-Z where nobody could wake it up', async () => {
  const chat = new TerminalChat(freshFolder(), alone);
  await chat.sees(ready);
  chat.type('half a li\u001a');
  await chat.program.until(() => chat.program.stdout.includes('\u001b[?2004l'), 'a terminal given back');
  chat.type('ne');
  await chat.program.until(() => chat.input === '> half a line', 'the line of before, and more');
});

if (hasTerminals()) test.run();
else {
  const skipped = suite('the chat on a terminal');
  skipped('is not tested here, for want of script(1)', () => undefined);
  skipped.run();
}
