/**
 * The demo's entry: `npm run demo`. Exit code 0 only if what it promises came true.
 */
import { runDemo } from './demo/run.js';

process.exitCode = await runDemo(process.argv.slice(2));
