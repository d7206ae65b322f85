/** What several tests need: records, temporary folders, a small deterministic generator. */
import { instant, type PacketId, type Random } from '@srp/machine';
import { type PacketRecord, type ReconcilerStore, Sketches } from '@srp/cache';
import { seededRandom } from '@srp/identity';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A generator fixed by one number. */
export const randomOf = (seed: number): Random => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, seed);
  return seededRandom(bytes);
};

/** Calls `use` with a fresh folder, and removes it. */
export const inFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'srp-cache-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The id of record number `n`. */
export const idOf = (n: number): PacketId => n.toString(16).padStart(32, '0') as PacketId;

/** Record number `n`; bytes are a function of both numbers. The log does not look into an object. */
export const recordOf = (n: number, version = 0, length = 174 + ((n * 37 + version * 101) % 1025)): PacketRecord => ({
  id: idOf(n),
  pool: (['own', 'subscribed', 'stranger'] as const)[n % 3]!,
  keptAt: instant(1_700_000_000_000 + n),
  ingress: n % 4 === 0 ? null : `4:192.0.${n % 256}`,
  bytes: Uint8Array.from({ length }, (_, i) => (i * 31 + n * 7 + version * 13) & 0xff),
});

/** The error that a promise rejects with; fails if it does not. */
export const errorOf = async (promise: Promise<unknown>): Promise<Error & { readonly code?: string }> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it should have been refused');
};

/** The code of the error that a promise rejects with. */
export const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await errorOf(promise);
  return error.code ?? error.message;
};

/** Sketches over a list that may be replaced or grow behind their back: then they are all made anew. */
export const sketchesOver = (idsOf: ReconcilerStore['idsOf'], seed = 1): ReconcilerStore['sketchOf'] => {
  const random = randomOf(seed);
  let sketches = new Sketches({ idsOf, random });
  let before = '';
  return (now, tag, since, mayMake) => {
    const ids = idsOf(tag, since);
    const name = `${tag} ${since} ${ids.length} ${ids.at(-1)}`;
    if (name !== before) sketches = new Sketches({ idsOf, random });
    before = name;
    return sketches.of(now, tag, since, mayMake);
  };
};
