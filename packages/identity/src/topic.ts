/**
 * Topics: who holds the key K reads and writes, everyone else sees an 8-byte tag. SPEC "Keys, topics and sealing" 4.
 *
 * ```
 *   public name ──HKDF──┐
 *   passphrase ──scrypt─┼──▶ K ──HKDF──▶ id 32 (tag = its first 8 bytes), body key 32, nonce key 32
 *   32 random bytes ────┤    │
 *   inbox of a key ─────┘    └──HKDF "srp1 sub" ‖ name──▶ K of a sub-topic
 * ```
 */
import { suite } from '#suite';
import { concat, type Random, tagOf, type TopicId, topicId, type TopicTag, utf8 } from '@srp/machine';
import { keyBytes, labels, nameBytesMax, topicScrypt } from './constants.js';
import { IdentityError } from './errors.js';
import { Unprintable } from './secret.js';
import { checkKey } from './suite/check.js';

/** A topic and its keys. `key` (32 bytes) is all that has to be shared, and is the membership: it never prints. */
export interface Topic {
  readonly id: TopicId;
  readonly tag: TopicTag;
  /** K, 32 bytes. */
  readonly key: Uint8Array;
  /** Seals bodies, 32 bytes. */
  readonly bodyKey: Uint8Array;
  /** Makes their nonces, 32 bytes. */
  readonly nonceKey: Uint8Array;
}

class SecretTopic extends Unprintable implements Topic {
  readonly id: TopicId;
  readonly tag: TopicTag;
  readonly #key: Uint8Array;
  readonly #bodyKey: Uint8Array;
  readonly #nonceKey: Uint8Array;

  constructor(key: Uint8Array) {
    super();
    this.#key = Uint8Array.from(key);
    this.id = topicId(derived(key, labels.topicId));
    this.tag = tagOf(this.id);
    this.#bodyKey = derived(key, labels.bodyKey);
    this.#nonceKey = derived(key, labels.nonceKey);
  }

  get key(): Uint8Array {
    return this.#key;
  }

  get bodyKey(): Uint8Array {
    return this.#bodyKey;
  }

  get nonceKey(): Uint8Array {
    return this.#nonceKey;
  }

  override toString(): string {
    return `Topic(${this.tag})`;
  }
}

/** The topic of a 32-byte key, which is copied. Throws `KEY_LENGTH_WRONG`. */
export const topicOfKey = (key: Uint8Array): Topic => {
  checkKey('make a topic', key);
  return new SecretTopic(key);
};

/** A private topic with a fresh key. */
export const randomTopic = (random: Random): Topic => new SecretTopic(random.bytes(keyBytes));

/** The topic that everyone who knows its name can read and write. `name`: 1..256 bytes of UTF-8 in NFC. Throws `TOPIC_NAME_WRONG`, `TEXT_MALFORMED`. */
export const publicTopic = (name: string): Topic => new SecretTopic(suite.hkdfSha256(nameBytes(name), none, utf8(labels.publicTopic), keyBytes));

/** The topic `name` within another: whoever holds the outer key holds this one, not the other way round. Throws `TOPIC_NAME_WRONG`, `TEXT_MALFORMED`. */
export const subTopic = (topic: Topic, name: string): Topic =>
  new SecretTopic(suite.hkdfSha256(topic.key, none, concat(utf8(labels.subTopic), nameBytes(name)), keyBytes));

/**
 * The topic of a passphrase, within `clusterId` (the name of a community; may be empty). Slow on purpose: 128 MiB and
 * about half a second, in the calling thread. Anyone may guess passphrases against the tag, which is public: take six
 * random words or more. Compared in NFKC, so that it can be typed on any keyboard. Throws
 * `PASSPHRASE_EMPTY`, `TEXT_MALFORMED`.
 */
export const passphraseTopic = (passphrase: string, clusterId: string): Topic => {
  const salt = concat(utf8(labels.passphraseSalt), wellFormed(clusterId.normalize('NFC')));
  return new SecretTopic(suite.scrypt(passphraseBytes(passphrase), salt, topicScrypt, keyBytes));
};

/** The topic where anyone leaves what is sealed to the owner of `publicKey` (32 bytes, Ed25519). Its key is public: it hides nothing but what is sealed within. */
export const inboxTopic = (publicKey: Uint8Array): Topic => {
  checkKey('make an inbox', publicKey);
  return new SecretTopic(suite.hkdfSha256(publicKey, none, utf8(labels.inboxTopic), keyBytes));
};

/** The bytes of a passphrase: NFKC, UTF-8. Throws `PASSPHRASE_EMPTY`, `TEXT_MALFORMED`. */
export const passphraseBytes = (passphrase: string): Uint8Array => {
  if (passphrase === '') throw new IdentityError('PASSPHRASE_EMPTY', 'Cannot use a passphrase: it must not be empty');
  return wellFormed(passphrase.normalize('NFKC'));
};

const none = new Uint8Array(0);

const derived = (key: Uint8Array, label: string): Uint8Array => suite.hkdfSha256(key, none, utf8(label), keyBytes);

const nameBytes = (name: string): Uint8Array => {
  const bytes = wellFormed(name.normalize('NFC'));
  if (bytes.length < 1 || bytes.length > nameBytesMax) {
    throw new IdentityError('TOPIC_NAME_WRONG', `Cannot name a topic: a name has 1..${nameBytesMax} bytes of UTF-8, got ${bytes.length}`);
  }
  return bytes;
};

/** UTF-8, or a throw for half a surrogate pair: all of those would become the same replacement character. */
const wellFormed = (text: string): Uint8Array => {
  if (/\p{Surrogate}/u.test(text)) throw new IdentityError('TEXT_MALFORMED', 'Cannot encode a text: it must be well-formed Unicode, and it holds half of a surrogate pair');
  return utf8(text);
};
