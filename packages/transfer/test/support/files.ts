/** Files and their trees, the same in every run. */
import { seededRandom } from '@srp/identity';
import { type FileTree, groupBytes, TreeBuilder } from '@srp/transfer';

export const key = new Uint8Array(32).fill(7);

/** So many bytes that no two files have in common, but for their beginning. */
export const contentOf = (size: number, seed = 1): Uint8Array => seededRandom(new Uint8Array(32).fill(seed)).bytes(size);

/** The tree of a content. */
export const treeOf = (content: Uint8Array, fileKey: Uint8Array = key): FileTree => {
  const builder = new TreeBuilder(fileKey, content.length);
  for (let at = 0; at === 0 || at < content.length; at += groupBytes) builder.push(content.subarray(at, at + groupBytes));
  return builder.finish();
};

/** What a file holds of a group. */
export const groupOf = (content: Uint8Array, group: number): Uint8Array => content.subarray(group * groupBytes, (group + 1) * groupBytes);
