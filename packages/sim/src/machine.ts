/** What the simulator drives: the peer's protocol, or anything else that speaks its contract. */
import type { Address, Bound, Machine, PeerId } from '@srp/machine';
import type { Filtering, PeerDrop, PeerInput, PeerOutput, PeerProtocolOptions } from '@srp/peer/protocol';

/** A machine with the contract of `PeerProtocol`, which is one. A test may bring a smaller one, or a hostile one. */
export interface PeerMachine extends Machine<PeerInput, PeerOutput> {
  readonly id: PeerId;
  /** What others sent and it refused, counted by reason. */
  readonly dropped: { snapshot(): Readonly<Partial<Record<PeerDrop, number>>> };
  /** Neighbours with a live session. `relay`: whose address it is, if that one passes on what it carries. */
  neighbours(): readonly { readonly peer: PeerId; readonly address: Address; readonly relay?: PeerId | null }[];
  /** Whom the box before it lets in, as far as it has found out. */
  filtering?(): Filtering;
  /** How full everything is that others can fill; nothing is checked if absent. */
  bounds?(): readonly Bound[];
  /** Recently known peers, as a JSON value for `restore`. */
  book(): unknown;
}

/** Makes the machine of one start of a peer. */
export type MachineMaker = (options: PeerProtocolOptions) => PeerMachine;

/** What a machine asks to keep on disk. */
export type StoredRecord = Extract<PeerOutput, { kind: 'put' }>['record'];
