/**
 * Friendly names for whoever has not chosen one yet. They need not be unique: keys are.
 */
import { randomInt } from 'node:crypto';

const manners = ['amber', 'brave', 'calm', 'clever', 'cosy', 'eager', 'early', 'fair', 'fond', 'gentle', 'glad', 'golden', 'happy', 'keen', 'kind', 'late', 'light', 'lucky', 'merry', 'mild', 'neat', 'noble', 'patient', 'plain', 'proud', 'quick', 'quiet', 'silver', 'sunny', 'swift', 'warm', 'wise'] as const;
const animals = ['badger', 'beaver', 'bee', 'bison', 'crane', 'deer', 'dove', 'falcon', 'finch', 'fox', 'hare', 'heron', 'ibex', 'jay', 'lark', 'lynx', 'marten', 'mole', 'moth', 'newt', 'otter', 'owl', 'panda', 'puffin', 'raven', 'robin', 'seal', 'stork', 'swan', 'toad', 'wolf', 'wren'] as const;

/** One of 1024 names, such as `quiet-otter`. */
export function friendlyName(): string {
  return `${pick(manners)}-${pick(animals)}`;
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? 'nameless';
}
