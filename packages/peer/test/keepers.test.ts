import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { equal, ok } from 'uvu/assert';
import { until, withDirectory } from './helpers.js';

const program = fileURLToPath(new URL('fixtures/member.mjs', import.meta.url));

/** A peer in a process of its own, with its directory. */
class Member {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly heard: string[] = [];
  readonly published: string[] = [];
  at = '';

  constructor(directory: string, introducers: readonly string[], topic = '') {
    this.#child = spawn(process.execPath, [program, directory, introducers.join(), topic], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { readonly at?: string; readonly heard?: string; readonly published?: string };
      if (said.at !== undefined) this.at = said.at;
      if (said.heard !== undefined) this.heard.push(said.heard);
      if (said.published !== undefined) this.published.push(said.published);
    });
  }

  publish(text: string): void {
    this.#child.stdin.write(`${text}\n`);
  }

  /** SIGKILL: no farewell. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}

test('of twelve processes the author is killed, half the others are killed and some come back, and who returns gets everything', async () => {
  await withDirectory(async (root) => {
    const all: Member[] = [];
    const start = (name: string, introducers: readonly string[], topic?: string): Member => {
      const member = new Member(join(root, name), introducers, topic);
      all.push(member);
      return member;
    };
    try {
      const first = start('0', []);
      await until('the first is up', () => first.at !== '', 20_000);
      const names = Array.from({ length: 9 }, (_, n) => String(n + 1));
      const others = names.map((name) => start(name, [first.at]));
      await until('all are up', () => others.every(({ at }) => at !== ''), 20_000);
      const [alice, bob] = [start('alice', [first.at], 'tea'), start('bob', [others[0]!.at], 'tea')];
      await until('both are up', () => alice.at !== '' && bob.at !== '', 20_000);
      await alice.kill();
      await setTimeout(1_500); // a moment in which Bob finds out who keeps the topic
      const texts = Array.from({ length: 20 }, (_, n) => `message ${n}`);
      for (const text of texts) bob.publish(text);
      await until('Bob has published', () => bob.published.length === texts.length);
      await setTimeout(1_000);
      await bob.kill();
      await Promise.all(others.slice(0, 5).map(async (member) => await member.kill()));
      const [back] = names.slice(0, 2).map((name) => start(name, [first.at]));
      await until('one is back', () => back!.at !== '', 20_000);
      const returned = start('alice', [first.at], 'tea');
      await until('Alice has everything', () => texts.every((text) => returned.heard.includes(text)), 20_000);
      equal([...returned.heard].sort(), [...texts].sort(), 'once each');
      ok(all.length === 15);
    } finally {
      await Promise.all(all.map(async (member) => await member.kill()));
    }
  });
});

test.run();
