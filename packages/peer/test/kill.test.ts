import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { equal, ok } from 'uvu/assert';
import { loopbackPeer, withDirectory } from './helpers.js';

const diarist = fileURLToPath(new URL('fixtures/diarist.mjs', import.meta.url));

/** Lets a process publish into `directory`, kills it with SIGKILL after `lines` lines, and gives the last number it printed. */
const writeAndKill = async (directory: string, name: string, lines: number): Promise<number> => {
  const child = spawn(process.execPath, [diarist, directory, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    printed += chunk.toString();
    if (child.exitCode === null && printed.split('\n').length > lines) child.kill('SIGKILL');
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
  return Number(printed.slice(0, printed.lastIndexOf('\n')).split('\n').at(-1));
};

test('what was acknowledged before SIGKILL is there afterwards, and the chain goes on', async () => {
  await withDirectory(async (directory) => {
    const acknowledged = new Map<string, number>();
    for (const [round, lines] of [1, 20, 150].entries()) acknowledged.set(`round${round}`, await writeAndKill(directory, `round${round}`, lines));
    await using peer = await loopbackPeer({ directory });
    equal(peer.warnings, []);
    const history = peer.join('diary').history();
    const texts = new Set(history.map((packet) => packet.text));
    for (const [name, last] of acknowledged) for (let number = 0; number <= last; number += 1) ok(texts.has(`${name} ${number}`), `${name} ${number} is lost`);
    equal(history.map((packet) => packet.previous), [null, ...history.slice(0, -1).map((packet) => packet.id)]);
  });
});

test.run();
