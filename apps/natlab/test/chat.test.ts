// The chat, as a person runs it, on two hosts that no path joins: behind boxes with a port for each remote. A third peer brings them together.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inKernel, lab } from './tools/lab.js';

const test = suite('the chat in the lab');
const chat = fileURLToPath(new URL('../../chat/dist/main.js', import.meta.url));

/**
 * Each says its word every second until both were heard, a minute at most. Then ann sends a photo, bob fetches it, and both leave when he has it.
 * Where the command that runs the tests was typed (INIT_CWD) is not where these chats are started.
 */
const script = (folder: string): string => `
cd '${folder}'
unset INIT_CWD
head -c 500000 /dev/urandom > photo
meet=$(for one in $SRP_INTRODUCERS; do echo --connect $one; done)
wait_for() { for i in $(seq 60); do if "$@"; then break; fi; sleep 1; done 2>/dev/null; }
heard() { grep -q from-bob ann.out && grep -q from-ann bob.out; }
say() { for i in $(seq 60); do if heard; then break; fi; echo "$1"; sleep 1; done 2>/dev/null; }
{ say from-bob; wait_for grep -q 'offers photo' bob.out; echo /get; wait_for test -e got/photo; } | $SRP_OTHER '${process.execPath}' '${chat}' --home bob --name bob --lan off --files got --room tea $meet > bob.out 2> bob.err &
{ say from-ann; echo /send photo; wait_for test -e got/photo; } | '${process.execPath}' '${chat}' --home ann --name ann --lan off --room tea $meet > ann.out 2> ann.err
wait
grep -q '^bob.*: from-bob' ann.out && grep -q '^ann.*: from-ann' bob.out && cmp photo got/photo`;

inKernel(test, 'the chat', () => {
  test('two chats behind symmetric boxes hear each other, and one fetches a photo of the other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'srp-natlab-chat-'));
    try {
      const { status, stderr } = await lab(['--unproved', '--pairs', 'symmetric:symmetric', '--inside', script(folder)]);
      const said = ['ann.out', 'ann.err', 'bob.out', 'bob.err'].map((name) => `${name}:\n${readFileSync(join(folder, name), 'utf8')}`).join('\n');
      assert.is(status, 0, `${stderr}\n${said}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test.run();
