/** Turns true input into hostile input. */
import { concat, type Random } from '@srp/machine';

const interesting = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x18, 0x1b, 0x5f, 0xbf, 0xc2, 0xd8, 0xf9];

/** One input: mostly a mutated member of the corpus, sometimes an untouched one, sometimes noise. */
export const nextInput = (random: Random, corpus: readonly Uint8Array[]): Uint8Array => {
  const dice = random.below(20);
  if (dice === 0) return random.bytes(random.below(1500));
  const start = corpus[random.below(corpus.length)] ?? new Uint8Array(0);
  if (dice === 1) return start;
  let input: Uint8Array = start.slice();
  for (let left = 1 + random.below(6); left > 0; left -= 1) input = mutated(random, input, corpus);
  return input;
};

const mutated = (random: Random, input: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array => {
  const at = random.below(input.length + 1);
  const count = 1 + random.below(16);
  const changed = input.slice();
  switch (random.below(8)) {
    case 0: // a bit
      if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
      return changed;
    case 1: // a byte of meaning
      if (at < changed.length) changed[at] = interesting[random.below(interesting.length)] ?? 0;
      return changed;
    case 2: // cut off
      return input.slice(0, at);
    case 3: // a part left out
      return concat(input.subarray(0, at), input.subarray(at + count));
    case 4: // noise put in
      return concat(input.subarray(0, at), random.bytes(count), input.subarray(at));
    case 5: // a part twice
      return concat(input.subarray(0, at + count), input.subarray(at));
    case 6: { // the front of this, the end of another
      const other = corpus[random.below(corpus.length)] ?? input;
      return concat(input.subarray(0, at), other.subarray(random.below(other.length + 1)));
    }
    default: // a run of one value
      return changed.fill(interesting[random.below(interesting.length)] ?? 0, at, at + count);
  }
};
