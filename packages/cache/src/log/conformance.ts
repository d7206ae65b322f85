/**
 * What every packet log promises, as checks that need no test framework. Whoever writes a log of his own runs them against it.
 *
 * A check opens the storage it is given, again and again, as an app does that is started and ended; nothing else is using
 * it meanwhile. It throws when the log breaks its word.
 */
import { instant, type PacketId, type Random } from '@srp/machine';
import type { PacketRecord } from '../record.js';
import type { OpenedPacketLog, PacketLog } from './packet-log.js';

/** One place to keep things, empty at first. */
export interface LogStorage {
  /** Opens the log in this place. */
  open(): Promise<OpenedPacketLog>;
  /** The place is not needed any more. */
  discard?(): Promise<void>;
}

/** One promise of a log. */
export interface ConformanceCheck {
  /** A sentence. */
  readonly name: string;
  /** Rejects with an `Error` that says what was expected if the log breaks this promise. */
  readonly run: () => Promise<void>;
}

/**
 * The checks of a log, each in a place of its own. `random` chooses the steps of the last one, which compares the log with a
 * Map over so many histories.
 *
 * @example
 * for (const { name, run } of packetLogConformance(makeStorage, { random })) test(name, run);
 */
export const packetLogConformance = (
  make: () => LogStorage | Promise<LogStorage>,
  { random, histories = 40 }: { readonly random: Random; readonly histories?: number },
): readonly ConformanceCheck[] => {
  const check = (name: string, body: (storage: LogStorage) => Promise<void>): ConformanceCheck => ({ name, run: async () => inStorage(make, body) });
  return [
    ...promises.map(([name, body]) => check(name, body)),
    {
      name: 'agrees with a plain Map over any sequence of puts, deletes, flushes and restarts',
      run: async () => {
        for (let n = 0; n < histories; n += 1) await inStorage(make, async (storage) => history(storage, random));
      },
    },
  ];
};

const inStorage = async (make: () => LogStorage | Promise<LogStorage>, body: (storage: LogStorage) => Promise<void>): Promise<void> => {
  const storage = await make();
  try {
    await body(storage);
  } finally {
    await storage.discard?.();
  }
};

/** Opens, does something, closes; answers what was there when it was opened. */
const session = async (storage: LogStorage, use: (log: PacketLog, opened: OpenedPacketLog) => Promise<void> | void = () => undefined): Promise<readonly PacketRecord[]> => {
  const opened = await storage.open();
  try {
    await use(opened.log, opened);
  } finally {
    await opened.log.close();
  }
  return opened.records;
};

const promises: readonly (readonly [string, (storage: LogStorage) => Promise<void>])[] = [
  [
    'is empty when it is new',
    async (storage) => {
      const found = await session(storage, (_log, { report }) => same('report.damagedCopy', report.damagedCopy, null));
      same('records', found, []);
    },
  ],
  [
    'gives back each field of what was flushed',
    async (storage) => {
      const kept = [0, 1, 2, 3, 4, 5, 6].map((n) => recordOf(n));
      await session(storage, async (log) => {
        for (const record of kept) same('put', log.put(record), true);
        await log.flush();
      });
      same('records', await session(storage), kept);
    },
  ],
  [
    'gives back what was put before close, without a flush',
    async (storage) => {
      await session(storage, (log) => void log.put(recordOf(1)));
      same('records', await session(storage), [recordOf(1)]);
    },
  ],
  [
    'keeps the last of several puts, in its place',
    async (storage) => {
      await session(storage, (log) => {
        for (const record of [recordOf(1), recordOf(2), recordOf(1, 1)]) log.put(record);
      });
      same('records', await session(storage), [recordOf(2), recordOf(1, 1)]);
    },
  ],
  [
    'forgets what was deleted, also over a restart, and takes it again',
    async (storage) => {
      await session(storage, async (log) => {
        log.put(recordOf(1));
        log.put(recordOf(2));
        await log.flush();
        log.delete(idOf(1));
        log.delete(idOf(77)); // never there
      });
      const second = await session(storage, (log) => {
        log.delete(idOf(2));
        log.put(recordOf(1, 3));
      });
      same('records', second, [recordOf(2)]);
      same('records', await session(storage), [recordOf(1, 3)]);
    },
  ],
  [
    'floors a fraction of a millisecond',
    async (storage) => {
      await session(storage, (log) => void log.put({ ...recordOf(1), keptAt: instant(recordOf(1).keptAt + 0.75) }));
      same('records', await session(storage), [recordOf(1)]);
    },
  ],
  [
    'does not change when the caller changes its bytes afterwards',
    async (storage) => {
      await session(storage, (log) => {
        const record = recordOf(1);
        log.put(record);
        record.bytes.fill(0);
      });
      same('records', await session(storage), [recordOf(1)]);
    },
  ],
  [
    'refuses at once, with a RangeError, what no log can keep',
    async (storage) => {
      const wrong: readonly PacketRecord[] = [
        { ...recordOf(1), bytes: new Uint8Array(0) },
        { ...recordOf(1), bytes: new Uint8Array(2049) },
        { ...recordOf(1), ingress: '' },
        { ...recordOf(1), ingress: 'x'.repeat(65) },
        { ...recordOf(1), id: 'abcd' as PacketId },
      ];
      await session(storage, (log) => {
        for (const record of wrong) same('put threw a RangeError', thrown(() => log.put(record)) instanceof RangeError, true);
      });
      same('records', await session(storage), []);
    },
  ],
  [
    'closes once, and does nothing afterwards',
    async (storage) => {
      const { log } = await storage.open();
      await Promise.all([log.close(), log.close()]);
      same('put: code', codeOf(thrown(() => log.put(recordOf(1)))), 'LOG_CLOSED');
      same('delete: code', codeOf(thrown(() => log.delete(idOf(1)))), 'LOG_CLOSED');
      same('flush: code', codeOf(await log.flush().then(() => null, (error: unknown) => error)), 'LOG_CLOSED');
    },
  ],
  [
    'counts what it keeps',
    async (storage) => {
      await session(storage, async (log) => {
        for (let n = 0; n < 10; n += 1) log.put(recordOf(n));
        log.delete(idOf(3));
        await log.flush();
        same('recordCount', log.stats().recordCount, 9);
        same('lostCount', log.stats().lostCount, 0);
      });
    },
  ],
];

/** Some sixty steps on a dozen objects, in the log and in a Map. */
const history = async (storage: LogStorage, random: Random): Promise<void> => {
  const model = new Map<PacketId, PacketRecord>();
  let { log } = await storage.open();
  for (let step = random.below(60); step >= 0; step -= 1) {
    const record = recordOf(random.below(12), random.below(4));
    const draw = random.below(11);
    if (draw < 6) {
      log.put(record);
      model.delete(record.id);
      model.set(record.id, record);
    } else if (draw < 9) {
      log.delete(record.id);
      model.delete(record.id);
    } else if (draw === 9) await log.flush();
    else {
      await log.close();
      const again = await storage.open();
      same('records', again.records, [...model.values()]);
      ({ log } = again);
    }
  }
  await log.close();
  same('records', await session(storage), [...model.values()]);
};

const idOf = (n: number): PacketId => n.toString(16).padStart(32, '0') as PacketId;

/** Record number `n`; a log does not look into an object. */
const recordOf = (n: number, version = 0): PacketRecord => ({
  id: idOf(n),
  pool: (['own', 'subscribed', 'stranger', 'duty', 'unsent'] as const)[n % 5] ?? 'own',
  keptAt: instant(1_700_000_000_000 + n),
  ingress: n % 4 === 0 ? null : `4:192.0.${n % 256}`,
  bytes: Uint8Array.from({ length: 174 + ((n * 37 + version * 101) % 1025) }, (_, i) => (i * 31 + n * 7 + version * 13) & 0xff),
});

const thrown = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
};

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error);

/** Compares by what would be written down. */
const same = (what: string, found: unknown, expected: unknown): void => {
  const [left, right] = [textOf(found), textOf(expected)];
  if (left !== right) throw new Error(`Cannot be a packet log: ${what} must be ${right}, got ${left}`);
};

const textOf = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? `bytes ${part.join(' ')}` : inOrder(part)));

/** An object with its fields in the order of their names. */
const inOrder = (part: unknown): unknown =>
  part instanceof Object && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part;
