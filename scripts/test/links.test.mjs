// Every relative link of every document leads to a file, and to a heading where it names one.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));
const test = suite('links');

test('lead somewhere in every document', () => {
  const links = [...documents(root)].flatMap((file) => linksOf(readFileSync(file, 'utf8')).map((link) => ({ file, link })));
  assert.ok(links.length > 50, `only ${links.length} links found`);
  const lost = links.filter(({ file, link }) => !leadsSomewhere(file, link)).map(({ file, link }) => `${relative(root, file)}: ${link}`);
  assert.equal(lost, []);
});

test('are found outside of examples, and seen to be lost', () => {
  const fence = '```';
  assert.equal(linksOf(`[a](b.md#c) ![d](e.png)\n${fence}\n[f](g.md)\n${fence}\n[h](https://example.org) [i](#j)`), ['b.md#c', 'e.png', '#j']);
  const readme = join(root, 'README.md');
  assert.equal(
    ['LICENSE', 'packages/peer', 'README.md#packages', '#in-an-app', 'nothing.md', '#nothing', 'README.md#nothing'].map((link) => leadsSomewhere(readme, link)),
    [true, true, true, true, false, false, false],
  );
});

/** Links to elsewhere are left out. */
function linksOf(markdown) {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(file, link) {
  const [path, heading] = link.split('#');
  const target = path === '' ? file : join(dirname(file), path);
  if (!existsSync(target)) return false;
  return heading === undefined || (statSync(target).isFile() && headingsOf(readFileSync(target, 'utf8')).includes(heading));
}

/** As they are named in links: lower case, without punctuation, dashes for spaces. */
function headingsOf(markdown) {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-'));
}

function* documents(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (['node_modules', 'dist', '.git', '.turbo', 'coverage'].includes(entry.name)) continue;
    if (entry.isDirectory()) yield* documents(path);
    else if (entry.name.endsWith('.md')) yield path;
  }
}

test.run();
