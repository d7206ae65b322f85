#!/usr/bin/env node
/** The entry of the doctor: `npm run doctor`, or `srp doctor` where it is installed. */
import { redact } from './address.js';
import { type DoctorOptions, readArguments, usage } from './args.js';
import { examine } from './examine.js';
import { diagnose } from './judge.js';
import { jsonOf, textOf } from './report.js';

const run = async (options: DoctorOptions): Promise<number> => {
  if (!options.isJson) console.error(`Looking around, for ${options.limitS} s at most ...\n`);
  const findings = await examine(options);
  const diagnosis = diagnose(findings);
  const report = options.isJson ? jsonOf(diagnosis, findings) : textOf(diagnosis, findings);
  console.log(options.isRedacted ? redact(report) : report);
  return diagnosis.isWell ? 0 : 1;
};

const parsed = readArguments(process.argv.slice(2));
if (parsed.kind === 'help') {
  console.log(usage);
} else if (parsed.kind === 'wrong') {
  console.error(`Cannot start: ${parsed.problem}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await run(parsed.options);
  } catch (error) {
    // An introducer that is none, or a port that is not to be had: what the peer says is a sentence for the user.
    if (!(error instanceof Error && 'code' in error)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
