/**
 * What the director of the demo and its actors say to each other, over the pipe between two processes. Each actor is a
 * process of its own, so that to kill one is to kill a peer.
 */
import type { Packet, Peer } from '@srp/peer';

/** What an actor is told at its start. A member has a room; whoever has none can read nothing. */
export interface Part {
  readonly directory: string;
  /** Where to introduce oneself: `PEERID@HOST:PORT`. */
  readonly introducers: readonly string[];
  /** `make` a private room, enter the one of an `invite`, or the one `kept` in the directory. */
  readonly room: null | { readonly kind: 'make'; readonly name: string } | { readonly kind: 'invite'; readonly invite: string } | { readonly kind: 'kept' };
}

export type Direction = { readonly kind: 'play'; readonly part: Part } | { readonly kind: 'say'; readonly text: string; readonly isFleeting: boolean } | { readonly kind: 'report' };

/** A message as an actor saw it. */
export interface Line {
  readonly id: Packet['id'];
  readonly author: Packet['author'];
  readonly previous: Packet['previous'];
  readonly text: string | null;
}

export interface Report {
  readonly kind: 'report';
  readonly neighbours: number;
  /** Neighbours in the same room; 0 without a room. */
  readonly subscribers: number;
  /** Objects in the cache, sealed or not. */
  readonly objects: number;
  /** Messages it could read. */
  readonly readable: number;
}

export type Answer =
  | { readonly kind: 'ready'; readonly peer: Peer['id']; readonly author: Peer['author']; readonly address: string; readonly invite: string | null }
  | { readonly kind: 'said'; readonly line: Line }
  | { readonly kind: 'heard'; readonly line: Line; readonly from: string }
  | Report
  | { readonly kind: 'failed'; readonly problem: string };
