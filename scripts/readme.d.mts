/** One example of a README: its source, and the output the README promises for it (undefined: it promises none). */
export interface ReadmeExample {
  readonly source: string;
  readonly line: number;
  readonly expected: string | undefined;
}

/** The fenced `ts` blocks of a README; a `text` block right after one states its output. */
export function readmeExamples(markdown: string): ReadmeExample[];

/** Runs one example as a file inside the package at `folder`. `code` is null when the time limit struck. */
export function runExample(
  folder: string,
  source: string,
  limitMs?: number,
): Promise<{ code: number | null; stdout: string; stderr: string }>;

/** Registers a uvu suite that runs each example of the README of the package whose test calls this. */
export function readmeSuite(testUrl: string): void;
