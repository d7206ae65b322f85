/**
 * What is said to peers while one input is dealt with, and what files and streams hear.
 *
 * A newcomer has a HELLO, a FIND and a SYNC_REQ for each neighbour, and a datagram may hold dozens of blocks, each of which may call
 * for others. The blocks of a peer are handed in together, and all that is said to a peer goes out together, in as few datagrams as
 * its path carries. Objects alone go out at once.
 */
import type { PeerId } from '@srp/machine';
import type { Block, Chunk } from '@srp/wire';

export class Bulk {
  #blocks = new Map<PeerId, Block[]>();
  #chunks = new Map<PeerId, Chunk[]>();
  #said = new Map<PeerId, Uint8Array[]>();

  get isEmpty(): boolean {
    return this.#blocks.size + this.#chunks.size + this.#said.size === 0;
  }

  block(from: PeerId, block: Block): void {
    add(this.#blocks, from, block);
  }

  chunk(from: PeerId, chunk: Chunk): void {
    add(this.#chunks, from, chunk);
  }

  say(to: PeerId, frame: Uint8Array): void {
    add(this.#said, to, frame);
  }

  takeBlocks(): ReadonlyMap<PeerId, readonly Block[]> {
    const blocks = this.#blocks;
    if (blocks.size > 0) this.#blocks = new Map();
    return blocks;
  }

  takeChunks(): ReadonlyMap<PeerId, readonly Chunk[]> {
    const chunks = this.#chunks;
    if (chunks.size > 0) this.#chunks = new Map();
    return chunks;
  }

  takeSaid(): ReadonlyMap<PeerId, readonly Uint8Array[]> {
    const said = this.#said;
    if (said.size > 0) this.#said = new Map();
    return said;
  }
}

const add = <Item>(all: Map<PeerId, Item[]>, peer: PeerId, item: Item): void => {
  const items = all.get(peer);
  if (items === undefined) all.set(peer, [item]);
  else items.push(item);
};
