/** What the benchmark asks of an engine that spreads messages: a node of it, in this process, on loopback. */

/** One node, subscribed to the one topic. */
export interface GossipNode {
  /** Where others reach it. */
  readonly address: string;
  /** `all` are the addresses of all nodes, its own at `self`; it connects to those at `first`. */
  meet(meeting: Meeting): Promise<void>;
  /** To how many others it may pass messages on. */
  degree(): number;
  publish(message: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface Meeting {
  readonly all: readonly string[];
  readonly self: number;
  readonly first: readonly number[];
}

/** Starts a node that calls back with each message of another node. */
export type OpenNode = (onMessage: (message: Uint8Array) => void) => Promise<GossipNode>;

export const engineNames = ['ours', 'gossipsub', 'tree'] as const;
export type EngineName = (typeof engineNames)[number];

/** Each in a module of its own, so that no process loads those of another. */
export const openNodeOf = async (engine: EngineName): Promise<OpenNode> => {
  switch (engine) {
    case 'ours':
      return (await import('./ours.js')).openNode;
    case 'gossipsub':
      return (await import('./gossipsub.js')).openNode;
    case 'tree':
      return (await import('./tree.js')).openNode;
  }
};
