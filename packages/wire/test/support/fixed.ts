/** What is the same in every run. */
import { generateKeyPair, publicTopic, seededRandom } from '@srp/identity';
import { instant, type Random } from '@srp/machine';

export const fixedRandom = (byte: number): Random => seededRandom(new Uint8Array(32).fill(byte));

export const random = fixedRandom(0x77);
export const author = generateKeyPair(random);
export const topic = publicTopic('tests of wire');
export const now = instant(1_764_000_000_123);
/** What every draft of a test shares. */
export const common = { topic, author, now, prev: null, random } as const;
