import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { equal } from 'uvu/assert';
import { until, withDirectory } from './helpers.js';

const program = fileURLToPath(new URL('fixtures/member.mjs', import.meta.url));

/** A peer in a process of its own, with its directory. */
class Member {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly heard: string[] = [];
  readonly published: string[] = [];
  at = '';
  neighbours = 0;
  /** How many packets it keeps. */
  keeps = 0;

  constructor(directory: string, introducers: readonly string[], topic = '') {
    this.#child = spawn(process.execPath, [program, directory, introducers.join(), topic], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { readonly at?: string; readonly heard?: string; readonly published?: string; readonly neighbours?: number; readonly keeps?: number };
      this.neighbours = said.neighbours ?? this.neighbours;
      this.keeps = said.keeps ?? this.keeps;
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

test('of twelve processes the author is killed, half the others are replaced, and who returns gets everything', async () => {
  await withDirectory(async (root) => {
    const all: Member[] = [];
    const start = (name: string, introducers: readonly string[], topic?: string): Member => {
      const member = new Member(join(root, name), introducers, topic);
      all.push(member);
      return member;
    };
    const areUp = async (members: readonly Member[]): Promise<void> => await until('they are up and know somebody', () => members.every(({ at, neighbours }) => at !== '' && neighbours > 0), 20_000);
    try {
      const first = start('0', []);
      await until('the first is up', () => first.at !== '', 20_000);
      const others = Array.from({ length: 9 }, (_, n) => start(String(n + 1), [first.at]));
      await areUp(others);
      const [alice, bob] = [start('alice', [first.at], 'tea'), start('bob', [others[0]!.at], 'tea')];
      await areUp([alice, bob]);
      await alice.kill();
      const texts = Array.from({ length: 20 }, (_, n) => `message ${n}`);
      for (const text of texts) bob.publish(text);
      await until('Bob has published', () => bob.published.length === texts.length);
      await until('three keep it all', () => others.filter(({ keeps }) => keeps === texts.length).length >= 3, 20_000);
      await bob.kill();
      // Of those who keep it all two stay, and the first, at whom all began.
      const keeping = others.filter(({ keeps }) => keeps === texts.length);
      const gone = [...keeping.slice(2), ...others.filter((member) => !keeping.includes(member))].slice(0, 5);
      await Promise.all(gone.map(async (member) => await member.kill()));
      await areUp(gone.map((_, n) => start(`new ${n}`, [first.at])));
      const returned = start('alice', [first.at], 'tea');
      await until('Alice has everything', () => texts.every((text) => returned.heard.includes(text)), 20_000);
      equal([...returned.heard].sort(), [...texts].sort(), 'once each');
      equal(all.length, 18);
    } finally {
      await Promise.all(all.map(async (member) => await member.kill()));
    }
  });
});

test.run();
