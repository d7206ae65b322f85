/**
 * The files of a peer, as an app uses them: it shares some and fetches others. What is asked of the disk is done here, and told to
 * the protocol when it is done.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { BoundedMap, type PeerId } from '@srp/machine';
import { type FetchProgress, type FileId, type FileTree, TreeShape } from '@srp/transfer';
import { callBack } from './call-back.js';
import { fileIdleMs, progressEveryMs, readAheadBytes, readAheadKept } from './constants.js';
import { PeerError } from './errors.js';
import { type FileLink, formatFileLink, isFileName, parseFileLink } from './file-link.js';
import { readWhole, treeOfFile, treeOfKey } from './node/file-tree.js';
import { PartFile } from './node/part-file.js';
import type { ShareStore } from './node/share-store.js';
import type { FileInput, FileOutput } from './protocol/index.js';

/** How a file is shared. */
export interface ShareOptions {
  /** What others see as its name; that of the path if absent. */
  readonly name?: string;
  /** Gives up while the file is being read. */
  readonly signal?: AbortSignal;
}

/** How a file is shared with a room. */
export interface RoomShareOptions extends ShareOptions {
  /** What the room is told, made from the link; the link alone if absent, which is what `packet.file` reads. */
  readonly message?: (link: string) => string;
}

/** A file that others can fetch, as long as this peer runs and the file stays as it is. */
export interface SharedFile extends FileLink {
  /** What others fetch it with: a text that fits into a message. */
  readonly link: string;
  /** Shares it no longer. */
  stop(): Promise<void>;
}

/** How far a fetch is. */
export interface FileProgress extends FetchProgress {
  /** At the rate of the latest seconds; `null` while nothing comes. */
  readonly secondsLeft: number | null;
}

/** How a file is fetched. */
export interface FetchOptions {
  /** Where it goes: a path, or a folder, in which it gets the name it was shared under. */
  readonly to: string;
  /** Stops it. What has come is kept beside the path: whoever fetches the same file to it again goes on there. */
  readonly signal?: AbortSignal;
  /** Told four times a second, and at the end. */
  readonly onProgress?: (progress: FileProgress) => void;
  /** Who else may have it. The peers that the link names and the neighbours are asked anyway. */
  readonly from?: readonly PeerId[];
  /** Whether others may fetch it from here, what has come and all of it afterwards. True if absent. */
  readonly share?: boolean;
}

/** A file that is here. */
export interface FetchedFile {
  readonly path: string;
  readonly name: string;
  readonly size: number;
  /** It was there before, whole: nothing was fetched. */
  readonly wasHere: boolean;
}

/** What files need of their peer. */
export interface FilesHost {
  readonly self: PeerId;
  /** Hands one input to the protocol. */
  input(input: FileInput): void;
  progress(transfer: number): FetchProgress | null;
  neighbours(): readonly PeerId[];
  warn(message: string): void;
  /** A random u32. */
  random(): number;
}

interface Shared {
  readonly path: string;
  readonly tree: FileTree;
  file: Promise<FileHandle> | null;
  /** What was read lately, by where it begins. */
  readonly ahead: BoundedMap<number, Promise<Uint8Array>>;
  idle: NodeJS.Timeout | null;
}

interface Fetching {
  readonly part: PartFile;
  /** Writes that the disk has not done. */
  writes: number;
  readonly done: (upper: Uint8Array | null) => void;
  readonly fail: (error: unknown) => void;
}

export class Files {
  readonly #host: FilesHost;
  readonly #store: ShareStore | null;
  readonly #shares = new Map<FileId, Shared>();
  readonly #fetches = new Map<number, Fetching>();
  readonly #paths = new Set<string>();
  #isClosed = false;

  constructor(host: FilesHost, store: ShareStore | null) {
    this.#host = host;
    this.#store = store;
  }

  /** Shares what was shared before the last restart. */
  async restore(): Promise<void> {
    for (const { path, tree } of (await this.#store?.load((what) => this.#host.warn(what))) ?? []) this.#begin(path, tree);
  }

  /** Shares a file among those who know `secret`. Throws FILE_UNREADABLE, FILE_CHANGED, FILE_LINK_BAD for a name that cannot be, FILE_SIZE_WRONG. */
  async share(path: string, secret: Uint8Array, { name = basename(path), signal }: ShareOptions = {}): Promise<SharedFile> {
    if (!isFileName(name)) throw new PeerError('FILE_LINK_BAD', `Cannot share ${path}: ${JSON.stringify(name)} is no name that a file can have everywhere; give another \`name\``);
    const tree = await treeOfFile(path, secret, signal);
    await this.#keep(resolve(path), tree);
    const { id, key, shape } = tree;
    const link = { id, size: shape.size, name, key, peers: [this.#host.self] };
    return { ...link, link: formatFileLink(link), stop: async () => await this.#stop(id) };
  }

  /** Brings a file here, unless it is there already. Throws FILE_EXISTS, FILE_NOT_WRITTEN, FILE_BUSY, FILE_LINK_BAD, FETCHES_FULL, PEER_CLOSED, and what the signal says. */
  async fetch(file: string | FileLink, { to, signal, onProgress, from = [], share = true }: FetchOptions): Promise<FetchedFile> {
    signal?.throwIfAborted();
    const { id, size, name, key, peers } = typeof file === 'string' ? parseFileLink(file) : file;
    const path = await pathOf(to, name);
    // Many file systems tell names apart by their letters alone, whatever case or form these are written in.
    const place = path.normalize('NFC').toUpperCase();
    if (this.#paths.has(place)) throw new PeerError('FILE_BUSY', `Cannot fetch to ${path}: a file is on its way to it`);
    this.#paths.add(place);
    try {
      const here = await treeOfHere(path, { id, key, size }, signal);
      if (here !== null) {
        if (share) await this.#keep(path, here);
        return { path, name, size, wasHere: true };
      }
      const part = await PartFile.open(path, id, size);
      const upper = await this.#run(part, { id, size, key, share, peers: [...new Set([...peers, ...from, ...this.#host.neighbours()])] }, signal, onProgress);
      if (share) await this.#shareFetched(path, { id, key, size, upper });
      return { path, name, size, wasHere: false };
    } finally {
      this.#paths.delete(place);
    }
  }

  /** Does what the protocol asks of the disk, and hears what it tells. */
  take(output: FileOutput): void {
    switch (output.kind) {
      case 'read':
        void this.#read(output);
        break;
      case 'write':
        void this.#write(output);
        break;
      case 'fetched':
        this.#fetches.get(output.transfer)?.done(output.upper);
        break;
      case 'broken':
        this.#fetches.get(output.transfer)?.fail(new PeerError('FILE_BROKEN', 'Cannot fetch: whoever made the link did not make it from a file; nobody can have it'));
        break;
      case 'changed': {
        const path = this.#shares.get(output.id)?.path ?? 'a file';
        void this.#stop(output.id);
        this.#host.warn(`${path} was written to since it was shared, and is shared no longer`);
      }
    }
  }

  /** Ends all fetches, which can be taken up later, and closes all files. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new PeerError('PEER_CLOSED', 'Cannot go on fetching: the peer was closed');
    for (const fetching of [...this.#fetches.values()]) fetching.fail(closed);
    while (this.#paths.size > 0) await new Promise((resolved) => setImmediate(resolved));
    for (const shared of this.#shares.values()) await closeFile(shared);
    this.#shares.clear();
  }

  async #run(part: PartFile, { id, size, key, peers, share }: Pick<FileLink, 'id' | 'size' | 'key' | 'peers'> & { readonly share: boolean }, signal?: AbortSignal, onProgress?: FetchOptions['onProgress']): Promise<Uint8Array | null> {
    const transfer = this.#host.random();
    const tell = (progress: FetchProgress | null): void => {
      if (progress === null || onProgress === undefined) return;
      const { bytes, bytesPerSecond } = progress;
      callBack(() => onProgress({ ...progress, secondsLeft: bytesPerSecond > 0 ? (size - bytes) / bytesPerSecond : null }));
    };
    const timer = setInterval(() => tell(this.#host.progress(transfer)), progressEveryMs);
    const stop = (): void => this.#fetches.get(transfer)?.fail(signal?.reason);
    try {
      const upper = await new Promise<Uint8Array | null>((done, fail) => {
        if (this.#isClosed) throw new PeerError('PEER_CLOSED', 'Cannot fetch: the peer was closed');
        this.#fetches.set(transfer, { part, writes: 0, done, fail });
        signal?.addEventListener('abort', stop, { once: true });
        signal?.throwIfAborted();
        this.#host.input({ kind: 'fetch', transfer, id, key, size, firstGroup: part.firstGroup, share });
        for (const peer of peers) if (peer !== this.#host.self) this.#host.input({ kind: 'source', transfer, peer });
        tell(this.#host.progress(transfer));
      });
      await part.finish();
      tell({ bytes: size, size, bytesPerSecond: 0, sources: 0 });
      return upper;
    } catch (error) {
      this.#host.input({ kind: 'cancel', transfer });
      await this.#settled(transfer);
      await (error instanceof PeerError && error.code === 'FILE_BROKEN' ? part.discard() : part.close());
      throw error;
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', stop);
      this.#fetches.delete(transfer);
    }
  }

  async #settled(transfer: number): Promise<void> {
    while ((this.#fetches.get(transfer)?.writes ?? 0) > 0) await new Promise((resolved) => setImmediate(resolved));
  }

  async #write({ transfer, group, bytes }: Extract<FileOutput, { kind: 'write' }>): Promise<void> {
    const fetching = this.#fetches.get(transfer);
    if (fetching === undefined) return;
    fetching.writes += 1;
    try {
      await fetching.part.write(group, bytes);
      this.#host.input({ kind: 'written', transfer, group });
    } catch (error) {
      fetching.fail(error);
    } finally {
      fetching.writes -= 1;
    }
  }

  async #read({ id, transfer, group, offset, length }: Extract<FileOutput, { kind: 'read' }>): Promise<void> {
    const shared = transfer === null ? this.#shares.get(id) : undefined;
    let bytes: Uint8Array | null = null;
    try {
      if (shared !== undefined) bytes = await readAhead(shared, offset, length);
      else if (transfer !== null) bytes = (await this.#fetches.get(transfer)?.part.read(offset, length)) ?? null;
    } catch (error) {
      this.#host.warn(`${shared?.path ?? 'A file'} cannot be read, and is shared no longer: ${String(error)}`);
      void this.#stop(id);
    }
    this.#host.input({ kind: 'read', id, transfer, group, bytes });
  }

  /** Nobody waits for this: the file is here, whether others can have it or not. */
  async #shareFetched(path: string, { id, key, size, upper }: { id: FileId; key: Uint8Array; size: number; upper: Uint8Array | null }): Promise<void> {
    try {
      const tree = await treeOfFetched(path, { id, key, size, upper });
      if (tree.id === id) await this.#keep(path, tree);
    } catch (error) {
      this.#host.warn(`${path} was fetched, and is not shared: ${String(error)}`);
    }
  }

  async #keep(path: string, tree: FileTree): Promise<void> {
    if (this.#isClosed) return;
    await this.#store?.keep({ path, tree });
    this.#begin(path, tree);
  }

  #begin(path: string, tree: FileTree): void {
    this.#shares.set(tree.id, { path, tree, file: null, ahead: new BoundedMap(readAheadKept), idle: null });
    this.#host.input({ kind: 'share', tree });
  }

  async #stop(id: FileId): Promise<void> {
    const shared = this.#shares.get(id);
    if (shared === undefined) return;
    this.#shares.delete(id);
    this.#host.input({ kind: 'unshare', id });
    await this.#store?.forget(id);
    await closeFile(shared);
  }
}

/** What came in one go brought its tree with it; otherwise the file is read for it. */
const treeOfFetched = async (path: string, { id, key, size, upper }: { id: FileId; key: Uint8Array; size: number; upper: Uint8Array | null }): Promise<FileTree> => {
  if (upper === null) return await treeOfKey(path, key);
  return { id, key, shape: new TreeShape(size), upper };
};

/** The tree of the file at a path, if it is this one, whole; `null` if it is another one, or none. */
const treeOfHere = async (path: string, { id, key, size }: Pick<FileLink, 'id' | 'key' | 'size'>, signal?: AbortSignal): Promise<FileTree | null> => {
  const isLike = await stat(path).then((stats) => stats.isFile() && stats.size === size, () => false);
  const tree = isLike ? await treeOfKey(path, key, signal).catch(() => null) : null;
  signal?.throwIfAborted();
  return tree?.id === id ? tree : null;
};

const openFile = async (shared: Shared): Promise<FileHandle> => {
  shared.file ??= open(shared.path, 'r');
  if (shared.idle === null) shared.idle = setTimeout(() => void closeFile(shared), fileIdleMs).unref();
  else shared.idle.refresh();
  return await shared.file;
};

/** Some bytes of a shared file, of which more is read at once: the next are asked for soon. A group never stands across two reads. */
const readAhead = async (shared: Shared, offset: number, length: number): Promise<Uint8Array> => {
  const from = offset - (offset % readAheadBytes);
  let reading = shared.ahead.get(from);
  if (reading === undefined) {
    const until = Math.min(from + readAheadBytes, shared.tree.shape.size);
    reading = openFile(shared).then(async (file) => await readWhole(file, shared.path, from, until - from));
    void reading.catch(() => {
      shared.ahead.delete(from);
    });
    void shared.ahead.set(from, reading);
  }
  return (await reading).subarray(offset - from, offset - from + length);
};

const closeFile = async (shared: Shared): Promise<void> => {
  clearTimeout(shared.idle ?? undefined);
  const { file } = shared;
  shared.file = null;
  shared.idle = null;
  shared.ahead.clear();
  await file?.then(async (handle) => await handle.close()).catch(() => undefined);
};

/** Where a file goes: a folder that is there, or is written as one, gets it under its name. */
const pathOf = async (to: string, name: string): Promise<string> => {
  const isFolder = to.endsWith(sep) || to.endsWith('/') || (await stat(to).then((stats) => stats.isDirectory(), () => false));
  return resolve(isFolder ? join(to, name) : to);
};
