/** The slow, obvious twin of the tree: the whole file in memory, one block after the other, by node:crypto alone. */
import { createCipheriv, createHash, createHmac } from 'node:crypto';

const sha256 = (...parts: readonly Uint8Array[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** Every block by its position, and the id, 64 hex characters. */
export const slowTree = (key: Uint8Array, content: Uint8Array): { readonly id: string; readonly blocks: readonly Buffer[] } => {
  const leaves: Buffer[] = [];
  for (let i = 0; i === 0 || i * 1024 < content.length; i += 1) {
    const leaf = Buffer.alloc(1024);
    leaf.set(content.subarray(i * 1024, i * 1024 + 1024));
    const counter = Buffer.alloc(16);
    counter.writeUInt32LE(16 * i);
    leaves.push(createCipheriv('chacha20', key, counter).update(leaf));
  }
  const blocks = [...leaves];
  let level = leaves;
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 32) {
      const node = Buffer.alloc(1024);
      level.slice(i, i + 32).forEach((block, slot) => sha256(block).copy(node, 32 * slot));
      above.push(node);
    }
    blocks.push(...above);
    level = above;
  }
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(content.length));
  return { id: sha256(Buffer.from('srp1 file'), size, sha256(level[0] as Buffer)).toString('hex'), blocks };
};

/** The key of a content among those who share a secret. */
export const slowKey = (secret: Uint8Array, content: Uint8Array): Buffer =>
  createHmac('sha256', secret).update('srp1 file key').update(sha256(content)).digest();
