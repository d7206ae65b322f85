/**
 * Question: when does it pay to check signatures off the main thread, with `verifyMany`?
 *
 * Method: batches of fresh signatures by 64 authors, each over as many bytes as an object's covers; in turn one batch by
 * `verifyMany`, one in a loop of `verify`, one by bare asynchronous calls of node:crypto. Time on the wall until all verdicts
 * are there, for each signature. The row is of batches of 256; the other sizes, and how long the event loop was held, are
 * told beside it.
 * Control: the peer is the loop, the floor are the bare calls.
 * Limits: it asks for the cores that the process gets, so on a busy machine it says that it does not pay, and is right.
 */
import { generateKeyPair, type KeyPair, sign, verify } from '@srp/identity';
import { type Claim, systemRandom, verifyMany } from '@srp/identity/node';
import { createPublicKey, type KeyObject, verify as opensslVerify } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { type Effort } from '../measure.js';
import { finding, type Finding, quantile } from '../row.js';

const sizes = [1, 4, 16, 64, 256] as const;
const authorCount = 64;
const signedBytes = 49;
/** Of all rounds, what is enough for one that takes so long. */
const roundShare = 8;

interface Timed {
  /** Nanoseconds for each signature until the last verdict. */
  readonly wall: number;
  /** ... until the call came back. */
  readonly held: number;
}

export const run = async ({ rounds }: Effort): Promise<readonly Finding[]> => {
  const random = systemRandom();
  const authors = Array.from({ length: authorCount }, () => generateKeyPair(random));
  const objects = authors.map(({ publicKey }) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }, format: 'jwk' }));
  const batch = (size: number): readonly Claim[] =>
    Array.from({ length: size }, (_, i) => {
      const keys = authors[i % authors.length] as KeyPair;
      const message = random.bytes(signedBytes);
      return { publicKey: keys.publicKey, message, signature: sign(keys, message) };
    });

  const found = new Map<number, Readonly<Record<'many' | 'loop' | 'bare', Timed[]>>>();
  const roundsWanted = Math.max(1, Math.floor(rounds / roundShare));
  for (const size of sizes) {
    const samples = { many: [] as Timed[], loop: [] as Timed[], bare: [] as Timed[] };
    for (let round = roundsWanted > 1 ? -3 : 0; round < roundsWanted; round += 1) {
      const [one, two, three] = [batch(size), batch(size), batch(size)];
      const timed = {
        many: await time(size, () => verifyMany(one)),
        loop: await time(size, () => Promise.resolve(two.map(({ publicKey, message, signature }) => verify(publicKey, message, signature)))),
        bare: await time(size, () => Promise.all(three.map((claim, i) => bareVerify(objects[i % objects.length] as KeyObject, claim)))),
      };
      if (round >= 0) for (const name of ['many', 'loop', 'bare'] as const) samples[name].push(timed[name]);
    }
    found.set(size, samples);
  }

  const last = found.get(256) as Readonly<Record<'many' | 'loop' | 'bare', Timed[]>>;
  const micro = (timed: readonly Timed[]): readonly number[] => timed.map(({ wall }) => wall / 1000);
  return [
    finding(
      { name: 'identity/verify-many', unit: 'us/signature', remarks: remarksOn(found) },
      { ours: micro(last.many), peer: { name: 'verify in a loop', samples: micro(last.loop) }, floor: { name: 'node:crypto: verify with a callback', samples: micro(last.bare) } },
    ),
  ];
};

const remarksOn = (found: ReadonlyMap<number, Readonly<Record<'many' | 'loop' | 'bare', readonly Timed[]>>>): readonly string[] => {
  const median = (timed: readonly Timed[], of: keyof Timed): number => quantile(timed.map((one) => one[of] / 1000), 0.5);
  const lines = [...found].map(([size, { many, loop }]) => {
    const wall = `${median(many, 'wall').toFixed(0)} us instead of ${median(loop, 'wall').toFixed(0)}`;
    const held = `${median(many, 'held').toFixed(1)} us instead of ${median(loop, 'held').toFixed(1)}`;
    return `batch of ${String(size).padStart(3)}: ${wall}, event loop held for ${held}, a signature`;
  });
  const pays = [...found].find(([, { many, loop }]) => median(many, 'wall') < median(loop, 'wall'));
  const cores = `with ${availableParallelism()} cores`;
  return [...lines, pays === undefined ? `${cores} it never pays in time, only for what else the event loop has to do` : `${cores} it pays in time from a batch of ${pays[0]} on`];
};

const time = async (size: number, check: () => Promise<readonly boolean[]>): Promise<Timed> => {
  const start = performance.now();
  const pending = check();
  const returned = performance.now();
  if (!(await pending).every(Boolean)) throw new Error('a good signature was refused');
  const nanoseconds = 1e6 / size;
  return { wall: (performance.now() - start) * nanoseconds, held: (returned - start) * nanoseconds };
};

const bareVerify = (key: KeyObject, { message, signature }: Claim): Promise<boolean> =>
  new Promise((resolve, reject) => {
    opensslVerify(null, message, key, signature, (error, isGood) => {
      if (error === null) resolve(isGood);
      else reject(error);
    });
  });
