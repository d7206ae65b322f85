/**
 * Whether the demo came true, judged from what the processes reported. Pure.
 */
import type { Line, Report } from './parts.js';

export interface Evidence {
  /** Bob's key, as his process stated it before he spoke. */
  readonly bob: Line['author'];
  /** What Bob published after Alice was killed, in order. */
  readonly said: readonly Line[];
  /** What Alice heard after she came back, in order, and from which address. */
  readonly heard: readonly { readonly line: Line; readonly from: string }[];
  /** The peers that were alive all the time, and what they say of themselves. */
  readonly keepers: readonly { readonly name: string; readonly address: string; readonly report: Report; readonly leaks: readonly string[] }[];
}

export interface Verdict {
  /** Bob's messages that reached Alice as he wrote them. */
  readonly delivered: number;
  /** What is missing or wrong, one sentence each; empty if it came true. */
  readonly problems: readonly string[];
  /** Who brought Alice the messages. */
  readonly carriers: readonly string[];
}

export function judge({ bob, said, heard, keepers }: Evidence, expected: number): Verdict {
  const problems: string[] = [];
  const arrived = heard.filter(({ line }) => said.some((original) => isSame(original, line)));
  const delivered = new Set(arrived.map(({ line }) => line.id)).size;
  if (said.length !== expected) problems.push(`Bob published ${said.length} of ${expected} messages`);
  if (delivered !== expected) problems.push(`Alice received ${delivered} of ${expected} messages`);
  if (arrived.length !== delivered) problems.push('Alice received a message twice');
  if (heard.length !== arrived.length) problems.push(`Alice received ${heard.length - arrived.length} messages that Bob did not write like this`);
  if (arrived.some(({ line }) => line.author !== bob)) problems.push('a message is not signed by Bob');

  const order = said.map(({ id }) => id);
  if (arrived.some(({ line }, at) => line.id !== order[at])) problems.push('the messages arrived in another order than Bob wrote them');
  if (arrived.some(({ line }, at) => at > 0 && line.previous !== arrived[at - 1]?.line.id)) problems.push('a message does not link to the one before');

  const carriers = new Set<string>();
  for (const { from } of arrived) {
    const keeper = keepers.find(({ address }) => address === from);
    if (keeper === undefined) problems.push(`${from}, which is none of the peers that stayed, brought a message`);
    else carriers.add(keeper.name);
  }
  for (const { name, report, leaks } of keepers) {
    if (report.readable > 0 || report.subscribers > 0) problems.push(`${name} could read ${report.readable} messages`);
    for (const leak of leaks) problems.push(`${name} has ${leak} on its disk`);
  }
  return { delivered, problems, carriers: [...carriers] };
}

function isSame(one: Line, other: Line): boolean {
  return one.id === other.id && one.author === other.author && one.text === other.text && one.previous === other.previous;
}
