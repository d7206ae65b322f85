export { errorCodes } from './errors.js';
