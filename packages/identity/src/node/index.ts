/** `@srp/identity/node`: what needs an operating system. */
export { type LoadOptions, loadKeyFile, loadOrCreateKeyFile, type SaveOptions, saveKeyFile } from './key-file.js';
export { systemRandom } from './system-random.js';
export { type Claim, verifyMany } from './verify-many.js';
