/** Reads a file twice: for the hash of its content, which gives its key, and for its tree. Others have their turn in between. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { equalBytes } from '@srp/machine';
import { type FileTree, fileKeyOf, groupBytes, TreeBuilder } from '@srp/transfer';
import { treeReadBytes } from '../constants.js';
import { PeerError } from '../errors.js';

/** The tree of a file, under the key that its content has among those who know `secret`. Throws FILE_UNREADABLE, FILE_CHANGED, and what the signal says. */
export const treeOfFile = async (path: string, secret: Uint8Array, signal?: AbortSignal): Promise<FileTree> =>
  await withFile(path, async (file) => {
    const size = await sizeOf(file, path);
    const contentHash = await passOver(file, path, size, null, signal);
    const builder = new TreeBuilder(fileKeyOf(secret, contentHash), size);
    // One key, one content: what is encrypted must be what was hashed.
    if (!equalBytes(await passOver(file, path, size, builder, signal), contentHash)) throw changed(path);
    return builder.finish();
  });

/** The tree of a file whose key is known. Throws as {@link treeOfFile}; whether it has the id that it should have is for its caller to see. */
export const treeOfKey = async (path: string, key: Uint8Array, signal?: AbortSignal): Promise<FileTree> =>
  await withFile(path, async (file) => {
    const size = await sizeOf(file, path);
    const builder = new TreeBuilder(key, size);
    await passOver(file, path, size, builder, signal);
    return builder.finish();
  });

/** Reads so many bytes, all of them, into memory that is there. Throws FILE_CHANGED: the file has become shorter. */
export const readWhole = async (file: FileHandle, path: string, offset: number, length: number, into = new Uint8Array(length)): Promise<Uint8Array> => {
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(into, at, length - at, offset + at);
    if (bytesRead === 0) throw changed(path);
    at += bytesRead;
  }
  return into.subarray(0, length);
};

const passOver = async (file: FileHandle, path: string, size: number, builder: TreeBuilder | null, signal?: AbortSignal): Promise<Uint8Array> => {
  const hash = createHash('sha256');
  if (size === 0) builder?.push(new Uint8Array(0));
  const into = new Uint8Array(Math.min(treeReadBytes, size)); // once: memory outside of the heap is what the collector is slowest to give back
  for (let offset = 0; offset < size; offset += treeReadBytes) {
    signal?.throwIfAborted();
    const bytes = await readWhole(file, path, offset, Math.min(treeReadBytes, size - offset), into);
    hash.update(bytes);
    if (builder !== null) for (let at = 0; at < bytes.length; at += groupBytes) builder.push(bytes.subarray(at, at + groupBytes));
  }
  if ((await sizeOf(file, path)) !== size) throw changed(path);
  return new Uint8Array(hash.digest());
};

const withFile = async <Value>(path: string, use: (file: FileHandle) => Promise<Value>): Promise<Value> => {
  const file = await open(path, 'r').catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new PeerError('FILE_UNREADABLE', isMissing ? `Cannot share ${path}: there is no such file` : `Cannot share ${path}: ${String(cause)}`, { cause });
  });
  try {
    return await use(file);
  } finally {
    await file.close();
  }
};

const sizeOf = async (file: FileHandle, path: string): Promise<number> => {
  const stats = await file.stat();
  if (!stats.isFile()) throw new PeerError('FILE_UNREADABLE', `Cannot share ${path}: it is no regular file`);
  return stats.size;
};

const changed = (path: string): PeerError => new PeerError('FILE_CHANGED', `Cannot share ${path}: it was written to meanwhile`);
