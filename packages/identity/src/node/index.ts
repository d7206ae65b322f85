/** `@srp/identity/node`: what needs an operating system. */
export { systemRandom } from './system-random.js';
