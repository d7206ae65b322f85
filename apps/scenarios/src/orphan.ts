/**
 * Ends this process when the one that started it is gone. A run is one long call, in which no event of a channel is seen; a thread of its own
 * sees that the parent is another one. Where there is no such thing as another parent (Windows) it changes nothing.
 */
import { Worker } from 'node:worker_threads';

/** How often it looks, ms. */
const lookEveryMs = 500;

const watch = `
  const { workerData: parent } = require('node:worker_threads');
  setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, ${lookEveryMs});
`;

/** From now on. It keeps nothing alive by itself. */
export const endWithParent = (): void => {
  new Worker(watch, { eval: true, workerData: process.ppid }).unref();
};
