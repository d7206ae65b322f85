/**
 * What a peer remembers of the files it shares, so that it shares them after a restart: `shares/ID.json` says where the file is, its
 * size and key, `shares/ID.tree` has the upper nodes of its tree. One that is damaged, or whose file is gone, is shared no longer.
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex, toHex } from '@srp/machine';
import { type FileId, type FileTree, isWhole, TreeShape } from '@srp/transfer';

export interface StoredShare {
  readonly path: string;
  readonly tree: FileTree;
}

export class ShareStore {
  readonly #folder: string;

  constructor(directory: string) {
    this.#folder = join(directory, 'shares');
  }

  /** Everything that can still be shared; what cannot is forgotten, with a sentence for the user. */
  async load(onForgotten: (what: string) => void): Promise<readonly StoredShare[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const shares: StoredShare[] = [];
    for (const id of names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => name.slice(0, 64) as FileId)) {
      const share = await this.#read(id).catch(() => null);
      if (share !== null) shares.push(share);
      else {
        onForgotten(`A file that was shared is so no longer: it is gone, or what ${join(this.#folder, id)}.json says of it is damaged`);
        await this.forget(id);
      }
    }
    return shares;
  }

  async keep({ path, tree }: StoredShare): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const { id, key, shape, upper } = tree;
    await this.#write(`${id}.tree`, upper);
    await this.#write(`${id}.json`, JSON.stringify({ path, size: shape.size, key: toHex(key) }));
  }

  /** Never rejects. */
  async forget(id: FileId): Promise<void> {
    for (const end of ['json', 'tree']) await rm(join(this.#folder, `${id}.${end}`), { force: true }).catch(() => undefined);
  }

  async #read(id: FileId): Promise<StoredShare | null> {
    const stored: unknown = JSON.parse(await readFile(join(this.#folder, `${id}.json`), 'utf8'));
    const { path, size, key } = stored as Record<string, unknown>;
    if (typeof path !== 'string' || typeof size !== 'number' || typeof key !== 'string') return null;
    const upper = await readFile(join(this.#folder, `${id}.tree`));
    const tree: FileTree = { id, key: fromHex(key), shape: new TreeShape(size), upper: new Uint8Array(upper) };
    const { size: there } = await stat(path);
    return there === size && tree.key.length === 32 && isWhole(tree) ? { path, tree } : null;
  }

  async #write(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    await writeFile(`${path}.new`, content, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}
