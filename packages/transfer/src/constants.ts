/** Every number of this package: meaning, unit, source. SPEC is docs/spec/transfer.md. */

/** Bytes of a block, be it a piece of the file or a node of its tree. SPEC, The tree. */
export const blockBytes = 1024;
/** Bytes of a hash in a node. SHA-256. */
export const hashBytes = 32;
/** Children of a node: as many hashes as a block holds. SPEC, The tree. */
export const childrenMax = blockBytes / hashBytes;
/** Bytes of a group, the leaves below one node: what is encrypted, read and written at once. */
export const groupBytes = childrenMax * blockBytes;
/** Bytes of a file's key. ChaCha20. */
export const keyBytes = 32;
/** Bytes of the nonce, which is zero: a key is of one content alone. SPEC, The tree. */
export const nonceBytes = 12;
/** Blocks of keystream in a leaf: 1024 bytes are 16 blocks of 64. RFC 8439 section 2.3. */
export const keystreamBlocksPerLeaf = 16;
/** Most bytes of a file: 64 GiB, of which the keystream has four times as many. SPEC, The tree. */
export const fileBytesMax = 2 ** 36;
/** What is hashed in front of size and top block into the id of a file, and in front of a content into its key. ASCII. SPEC, The tree. */
export const labels = { file: 'srp1 file', key: 'srp1 file key' } as const;
