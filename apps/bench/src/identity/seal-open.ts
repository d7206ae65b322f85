/**
 * Question: what does it cost to seal 1 KiB to one recipient, and to open it?
 *
 * Method: `sealTo`, then `openSealed`; a new plaintext and so a new one-use key each time; the recipient stays the same.
 * Microseconds for both sides together.
 * Control: the peer's seal and open also say who wrote it: they encrypt, sign and encrypt again. In SRP the signature of the
 * object around says so, which every object has anyway; what it costs is told beside the row. The floor is what OpenSSL
 * needs: a one-use key pair, an agreement on each side, a seal and its opening; it imports no raw keys.
 * Limits: one pair of people, warm code. The peer seals to its own key, which is how its `seal` takes keys.
 */
import { generateKeyPair, openSealed, randomTopic, sealTo, sign, verify } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { authorId } from '@srp/machine';
import { createCipheriv, createDecipheriv, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { earlierEncryption, earlierName } from '../earlier/index.js';
import { type Effort, interleave, repeated } from '../measure.js';
import { finding, type Finding, quantile } from '../row.js';

const plaintextBytes = 1024;

export const run = async (effort: Effort): Promise<readonly Finding[]> => {
  const random = systemRandom();
  const sender = generateKeyPair(random);
  const recipient = generateKeyPair(random);
  const context = { author: authorId(sender.publicKey), topic: randomTopic(random).id };
  const { Encryption } = await earlierEncryption();
  const earlier = new Encryption();
  const earlierKeys = await Encryption.createKeyPair();

  const samples = await interleave(effort, {
    ours: repeated(effort, () => {
      const opened = openSealed(recipient, context, sealTo(recipient.publicKey, context, random.bytes(plaintextBytes), random));
      if (opened?.length !== plaintextBytes) throw new Error('not opened');
      return opened.length;
    }),
    signed: repeated(effort, () => {
      const sealed = sealTo(recipient.publicKey, context, random.bytes(plaintextBytes), random);
      const isGood = verify(sender.publicKey, sealed, sign(sender, sealed));
      return isGood ? (openSealed(recipient, context, sealed)?.length ?? 0) : 0;
    }),
    peer: repeated(effort, () => {
      const opened = earlier.open(earlier.seal(random.bytes(plaintextBytes), earlierKeys), earlierKeys);
      if (opened.length !== plaintextBytes) throw new Error('not opened');
      return opened.length;
    }),
    floor: repeated(effort, openssl(random.bytes(plaintextBytes))),
  });
  const micro = (nanoseconds: readonly number[]): readonly number[] => nanoseconds.map((sample) => sample / 1000);
  return [
    finding(
      { name: 'identity/seal-open', unit: 'us/message', target: { toPeerMin: 5 }, remarks: [`with the signature of an object and its check: ${quantile(micro(samples.signed), 0.5).toFixed(0)} us`] },
      {
        ours: micro(samples.ours),
        peer: { name: `${earlierName}: Encryption.seal, Encryption.open`, samples: micro(samples.peer) },
        floor: { name: 'OpenSSL: a one-use key pair, two agreements, a seal and its opening', samples: micro(samples.floor) },
      },
    ),
  ];
};

const openssl = (plaintext: Uint8Array): (() => number) => {
  const recipient = generateKeyPairSync('x25519');
  const nonce = Buffer.alloc(12);
  const algorithm = 'chacha20-poly1305';
  const keyOf = (shared: Buffer): Buffer => Buffer.from(hkdfSync('sha256', shared, '', 'srp1 seal', 32));
  return () => {
    const oneUse = generateKeyPairSync('x25519');
    const cipher = createCipheriv(algorithm, keyOf(diffieHellman({ privateKey: oneUse.privateKey, publicKey: recipient.publicKey })), nonce, { authTagLength: 16 });
    const sealed = cipher.update(plaintext);
    cipher.final();
    const decipher = createDecipheriv(algorithm, keyOf(diffieHellman({ privateKey: recipient.privateKey, publicKey: oneUse.publicKey })), nonce, { authTagLength: 16 });
    decipher.setAuthTag(cipher.getAuthTag());
    const opened = decipher.update(sealed);
    decipher.final();
    return opened.length;
  };
};
