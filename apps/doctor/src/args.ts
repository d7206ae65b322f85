/** The command line of the doctor: words in; options, or one sentence about what is wrong, out. Touches nothing. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { limitSDefault } from './constants.js';

export const usage = `usage: npm run doctor -- [options]        (installed: srp doctor [options])

Tells what the network of this machine allows a peer: who will reach it, how, and what to do about it. It ends by itself.

  --introducer WHERE   a peer that others reach: an invite (srp:...) or PEERID@HOST:PORT; may be repeated. Without one nobody can say
                       how this machine looks from outside; four in different networks tell all
  --json               the report as one line of JSON
  --redact             no addresses in the report: fit to be shown to others
  --limit SECONDS      look for so long at most, 3..60 (${limitSDefault})
  --no-port-mapping    do not ask the router for a port (it is given back at the end)
  --lan WHERE          look for peers on the local network: all, loopback or off (all)
  --host ADDRESS       the local address to use; may be repeated (0.0.0.0 and ::)
  --help               this text

Exit code: 0 peers can be reached, or nobody was asked; 1 something keeps them from it; 2 the command line makes no sense.`;

export interface DoctorOptions {
  readonly introducers: readonly string[];
  readonly isJson: boolean;
  readonly isRedacted: boolean;
  readonly limitS: number;
  readonly portMapping: 'auto' | 'off';
  readonly lan: 'all' | 'loopback' | 'off';
  readonly hosts: readonly string[] | null;
}

export type Arguments = { readonly kind: 'examine'; readonly options: DoctorOptions } | { readonly kind: 'help' } | { readonly kind: 'wrong'; readonly problem: string };

const flags = {
  introducer: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
  redact: { type: 'boolean', default: false },
  limit: { type: 'string', default: String(limitSDefault) },
  'no-port-mapping': { type: 'boolean', default: false },
  lan: { type: 'string', default: 'all' },
  host: { type: 'string', multiple: true },
  help: { type: 'boolean', default: false },
} as const;

/** One sentence about the command line, for whoever typed it. */
class Wrong extends Error {}

/** Reads the words after `main.js`; `doctor` may be the first. */
export const readArguments = (words: readonly string[]): Arguments => {
  try {
    const { values } = parseArgs({ args: words[0] === 'doctor' ? words.slice(1) : [...words], options: flags });
    if (values.help) return { kind: 'help' };
    const limitS = Number(values.limit);
    if (!Number.isInteger(limitS) || limitS < 3 || limitS > 60) throw new Wrong(`--limit must be a whole number 3..60, got ${values.limit}`);
    const { lan } = values;
    if (lan !== 'all' && lan !== 'loopback' && lan !== 'off') throw new Wrong(`--lan must be all, loopback or off, got ${lan}`);
    for (const host of values.host ?? []) if (isIP(host) === 0) throw new Wrong(`--host must be an IP address, got ${host}`);
    const portMapping = values['no-port-mapping'] ? 'off' : 'auto';
    return { kind: 'examine', options: { introducers: values.introducer, isJson: values.json, isRedacted: values.redact, limitS, portMapping, lan, hosts: values.host ?? null } };
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) };
  }
};
