/** A peer's disk: what its machine put there, its keys, its files, and the peers it knew. A put is safe at once. */
import { type Address, type PacketId, parseAddress } from '@srp/machine';
import type { KeyPair } from '@srp/identity';
import type { FileId } from '@srp/transfer';
import type { SimFetch, StoredFile } from './files.js';
import type { StoredRecord } from './machine.js';

export class Disk {
  /** The keys of the installation; they name it to its neighbours. */
  readonly keys: KeyPair;
  readonly records: Map<PacketId, StoredRecord> = new Map<PacketId, StoredRecord>();
  readonly files = new Map<FileId, StoredFile>();
  /** Files that were on their way here. */
  readonly parts = new Map<FileId, SimFetch>();
  #book: unknown = null;

  constructor(keys: KeyPair) {
    this.keys = keys;
  }

  /** Known peers as they were last written: a copy, made of text as from a file. */
  get book(): unknown {
    return JSON.parse(JSON.stringify(this.#book ?? null)) as unknown;
  }

  /** Takes a book that its machine does not change any more. It becomes text when it is read, since most are never read. */
  writeBook(book: unknown): void {
    this.#book = book;
  }
}

/** Every address that a stored value names, however deep. */
export const addressesIn = (value: unknown): Address[] => {
  if (typeof value === 'string') {
    const address = parseAddress(value);
    return address === null ? [] : [address];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(addressesIn) : [];
};
