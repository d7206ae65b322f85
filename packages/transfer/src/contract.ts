/** What goes into the machine that moves files, and what comes out of it. SPEC, Transfer. */
import type { PeerId, Wakeup } from '@srp/machine';
import type { Block, Holds, NoBlock, Pull } from '@srp/wire';
import type { FileId } from './tree/blocks.js';
import type { FileTree } from './tree/builder.js';

export type TransferInput =
  /** This peer can read the file: give it to whoever asks. */
  | { readonly kind: 'share'; readonly tree: FileTree }
  /** Give it to nobody any more. */
  | { readonly kind: 'unshare'; readonly id: FileId }
  /** Bring a file here, of which all groups before `firstGroup` are on disk. `transfer`, u32, is new. Others get what has come unless `share` is false. */
  | { readonly kind: 'fetch'; readonly transfer: number; readonly id: FileId; readonly key: Uint8Array; readonly size: number; readonly firstGroup: number; readonly share?: boolean }
  /** Ask this peer, too. It has a session, or `frame` outputs for it are lost. `isNamed`: somebody said that it has the file, and the others take no more than half of the places. True if absent. */
  | { readonly kind: 'source'; readonly transfer: number; readonly peer: PeerId; readonly isNamed?: boolean }
  /** Stop; what comes of it now is dropped. */
  | { readonly kind: 'cancel'; readonly transfer: number }
  /** A peer has no session any more. */
  | { readonly kind: 'gone'; readonly peer: PeerId }
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly frame: Pull | NoBlock | Holds }
  /** What came of a peer together. */
  | { readonly kind: 'blocks'; readonly peer: PeerId; readonly blocks: readonly Block[] }
  /** What the disk holds of a group of a file that is shared, or that this fetch brings here, as long as it should be; `null` if it cannot be read. */
  | { readonly kind: 'read'; readonly id: FileId; readonly transfer: number | null; readonly group: number; readonly bytes: Uint8Array | null }
  /** A group is on disk. */
  | { readonly kind: 'written'; readonly transfer: number; readonly group: number }
  | Wakeup;

export type TransferOutput =
  | { readonly kind: 'frame'; readonly to: PeerId; readonly frame: Pull | NoBlock | Holds }
  /** Send this BLOCK. */
  | { readonly kind: 'block'; readonly to: PeerId; readonly bytes: Uint8Array }
  /** Read so many bytes of a file that is shared, or of what this fetch has brought, and answer with `read`. `transfer` is `null` for one that is shared. */
  | { readonly kind: 'read'; readonly id: FileId; readonly transfer: number | null; readonly group: number; readonly offset: number; readonly length: number }
  /** Write these bytes, and answer with `written`. Groups come in any order, each once. */
  | { readonly kind: 'write'; readonly transfer: number; readonly group: number; readonly offset: number; readonly bytes: Uint8Array }
  /** All of a file was written. `upper` is what it takes to share it, if it came in one go. */
  | { readonly kind: 'fetched'; readonly transfer: number; readonly upper: Uint8Array | null }
  /** A fetch is over: what the file's author made breaks the rules of a tree, so nobody has what would be a file. */
  | { readonly kind: 'broken'; readonly transfer: number }
  /** What is on disk is not what was shared: it is shared no longer. */
  | { readonly kind: 'changed'; readonly id: FileId }
  | { readonly kind: 'dropped'; readonly reason: TransferDrop };

/** Why something a remote sent was dropped. */
export type TransferDrop =
  /** A block that nobody waits for: mostly one that counted as lost. */
  | 'block-unasked'
  /** A block that is not of the file: its sender is asked no more. */
  | 'block-wrong'
  /** A source gave nothing five times out in a row, and is left for a while. */
  | 'source-stalled'
  /** A source was asked for what it said it has, and said that it has not; it is left for a while. */
  | 'source-false'
  /** A source said what it has sooner than anybody does who is honest. */
  | 'holds-early'
  /** An answer to no question. */
  | 'transfer-unknown'
  /** Blocks were asked for so long ago that nobody waits for them any more. */
  | 'pull-late'
  /** More blocks were asked for than a receiver may wait for. */
  | 'pull-too-much';
