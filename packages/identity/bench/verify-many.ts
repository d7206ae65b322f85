/**
 * Question: when does `verifyMany` pay, and what does it cost?
 *
 * Method: batches of fresh signatures by 64 authors, checked once by `verifyMany` and once in a loop by `verify`, in turn. For each:
 * time until all verdicts are there, and how long the event loop was kept busy (for `verifyMany` until the call returns;
 * callbacks come on top, measured as CPU time of the whole process). Median over the rounds.
 * Control: the loop.
 * Limits: an otherwise idle process; four threads of libuv, as many cores as the first line says.
 *
 * usage: npm run build, then node --import tsx bench/verify-many.ts
 */
import { generateKeyPair, seededRandom, sign, verify } from '@srp/identity';
import { verifyMany } from '@srp/identity/node';
import { availableParallelism } from 'node:os';

const rounds = 11;
const random = seededRandom(new Uint8Array(32));
const authors = Array.from({ length: 64 }, () => generateKeyPair(random));
const batchOf = (size: number) =>
  Array.from({ length: size }, (_, i) => {
    const keys = authors[i % authors.length]!;
    const message = random.bytes(57); // "srp1 sign", full id and next: what an object's signature covers
    return { publicKey: keys.publicKey, message, signature: sign(keys, message) };
  });

interface Sample {
  readonly wall: number;
  readonly busy: number;
  readonly cpu: number;
}
const median = (samples: readonly Sample[], of: keyof Sample): string => {
  const sorted = samples.map((sample) => sample[of]).sort((a, b) => a - b);
  return (sorted[sorted.length >> 1] ?? 0).toFixed(1);
};
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
/** Microseconds a signature. */
const measured = async (size: number, check: () => boolean[] | Promise<boolean[]>): Promise<Sample> => {
  const cpu = cpuMs();
  const start = performance.now();
  const pending = check();
  const returned = performance.now();
  if (!(await pending).every(Boolean)) throw new Error('a good signature was refused');
  const end = performance.now();
  const each = 1000 / size;
  return { wall: (end - start) * each, busy: (returned - start) * each, cpu: (cpuMs() - cpu) * each };
};

console.log(`${availableParallelism()} cores; us a signature: until done / event loop held by the call / CPU of the process`);
for (const size of [1, 4, 16, 64, 256, 1024]) {
  const many: Sample[] = [];
  const loop: Sample[] = [];
  for (let round = -2; round < rounds; round += 1) {
    const [one, other] = [batchOf(size), batchOf(size)];
    const ofMany = await measured(size, () => verifyMany(one));
    const ofLoop = await measured(size, () => other.map(({ publicKey, message, signature }) => verify(publicKey, message, signature)));
    if (round >= 0) {
      many.push(ofMany);
      loop.push(ofLoop);
    }
  }
  const show = (samples: readonly Sample[]) => (['wall', 'busy', 'cpu'] as const).map((of) => median(samples, of).padStart(7)).join(' /');
  console.log(`batch of ${String(size).padStart(4)}   verifyMany ${show(many)}    loop ${show(loop)}`);
}
