/** Opens a peer that keeps nothing, lets it look around until enough is known or time is over, and tells what it found. */
import { type NetworkReport, Peer, privateRoom } from '@srp/peer';
import type { DoctorOptions } from './args.js';
import { introducersMs, lanMs, lookMs } from './constants.js';

/** What was found, before anybody judges it. */
export interface Findings {
  readonly network: NetworkReport;
  /** Addresses of peers that a session was open with, other than those on this machine or its local network. */
  readonly heard: readonly string[];
  readonly introducerCount: number;
  readonly tookMs: number;
}

/** Throws what `Peer.open` throws, for an introducer that is none among others. */
export const examine = async ({ introducers, limitS, portMapping, lan, hosts }: DoctorOptions): Promise<Findings> => {
  const startedAt = performance.now();
  const heard = new Set<string>();
  const peer = await Peer.open({ introducers, portMapping, lan, ...(hosts === null ? {} : { hosts }) });
  try {
    peer.on('neighbour-up', ({ address }) => heard.add(address));
    peer.join(privateRoom('doctor')); // a room of nobody: who looks for others of it is told of more peers, who see this one too
    const findings = (): Findings => {
      for (const { address, path } of peer.neighbours()) if (path === 'direct') heard.add(address);
      return { network: peer.network(), heard: [...heard], introducerCount: introducers.length, tookMs: performance.now() - startedAt };
    };
    while (performance.now() - startedAt < limitS * 1000 && !isEnough(findings(), lan)) await new Promise((resolve) => setTimeout(resolve, lookMs));
    return findings();
  } finally {
    await peer.close();
  }
};

/** Whether more time would tell nothing more. */
export const isEnough = ({ network, heard, introducerCount, tookMs }: Findings, lan: DoctorOptions['lan']): boolean => {
  const { mapping, openAt, portMapping } = network;
  if (portMapping.state === 'asking' || (lan !== 'off' && tookMs < lanMs)) return false;
  if (introducerCount === 0) return true;
  if (heard.length === 0) return tookMs >= introducersMs;
  return openAt !== null || (mapping !== 'unknown' && portMapping.state !== 'granted' && tookMs >= lanMs);
};
