/**
 * Stores that could keep a cache on disk, behind one face: the packet log, classic-level, lmdb. The last two are native
 * code that comes ready made for common systems; where one cannot be loaded, the benchmarks say so and go on without it.
 */
import { type OpenedPacketLog, openPacketLog } from '@srp/cache/node';
import type { PacketRecord } from '@srp/cache';
import type { PacketId } from '@srp/machine';
import { readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

export interface Store {
  /** Puts and deletes together; resolves when the operating system has them. */
  write(puts: readonly PacketRecord[], deletes: readonly PacketId[]): Promise<void>;
  /** One object; `null` from a store that looks nothing up, because all it has is in memory. */
  readonly get: ((id: PacketId) => Uint8Array | undefined) | null;
  /** Reads all, and answers how many there are. */
  readAll(): Promise<number>;
  close(): Promise<void>;
}

export interface Kind {
  readonly name: string;
  open(folder: string): Promise<Store>;
}

const log: Kind = {
  name: 'packet log',
  open: async (folder) => {
    const { log: opened, records }: OpenedPacketLog = await openPacketLog(join(folder, 'log'));
    return {
      write: async (puts, deletes) => {
        for (const one of puts) opened.put(one);
        for (const id of deletes) opened.delete(id);
        await opened.flush();
      },
      get: null,
      readAll: () => Promise.resolve(records.length),
      close: async () => opened.close(),
    };
  },
};

/** Bytes behind bytes, with no index, checksum, delete or compaction. */
export const append: Kind = {
  name: 'a file that bytes are appended to',
  open: async (folder) => {
    const file = await open(join(folder, 'floor'), 'a+');
    return {
      write: async (puts) => {
        await file.write(Buffer.concat(puts.map(({ bytes }) => bytes)));
      },
      get: null,
      readAll: async () => Math.floor((await file.readFile()).length / 1158),
      close: async () => file.close(),
    };
  },
};

const level = async (): Promise<Kind> => {
  const { ClassicLevel } = await import('classic-level');
  return {
    name: 'classic-level 3.0.0',
    open: async (folder) => {
      const db = new ClassicLevel<string, Uint8Array>(join(folder, 'level'), { valueEncoding: 'view' });
      await db.open();
      return {
        write: async (puts, deletes) =>
          db.batch([...puts.map(({ id, bytes }) => ({ type: 'put' as const, key: id, value: bytes })), ...deletes.map((key) => ({ type: 'del' as const, key }))]),
        get: (id) => db.getSync(id),
        readAll: async () => (await db.values().all()).length,
        close: async () => db.close(),
      };
    },
  };
};

const lmdb = async (): Promise<Kind> => {
  const module = await import('lmdb');
  return {
    name: 'lmdb 3.5.6',
    open: (folder) => {
      const db = module.open<Uint8Array, string>({ path: join(folder, 'lmdb'), encoding: 'binary', noSync: true });
      return Promise.resolve({
        write: async (puts: readonly PacketRecord[], deletes: readonly PacketId[]) => {
          await Promise.all([...puts.map(async ({ id, bytes }) => db.put(id, bytes)), ...deletes.map(async (id) => db.remove(id))]);
        },
        get: (id: PacketId) => db.get(id),
        readAll: () => {
          let count = 0;
          for (const { value } of db.getRange()) count += value.length > 0 ? 1 : 0;
          return Promise.resolve(count);
        },
        close: async () => db.close(),
      });
    },
  };
};

export interface Stores {
  readonly log: Kind;
  readonly level: Kind | null;
  readonly lmdb: Kind | null;
  /** What could not be loaded here, in words. */
  readonly missing: readonly string[];
}

export const loadStores = async (): Promise<Stores> => {
  const missing: string[] = [];
  const load = async (name: string, make: () => Promise<Kind>): Promise<Kind | null> => {
    try {
      return await make();
    } catch (error) {
      const [why = ''] = String(error).split('\n');
      missing.push(`NOT COMPARED WITH ${name.toUpperCase()}: it cannot be loaded here (${why})`);
      return null;
    }
  };
  return { log, level: await load('classic-level', level), lmdb: await load('lmdb', lmdb), missing };
};

/** What files take on the disk. */
export const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).blocks * 512 : 0), 0);
