/** What `sync` finds, which is not one number and its peer. */

/** One line of `--json`. Bytes are payload of datagrams, both ways. */
export interface SyncRow {
  readonly name: 'sync';
  /** Ids that one side has and the other has not. */
  readonly difference: number;
  /** Datagrams lost, percent. */
  readonly loss: number;
  readonly bytes: number;
  readonly datagrams: number;
  readonly roundTrips: number;
  /** Of both sides. */
  readonly cpuMs: number;
  readonly trieBytes: number;
  readonly rangeBytes: number;
}

/** A row, and how it is told. */
export interface SyncFinding {
  readonly row: SyncRow;
  readonly text: string;
}
