/**
 * Runs one benchmark in this process: `node --single-threaded-gc dist/one.js wire/object [tiny]`. Its findings go to the
 * process that started it, or, if nobody did, to the terminal: so it can be run under a profiler.
 */
import { type Effort, full, tiny } from './measure.js';
import { type Found, told } from './row.js';

const [file = '', effort = 'full'] = process.argv.slice(2);
const { run } = (await import(`./${file}.js`)) as { readonly run: (effort: Effort) => Promise<readonly Found[]> };
const findings = await run(effort === 'tiny' ? tiny : full);
if (process.send === undefined) for (const finding of findings) console.log(told(finding));
else process.send(findings, () => process.disconnect());
