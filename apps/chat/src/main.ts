/**
 * The chat's entry: `npm start`. Reads the command line and runs the chat; exit code 0 for a good end, 1 for a start
 * that failed, 2 for a command line that makes no sense.
 */
import { readFileSync } from 'node:fs';
import { readArguments, usage } from './args.js';
import { runChat } from './run.js';

/** After the end, ms, in which whatever still keeps the process alive may finish; the end itself waits for nothing. */
const graceMs = 500;

const parsed = readArguments(process.argv.slice(2), process.env);
switch (parsed.kind) {
  case 'help':
    console.log(usage);
    break;
  case 'version':
    console.log(`chat ${version()}`);
    break;
  case 'wrong':
    console.error(`Cannot start: ${parsed.problem}`);
    process.exitCode = 2;
    break;
  case 'chat':
    process.exitCode = await runChat(parsed.options, process, process.env);
    process.stdin.destroy();
    setTimeout(() => process.exit(), graceMs).unref();
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}
