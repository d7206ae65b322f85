/** Machines wired by hand, with an explicit clock. */
import { seededRandom } from '@srp/identity';
import { type Address, after, instant, type Instant, makeAddress, parseAddress, type PeerId, peerId, toHex, wakeup } from '@srp/machine';
import { Nat, type NatInput, type NatOutput } from '@srp/nat';
import type { Call } from '@srp/wire';

export const t0 = instant(1_800_000_000_000);
export const at = (ms: number): Instant => after(t0, ms);

/** The peer whose key is this number. */
export const peer = (n: number): PeerId => peerId(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? n >> 8 : i === 1 ? n : 7)));
export const address = (text: string): Address => {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`no address: ${text}`);
  return parsed;
};
/** Public addresses, no two of one /24. */
export const home = (n: number, port = 4000): Address => makeAddress(`60.${n >> 8}.${n & 255}.9`, port)!;
export const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
export const natOf = (n: number, isInUse?: (now: Instant, peer: PeerId) => boolean): Nat => new Nat({ self: peer(n), random: seededRandom(seed(n & 255)), ...(isInUse && { isInUse }) });

export const call = (other: PeerId, where: Address, options: { initiator?: boolean; token?: number } = {}): Call => ({
  kind: 'call',
  peer: other,
  address: where,
  token: toHex(Uint8Array.from({ length: 8 }, (_, i) => ((options.token ?? 1) >> (8 * (i % 4))) & 255)),
  initiator: options.initiator ?? true,
});

/** One machine with a clock: outputs by input, and what its deadlines bring. */
export class Desk {
  readonly nat: Nat;
  now = t0;
  /** Everything it ever said, with the time. */
  readonly log: { readonly at: number; readonly output: NatOutput }[] = [];

  constructor(nat: Nat) {
    this.nat = nat;
  }

  tell(input: NatInput): readonly NatOutput[] {
    const outputs = this.nat.handle(this.now, input);
    for (const output of outputs) this.log.push({ at: this.now - t0, output });
    return outputs;
  }

  /** Lets time pass, waking at each deadline; what came out. */
  pass(ms: number): readonly NatOutput[] {
    const until = after(this.now, ms);
    const before = this.log.length;
    for (let i = 0; i < 100_000; i += 1) {
      const deadline = this.nat.deadline();
      if (deadline === null || deadline > until) break;
      this.now = deadline > this.now ? deadline : this.now;
      const wanted = this.nat.deadline();
      this.tell(wakeup);
      if (this.nat.deadline() === wanted && deadline <= this.now && wanted !== null && wanted <= this.now) throw new Error('a wakeup did not do what was due');
    }
    this.now = until;
    return this.log.slice(before).map(({ output }) => output);
  }

  /** Sessions with peers, each at its home. */
  open(...peers: readonly number[]): this {
    for (const n of peers) this.tell({ kind: 'opened', peer: peer(n), address: home(n) });
    return this;
  }
}

export const desk = (n: number, isInUse?: (now: Instant, peer: PeerId) => boolean): Desk => new Desk(natOf(n, isInUse));
/** What relaying adds is left out: relayed.test.ts looks at that. */
export const kinds = (outputs: readonly NatOutput[]): readonly string[] => outputs.filter(({ kind }) => !['relay', 'accept', 'connect-relayed'].includes(kind)).map((output) => (output.kind === 'dropped' ? output.reason : output.kind));
