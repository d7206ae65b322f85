import { errorCodes } from '@srp/peer';

console.log(`chat: nothing to say yet (${errorCodes.length} error codes known)`);
