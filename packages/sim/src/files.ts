/**
 * The files of a simulated peer, as an app uses them: it shares some and fetches others. Its disk answers at once and keeps both over
 * a crash: what was shared is shared again after a start, and a fetch of the same file goes on where it was.
 */
import { suite } from '@srp/identity';
import { type PeerId, readU32, utf8 } from '@srp/machine';
import type { FileOutput } from '@srp/peer/protocol';
import { type FileId, type FileTree, fileKeyOf, groupBytes, TreeBuilder } from '@srp/transfer';
import type { Disk } from './disk.js';
import type { Process } from './process.js';

/** What it takes to fetch a file: the link of an app, without the name. */
export interface SimFile {
  readonly id: FileId;
  readonly size: number;
  readonly key: Uint8Array;
  /** Who shares it. */
  readonly peers: readonly PeerId[];
}

/** A file as a disk has it. */
export interface StoredFile {
  readonly tree: FileTree;
  readonly content: Uint8Array;
}

/** A file on its way. */
export class SimFetch {
  readonly file: SimFile;
  readonly groups = new Set<number>();
  /** Told when it is whole. */
  onDone: ((content: Uint8Array) => void) | null = null;
  readonly bytes: Uint8Array;
  #isDone = false;

  /** For the peer alone: apps call `peer.fetchFile`. */
  constructor(file: SimFile) {
    this.file = file;
    this.bytes = new Uint8Array(file.size);
  }

  /** The file, once all of it is here. */
  get content(): Uint8Array | null {
    return this.#isDone ? this.bytes : null;
  }

  /** Bytes that are here. */
  get here(): number {
    return this.#isDone ? this.file.size : Math.min(this.file.size, this.groups.size * groupBytes);
  }

  /** Groups from the front on that are here. */
  get firstGroup(): number {
    let first = 0;
    while (this.groups.has(first)) first += 1;
    return first;
  }

  /** For the peer alone. */
  end(): void {
    this.#isDone = true;
    this.onDone?.(this.bytes);
  }
}

export class SimFiles {
  readonly #process: Process;
  readonly #disk: Disk;
  readonly #fetches = new Map<number, SimFetch>();

  constructor(process: Process, disk: Disk) {
    this.#process = process;
    this.#disk = disk;
  }

  /** Shares what was shared before the program's start. */
  restore(): void {
    for (const { tree } of this.#disk.files.values()) this.#process.input({ kind: 'file', input: { kind: 'share', tree } });
  }

  share(content: Uint8Array, secret: Uint8Array): SimFile {
    const tree = treeOf(content, fileKeyOf(secret, suite.sha256(content)));
    this.#keep({ tree, content });
    return { id: tree.id, size: content.length, key: tree.key, peers: [this.#process.machine.id] };
  }

  fetch(file: SimFile, from: readonly PeerId[]): SimFetch {
    const transfer = readU32(suite.sha256(utf8(`${this.#process.name} ${file.id}`)), 0);
    const running = this.#fetches.get(transfer);
    if (running !== undefined) return running;
    const fetch = this.#disk.parts.get(file.id) ?? new SimFetch(file);
    this.#disk.parts.set(file.id, fetch);
    this.#fetches.set(transfer, fetch);
    const { id, key, size } = file;
    this.#process.input({ kind: 'file', input: { kind: 'fetch', transfer, id, key, size, firstGroup: fetch.firstGroup } });
    for (const peer of new Set([...file.peers, ...from])) this.#process.input({ kind: 'file', input: { kind: 'source', transfer, peer } });
    return fetch;
  }

  /** Does what the machine asks of the disk. */
  take(output: FileOutput): void {
    switch (output.kind) {
      case 'read': {
        const { id, transfer, group, offset, length } = output;
        const content = transfer === null ? this.#disk.files.get(id)?.content : this.#fetches.get(transfer)?.bytes;
        this.#process.input({ kind: 'file', input: { kind: 'read', id, transfer, group, bytes: content?.subarray(offset, offset + length) ?? null } });
        break;
      }
      case 'write': {
        const { transfer, group, offset, bytes } = output;
        const fetch = this.#fetches.get(transfer);
        if (fetch === undefined) break;
        fetch.bytes.set(bytes, offset);
        fetch.groups.add(group);
        this.#process.input({ kind: 'file', input: { kind: 'written', transfer, group } });
        break;
      }
      case 'fetched':
        this.#whole(output.transfer);
        break;
      case 'broken':
        this.#fetches.delete(output.transfer);
        break;
      case 'changed':
        this.#disk.files.delete(output.id);
    }
  }

  #whole(transfer: number): void {
    const fetch = this.#fetches.get(transfer);
    if (fetch === undefined) return;
    const { file, bytes } = fetch;
    this.#fetches.delete(transfer);
    this.#disk.parts.delete(file.id);
    this.#keep({ tree: treeOf(bytes, file.key), content: bytes });
    fetch.end();
  }

  #keep(stored: StoredFile): void {
    this.#disk.files.set(stored.tree.id, stored);
    this.#process.input({ kind: 'file', input: { kind: 'share', tree: stored.tree } });
  }
}

const treeOf = (content: Uint8Array, key: Uint8Array): FileTree => {
  const builder = new TreeBuilder(key, content.length);
  for (let at = 0; at === 0 || at < content.length; at += groupBytes) builder.push(content.subarray(at, at + groupBytes));
  return builder.finish();
};
