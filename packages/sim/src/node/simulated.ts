/**
 * The body of a test on a network, in any test runner: when it fails, the message says with which seed and how to run it again.
 *
 * It is told what to do by the environment, which reaches a test through every runner: `SRP_SEED` is another seed, `SRP_TRACE` is how the
 * id of a packet begins whose life is to be told.
 */
import { relative } from 'node:path';
import { Network, type NetworkOptions } from '../network.js';
import { describeLife } from '../trace.js';

/** Of what was published, so many are named when a test fails. */
const publishedShown = 8;

/**
 * @example
 * test('everybody hears it', simulated({ seed: 7 }, (net) => {
 *   const [alice, bob] = [net.peer(), net.peer()];
 * }));
 */
export const simulated = (options: NetworkOptions & { readonly seed: number }, body: (net: Network) => void) => (): void => {
  const { SRP_SEED, SRP_TRACE } = process.env;
  const seed = SRP_SEED === undefined ? options.seed : Number(SRP_SEED);
  const replay = options.replay ?? `SRP_SEED=${seed} ${command()}`;
  const net = new Network({ ...options, seed, replay });
  try {
    body(net);
  } catch (error) {
    throw noted(error, `Seed ${seed}, again with: ${replay}\n${published(net)}`);
  } finally {
    if (SRP_TRACE !== undefined) console.log(lifeIn(net, SRP_TRACE));
  }
};

/** How this program was started. */
const command = (): string => {
  const [, file, ...args] = process.argv;
  return ['node', ...process.execArgv, ...(file === undefined ? [] : [relative(process.cwd(), file)]), ...args].map(quoted).join(' ');
};

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

/** Below the error's own words. The stack keeps its own: runners that show both would say it twice. */
const noted = (error: unknown, note: string): unknown => {
  if (!(error instanceof Error)) return new Error(`${String(error)}\n\n${note}`, { cause: error });
  error.message = `${error.message}\n\n${note}`;
  return error;
};

const published = (net: Network): string => {
  const packets = net.published;
  if (packets.length === 0) return 'Nothing was published.';
  const lines = packets.slice(-publishedShown).map(({ id, peer, atMs }) => `  ${id.slice(0, 16)}  ${peer} at ${atMs.toFixed(1)} ms`);
  return [`Published, the last ${lines.length} of ${packets.length} (SRP_TRACE=ID tells the life of one):`, ...lines].join('\n');
};

const lifeIn = (net: Network, begin: string): string => {
  const found = net.published.filter(({ id }) => id.startsWith(begin));
  const [packet] = found;
  if (packet === undefined || found.length > 1) return `SRP_TRACE=${begin}: ${found.length} packets of this network begin so\n${published(net)}`;
  return `${packet.id}\n${describeLife(net.lifeOf(packet.id))}`;
};
