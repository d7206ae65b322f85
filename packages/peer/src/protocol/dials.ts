/** Connections that are to be made with the next wakeup, which is due: the first datagram tells what an app joins right after it connects. */
import type { LinkInput } from '@srp/link';
import type { Instant } from '@srp/machine';
import type { Mesh } from '@srp/mesh';
import type { NatOutput } from '@srp/nat';
import { encodeFrame } from '@srp/wire';

type Dial = Extract<NatOutput, { kind: 'connect' | 'connect-relayed' }>;

export class Dials {
  #waiting: Dial[] = [];
  #dueAt: Instant | null = null;

  deadline(): Instant | null {
    return this.#dueAt;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(now: Instant, dial: Dial): void {
    this.#waiting.push(dial);
    this.#dueAt ??= now;
  }

  /** Those that waited, with what the mesh has to say to each. */
  take(mesh: Mesh): readonly LinkInput[] {
    const dials = this.#waiting;
    if (dials.length === 0) return [];
    this.#waiting = [];
    this.#dueAt = null;
    return dials.map((dial) => {
      const early = mesh.greeting(dial.peer);
      // A FIND makes an INIT long, and an address that somebody else named may be that of a victim. The others the user named, or who is there proved.
      const fitting = dial.kind === 'connect-relayed' || dial.isPaced ? early.filter(({ kind }) => kind === 'hello') : early;
      return { ...dial, early: fitting.map(encodeFrame) };
    });
  }
}
