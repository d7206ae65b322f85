/** `@srp/sim/node`: what a test on Node can have besides. */
export { simulated } from './simulated.js';
