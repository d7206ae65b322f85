/** Every benchmark: its file, the rows it finds, and what Node has to be told to run it. */
export interface Bench {
  /** Beside this one, without `.js`; it exports `run`. */
  readonly file: string;
  readonly rows: readonly string[];
  readonly flags?: readonly string[];
}

export const benches: readonly Bench[] = [
  { file: 'wire/object', rows: ['wire/object'] },
  { file: 'wire/decode', rows: ['wire/decode'] },
  { file: 'peer/receive', rows: ['peer/receive-fresh', 'peer/receive-duplicate'] },
  { file: 'identity/seal-open', rows: ['identity/seal-open'] },
  { file: 'identity/verify-many', rows: ['identity/verify-many'] },
  { file: 'link/session', rows: ['link/session'], flags: ['--expose-gc'] },
  { file: 'peer/rss-idle', rows: ['peer/rss-idle'] },
  { file: 'gossip/large', rows: ['gossip/cpu', 'gossip/bytes'] },
  {
    file: 'gossip/shapes',
    rows: ['gossip/cpu-16x1', 'gossip/bytes-16x1', 'gossip/cpu-16x4', 'gossip/bytes-16x4', 'gossip/cpu-32x1', 'gossip/bytes-32x1', 'gossip/cpu-paced', 'gossip/bytes-paced'],
  },
  { file: 'gossip/join', rows: ['gossip/join'] },
  { file: 'stream/stream', rows: ['stream/file', 'stream/bytes'] },
  { file: 'sync/sync', rows: ['sync'] },
  { file: 'cache/memory', rows: ['cache/insert', 'cache/lookup'] },
  { file: 'cache/store', rows: ['cache/write', 'cache/open', 'cache/blocked', 'cache/disk'], flags: ['--no-single-threaded-gc'] },
  { file: 'cache/rss', rows: ['cache/rss'] },
  { file: 'cache/flood', rows: ['cache/flood'] },
  { file: 'stream/order', rows: ['stream/order'] },
];

/**
 * What every benchmark runs with: the garbage collector works in the thread that is measured, so that its work is counted
 * where it is caused, and does not compete with the measured code for the second core.
 */
export const commonFlags: readonly string[] = ['--single-threaded-gc'];

/** Those with a row of one of these names or groups (`wire` is the group of `wire/object`); all if there are none. */
export const chosen = (names: readonly string[]): readonly Bench[] =>
  names.length === 0 ? benches : benches.filter(({ rows }) => rows.some((row) => names.includes(row) || names.includes(groupOf(row))));

/** Of these names, those that are neither a row nor a group. */
export const unknown = (names: readonly string[]): readonly string[] => {
  const known = new Set(benches.flatMap(({ rows }) => rows.flatMap((row) => [row, groupOf(row)])));
  return names.filter((name) => !known.has(name));
};

const groupOf = (row: string): string => row.split('/', 1)[0] ?? row;
