/** The part of the earlier implementation that is measured: `@socketsupply/socket@0.5.4`, stream-relay. */

/** Its files, by names in variables: they bring no types that the compiler could find. */
export const packetsFile = '@socketsupply/socket/stream-relay/packets.js';
export const cacheFile = '@socketsupply/socket/stream-relay/cache.js';
export const encryptionFile = '@socketsupply/socket/stream-relay/encryption.js';
export const sodiumFile = '@socketsupply/socket/crypto/sodium.js';

/** Its object; every field is set, those that were not given to one zero byte. */
export interface EarlierPacket {
  readonly type: number;
  readonly version: number;
  readonly clock: number;
  readonly hops: number;
  readonly index: number;
  readonly ttl: number;
  readonly clusterId: Uint8Array;
  readonly subclusterId: Uint8Array;
  readonly previousId: Uint8Array;
  readonly packetId: Uint8Array;
  readonly nextId: Uint8Array;
  readonly usr1: Uint8Array;
  readonly usr2: Uint8Array;
  readonly message: Uint8Array;
  readonly sig: Uint8Array;
}

/** packets.js */
export interface EarlierPackets {
  readonly Packet: {
    /** Hashes only a packet without an id. */
    readonly encode: (packet: EarlierPacket) => Promise<Buffer>;
    readonly decode: (bytes: Uint8Array) => EarlierPacket | null;
  };
  readonly PacketPublish: new (fields: Partial<EarlierPacket>) => EarlierPacket;
}

/** One level of its trie: checksums of the ids that begin so, in hex; `null` where there are none. */
export interface EarlierSummary {
  readonly prefix: string;
  readonly hash: string;
  readonly buckets: readonly (string | null)[];
}

export interface EarlierCache {
  readonly summarize: (prefix: string, isMeant: (packet: object) => boolean) => Promise<EarlierSummary>;
}

/** cache.js */
export interface EarlierCaches {
  readonly Cache: {
    new (data: Map<string, object>): EarlierCache;
    readonly encodeSummary: (summary: EarlierSummary) => Uint8Array;
    readonly decodeSummary: (bytes: Uint8Array) => EarlierSummary;
  };
}

export interface EarlierKeys {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** encryption.js */
export interface EarlierEncryption {
  readonly Encryption: {
    new (): {
      /** Encrypts, signs and encrypts again, all to and by the same key pair. */
      readonly seal: (message: Uint8Array, keys: EarlierKeys) => Uint8Array;
      /** Throws if the signature does not hold. */
      readonly open: (sealed: Uint8Array, keys: EarlierKeys) => Uint8Array;
    };
    readonly createKeyPair: (seed?: Uint8Array) => Promise<EarlierKeys>;
  };
}

export interface Sodium {
  readonly ready: Promise<unknown>;
}
