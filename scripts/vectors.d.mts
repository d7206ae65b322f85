/** A vector file: whose rules it shows, and its cases in arrays; each case has a `description`. */
export interface VectorFile {
  readonly version: number;
  readonly spec: string;
  readonly provenance: string;
  readonly [section: string]: unknown;
}

/** A vector file as text, as it is committed. */
export function vectorText(content: VectorFile): string;

/** The content of a committed vector file, as unknown as anything read from a file. */
export function readVectors(name: string): unknown;

/** Registers a uvu suite that proves these vectors, by file name, to be the committed ones. */
export function vectorsSuite(vectors: Readonly<Record<string, VectorFile>>): void;
