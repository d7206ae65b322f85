/** What the benchmark asks of a process with nodes, and what that answers. */
import type { Meeting } from './engine.js';

export type Call =
  /** Starts so many nodes; answers their addresses. */
  | { readonly kind: 'open'; readonly count: number }
  /** One meeting for each of them, in the same order; answers when they have connected. */
  | { readonly kind: 'meet'; readonly meetings: readonly Meeting[] }
  /** Answers the least degree of its nodes. */
  | { readonly kind: 'degree' }
  /** Answers what came to pass since it was last asked. */
  | { readonly kind: 'take' }
  | { readonly kind: 'close' };

/** A message to publish, by the node at `node` of those of the process. No answer, but `Heard` from every process. */
export interface Post {
  readonly kind: 'publish';
  readonly number: number;
  /** The same node among all. */
  readonly publisher: number;
  readonly node: number;
}

/** All nodes of the process have this message. */
export interface Heard {
  readonly heard: number;
}

/** What came to pass in a process. */
export interface Taken {
  readonly cpuMs: number;
  readonly sentBytes: number;
  /** Of each delivery, how long the message was on its way; in milliseconds. */
  readonly latenciesMs: readonly number[];
}

export interface Answers {
  readonly open: readonly string[];
  readonly meet: null;
  readonly degree: number;
  readonly take: Taken;
  readonly close: null;
}

export interface Answer {
  readonly answer: Answers[Call['kind']];
}
