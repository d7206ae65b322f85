/** Objects that come to a peer in a session, fresh or once more, and the bare calls that each of them takes. */
import { generateKeyPair, type KeyPair, publicTopic } from '@srp/identity';
import { composePacket, type Packet } from '@srp/wire';
import { createCipheriv, createDecipheriv, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { Pair } from './pair.js';

/** Objects in one slice. */
const batch = 16;
/** What passes between slices, so that the neighbour may send as many again of topics that are not the peer's own: 8 a second. */
const pauseMs = 2_000;
/** The most that an object can hold beside an empty envelope. */
const payloadBytes = 1023;

/** A frame as the bare calls see it: sealed under a key that is at hand. */
export interface Bare {
  readonly packet: Packet;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
  readonly tag: Buffer;
  /** What the signature is over. */
  readonly signed: Buffer;
  readonly signature: Uint8Array;
}

export class Objects {
  readonly #pair: Pair;
  readonly #topic = publicTopic('elsewhere');
  readonly #author: KeyPair;
  readonly #publicKey: KeyObject;
  readonly #sessionKey = Buffer.alloc(32, 7);
  #last: readonly Packet[] = [];
  #freshCount = 0;
  #againCount = 0;

  constructor(options: { readonly cacheBytes: number }) {
    this.#pair = new Pair(options);
    this.#author = generateKeyPair(this.#pair.random);
    this.#publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(this.#author.publicKey).toString('base64url') }, format: 'jwk' });
  }

  /** Datagrams with objects that the peer has not seen, of a topic that it passes on and does not read. */
  fresh(): readonly Uint8Array[] {
    this.#pair.pass(pauseMs);
    this.#last = this.#compose();
    this.#freshCount += batch;
    return this.#last.map(({ bytes }) => this.#pair.sealed(bytes));
  }

  /** New datagrams with the objects that came last. */
  again(): readonly Uint8Array[] {
    if (this.#last.length === 0) for (const datagram of this.fresh()) this.receive(datagram);
    this.#againCount += batch;
    return this.#last.map(({ bytes }) => this.#pair.sealed(bytes));
  }

  /** Other objects, for the bare calls. */
  bare(): readonly Bare[] {
    return this.#compose().map((packet, counter) => {
      const nonce = Buffer.alloc(12);
      nonce.writeUInt32LE(counter, 4);
      const cipher = createCipheriv('chacha20-poly1305', this.#sessionKey, nonce, { authTagLength: 16 });
      const sealed = cipher.update(packet.bytes);
      cipher.final();
      const signed = Buffer.concat([Buffer.from('srp1 sign'), Buffer.from(packet.fullId, 'hex'), packet.bytes.subarray(30, 38)]);
      return { packet, nonce, sealed, tag: cipher.getAuthTag(), signed, signature: packet.signature };
    });
  }

  receive(datagram: Uint8Array): number {
    return this.#pair.receive(datagram).length + 1;
  }

  /** Opens the session's seal and hashes, by node:crypto alone. */
  openAndHash({ packet, nonce, sealed, tag }: Bare): number {
    const decipher = createDecipheriv('chacha20-poly1305', this.#sessionKey, nonce, { authTagLength: 16 });
    decipher.setAuthTag(tag);
    const opened = decipher.update(sealed);
    decipher.final();
    const hash = createHash('sha256').update(packet.bytes).digest();
    return (opened[0] ?? 0) + (hash[0] ?? 0);
  }

  /** The same, and checks the signature. */
  openHashAndVerify(bare: Bare): number {
    if (!verify(null, bare.signed, this.#publicKey, bare.signature)) throw new Error('a good signature was refused');
    return this.openAndHash(bare);
  }

  /** Throws unless the peer took every object for what it was: otherwise something else was measured. */
  check(): void {
    const { duplicate = 0, ...others } = this.#pair.peer.dropped.snapshot();
    if (duplicate !== this.#againCount || Object.keys(others).length > 0) throw new Error(`${duplicate} duplicates instead of ${this.#againCount}, ${JSON.stringify(others)}`);
    const { objects } = this.#pair.peer.cacheUse();
    if (objects === 0 || objects > this.#freshCount) throw new Error(`${objects} objects in the cache after ${this.#freshCount}`);
  }

  #compose(): readonly Packet[] {
    const { now, random } = this.#pair;
    return Array.from({ length: batch }, () =>
      composePacket({ topic: this.#topic, author: this.#author, now, prev: null, envelope: {}, payload: random.bytes(payloadBytes), random }),
    );
  }
}
