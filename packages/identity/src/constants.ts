/** Every number and label of this package: what it means, its unit, where it comes from. SPEC "Keys, topics and sealing". */

/** Bytes of an Ed25519 or X25519 key, public or secret, and of every symmetric key here. RFC 8032, RFC 7748. */
export const keyBytes = 32;
/** Bytes of an Ed25519 signature, R then S. RFC 8032 section 5.1.6. */
export const signatureBytes = 64;
/** Bytes of a SHA-256 hash. FIPS 180-4. */
export const hashBytes = 32;
/** Bytes of a Poly1305 tag. RFC 8439 section 2.5. */
export const tagBytes = 16;
/** Bytes of a ChaCha20-Poly1305 nonce. RFC 8439 section 2.8. */
export const nonceBytes = 12;
/** Bytes of an XChaCha20-Poly1305 nonce. draft-irtf-cfrg-xchacha-03 section 2. */
export const longNonceBytes = 24;
/** Bytes of a block of the ChaCha20 keystream. RFC 8439 section 2.3. */
export const chachaBlockBytes = 64;
/** Most bytes HKDF-SHA256 can give: 255 blocks. RFC 5869 section 2.3. */
export const hkdfBytesMax = 255 * hashBytes;

/** Fresh random bytes hashed into the nonce of a body. SPEC, 128 bits against chance repetition. */
export const hedgeBytes = 16;
/** What a sealed body is longer than its plaintext: nonce and tag. */
export const bodyOverheadBytes = longNonceBytes + tagBytes;
/** What a text sealed to one key is longer than its plaintext: one-use public key and tag. */
export const sealedOverheadBytes = keyBytes + tagBytes;

/** Most UTF-8 bytes of a topic's name. Guess, not measured: longer is a mistake rather than a name. */
export const nameBytesMax = 256;

/** What is hashed before the secret itself, so that no two uses of a key can meet. ASCII, no terminator. */
export const labels = {
  topicId: 'srp1 topic',
  bodyKey: 'srp1 body',
  nonceKey: 'srp1 nonce',
  subTopic: 'srp1 sub',
  publicTopic: 'srp1 public',
  inboxTopic: 'srp1 inbox',
  passphraseSalt: 'srp1',
  seal: 'srp1 seal',
  fingerprint: 'srp1 fingerprint',
  keyFile: 'srp1 key file',
  randomStream: 'srp1 random stream',
  randomFork: 'srp1 random fork',
} as const;

/** Cost of turning a passphrase into a topic key: 128 MiB, 0.4 s native. protocol.md section 7; N log2 17, r 8, p 1. */
export const topicScrypt = { N: 2 ** 17, r: 8, p: 1 } as const;

/** Cost of turning a passphrase into the key of a key file: the same. Stored in the file, so it can rise. */
export const keyFileScrypt = topicScrypt;
/** What a key file may ask for: 16 MiB .. 1 GiB. A damaged or planted file must not eat the memory. Guess, not measured. */
export const keyFileCostMin = 2 ** 14;
export const keyFileCostMax = 2 ** 20;
/** Random bytes that keep two files of one passphrase apart. RFC 7914 leaves the length open, 16 is usual. */
export const saltBytes = 16;
/** Most bytes of a key file that are read: ours have about 450. */
export const keyFileBytesMax = 4096;
/** Read and write for the owner, nothing for anyone else. */
export const keyFileMode = 0o600;
/** The bits of a mode that let others in. */
export const exposedModeBits = 0o077;

/** Imported key objects kept per suite, about 0.5 kB each. Guess: more than the authors a peer hears in an hour. */
export const importedKeysMax = 1024;
/** Accepted signatures remembered, about 200 B each. Guess: a burst that comes by several paths within seconds. */
export const verdictsMax = 4096;
/** Results of each kind that the peers of a simulated network share, about 300 B each. Guess: what 10,000 peers meet in some seconds. */
export const sharedResultsMax = 65_536;
/** Sealed texts remembered for a simulated network, 9 MB in all. Guess: 16 times what 1,024 peers at rest have under way. */
export const sealedPlaces = 2 ** 14;
/** Most bytes of one that is remembered. Measured: 99 in 100 datagrams of a network at rest are shorter. */
export const sealedBytesMax = 256;
/** Agreement keys remembered. Guess: twice the 512 sessions a link holds. */
export const agreementKeysMax = 1024;

/** Bytes of key stream a generator makes at a time; the first 32 become its next key. Measured: 256..1024 are alike. */
export const randomBlockBytes = 512;

/** Numbers drawn from the operating system at a time. Guess: from 128 on the call no longer counts. */
export const wordsDrawnAtOnce = 128;

/** Words of a fingerprint, 11 bits each: 88 bits, so 2^88 keys to make one that looks like a given one. */
export const fingerprintWords = 8;
/** Bits a word carries: 2048 words. BIP 39. */
export const wordBits = 11;
