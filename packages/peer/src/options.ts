/** How a peer is made; every option has a default that works. */
import { isIP } from 'node:net';
import { type KeyPair, keyPairOf } from '@srp/identity';
import { equalBytes } from '@srp/machine';
import { cacheBytesMin, uploadBytesPerSecondMin } from './constants.js';
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
  /** Ask the gateway of this host (PCP, NAT-PMP, UPnP) to let in what comes for this peer, as long as it runs: `auto`, or not. Default `off`: a router is not always its user's. */
  readonly portMapping?: 'auto' | 'off';
  /** Peers to begin with: invites, or `PEERID@host:port`. */
  readonly introducers?: readonly string[];
  /** Bytes lent to the shared cache, at least 64 KiB. Default 16 MiB. */
  readonly cacheBytes?: number;
  /** Bytes a second of files that this peer gives, to all together, at least 1024. Default: as fast as those who fetch find their lines free. */
  readonly uploadBytesPerSecond?: number;
  /** ... and to each of them. */
  readonly uploadBytesPerSecondEach?: number;
}

const names: ReadonlySet<string> = new Set<keyof PeerOptions>([
  'publicKey', 'privateKey', 'directory', 'passphrase', 'clusterId', 'port', 'hosts', 'lan', 'portMapping', 'introducers', 'cacheBytes', 'uploadBytesPerSecond', 'uploadBytesPerSecondEach',
]);

/**
 * Refuses what types cannot, since much of the world writes JavaScript: a misspelt `lan: 'of'` must not mean multicast on
 * every interface. Throws OPTIONS_BAD.
 */
export const checkOptions = (options: PeerOptions): void => {
  for (const name of Object.keys(options)) check(names.has(name), name, 'one of ' + [...names].join(', '), 'an unknown option');
  const { directory, passphrase, clusterId, port, hosts, lan, portMapping, introducers, cacheBytes, uploadBytesPerSecond, uploadBytesPerSecondEach }: Partial<Record<string, unknown>> = { ...options };
  for (const [name, value] of Object.entries({ directory, passphrase, clusterId })) {
    check(value === undefined || (typeof value === 'string' && value !== ''), name, 'a text that is not empty', value === '' ? 'an empty one' : typeof value);
  }
  check(port === undefined || isWithin(port, 0, 65_535), 'port', 'an integer 0..65535', port);
  check(hosts === undefined || (isListOfTexts(hosts) && hosts.length > 0 && hosts.every((host) => isIP(host) !== 0)), 'hosts', 'a list of IP addresses', hosts);
  check(lan === undefined || lan === 'all' || lan === 'loopback' || lan === 'off', 'lan', "'all', 'loopback' or 'off'", lan);
  check(portMapping === undefined || portMapping === 'auto' || portMapping === 'off', 'portMapping', "'auto' or 'off'", portMapping);
  check(introducers === undefined || isListOfTexts(introducers), 'introducers', 'a list of invites or PEERID@host:port', introducers);
  check(cacheBytes === undefined || isWithin(cacheBytes, cacheBytesMin, Number.MAX_SAFE_INTEGER), 'cacheBytes', `an integer >= ${cacheBytesMin}`, cacheBytes);
  for (const [name, value] of Object.entries({ uploadBytesPerSecond, uploadBytesPerSecondEach })) {
    check(value === undefined || isWithin(value, uploadBytesPerSecondMin, Number.MAX_SAFE_INTEGER), name, `an integer >= ${uploadBytesPerSecondMin}`, value);
  }
};

const check = (holds: boolean, name: string, rule: string, value: unknown): void => {
  if (!holds) throw new PeerError('OPTIONS_BAD', `Cannot make a peer: ${name} must be ${rule}, got ${String(value)}`);
};

const isWithin = (value: unknown, min: number, max: number): boolean => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
const isListOfTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

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
