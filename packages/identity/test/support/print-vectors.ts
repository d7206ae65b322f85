/** Prints the vectors as this process makes them, and with which suite. */
import { suite } from '@srp/identity';
import { makeVectors } from '../vectors.js';

console.log(JSON.stringify({ suite: suite.name, vectors: makeVectors() }));
