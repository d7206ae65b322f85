export { suiteName } from '#suite';
export { errorCodes } from './errors.js';
