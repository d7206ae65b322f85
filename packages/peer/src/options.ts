/** How a peer is made; every option has a default that works. */
import type { KeyPair } from '@srp/identity';
import { keyPairOf } from '@srp/identity';
import { equalBytes } from '@srp/machine';
import { PeerError } from './errors.js';

/** Options of a peer, none required. */
export interface PeerOptions {
  /** The author's Ed25519 public key, 32 bytes. Only with `privateKey`, and then it may be left out. */
  readonly publicKey?: Uint8Array;
  /** The author's Ed25519 seed, 32 bytes. Default: the directory's, or else fresh ones. */
  readonly privateKey?: Uint8Array;
  /** Where keys, cache and known peers are kept; made if absent; one process at a time. Default: nothing is kept. */
  readonly directory?: string;
  /** Opens (and, at first, encrypts) the author's key file in `directory`. */
  readonly passphrase?: string;
  /** A public room joined at the start. */
  readonly clusterId?: string;
  /** UDP port, 0..65535. Default 0: the system chooses. */
  readonly port?: number;
  /** IP addresses to listen on. Default `['0.0.0.0', '::']`. */
  readonly hosts?: readonly string[];
  /** Look for peers on the local network by multicast: on every interface, on loopback alone, or not. Default `all`. */
  readonly lan?: 'all' | 'loopback' | 'off';
  /** Peers to begin with: invites, or `PEERID@host:port`. */
  readonly introducers?: readonly string[];
  /** Bytes lent to the shared cache. Default 16 MiB. */
  readonly cacheBytes?: number;
}

/** The author keys that the options give, or `null`. Throws KEYS_BAD. */
export const givenKeys = ({ publicKey, privateKey }: PeerOptions): KeyPair | null => {
  if (privateKey === undefined) {
    if (publicKey !== undefined) throw new PeerError('KEYS_BAD', 'Cannot use publicKey: privateKey is needed with it');
    return null;
  }
  if (!(privateKey instanceof Uint8Array) || privateKey.length !== 32) {
    throw new PeerError('KEYS_BAD', 'Cannot use privateKey: an Ed25519 seed of 32 bytes is needed');
  }
  const keys = keyPairOf(privateKey);
  if (publicKey !== undefined && !equalBytes(publicKey, keys.publicKey)) {
    throw new PeerError('KEYS_BAD', 'Cannot use publicKey: it does not belong to privateKey');
  }
  return keys;
};
