import { errorCodes } from '@srp/peer';

console.log(`demo: nothing to show yet (${errorCodes.length} error codes known)`);
