/** Opens a peer that keeps nothing, lets it look around until enough is known or time is over, and tells what it found. */
import { type NetworkReport, Peer, privateRoom } from '@srp/peer';
import type { DoctorOptions } from './args.js';
import { examineAfterMs, examineMs, examineTimes, introducersMs, lanMs, lookMs } from './constants.js';

/** What was found, before anybody judges it. */
export interface Findings {
  readonly network: NetworkReport;
  /** Addresses of peers that a session was open with, other than those on this machine or its local network. */
  readonly heard: readonly string[];
  readonly introducerCount: number;
  /** Whether neighbours have tried what the filter lets in, as far as they could. */
  readonly isFilterTried: boolean;
  readonly tookMs: number;
}

/** Throws what `Peer.open` throws, for an introducer that is none among others. */
export const examine = async ({ introducers, limitS, portMapping, lan, hosts }: DoctorOptions): Promise<Findings> => {
  const startedAt = performance.now();
  const heard = new Set<string>();
  let [triedCount, triedAt] = [0, 0];
  const peer = await Peer.open({ introducers, portMapping, lan, ...(hosts === null ? {} : { hosts }) });
  try {
    peer.on('neighbour-up', ({ address }) => heard.add(address));
    peer.join(privateRoom('doctor')); // a room of nobody: who looks for others of it is told of more peers, who see this one too
    const findings = (): Findings => {
      for (const { address, path } of peer.neighbours()) if (path === 'direct') heard.add(address);
      const [network, tookMs] = [peer.network(), performance.now() - startedAt];
      const isFilterTried = network.filtering !== 'unknown' || (triedCount === examineTimes && tookMs - triedAt >= examineMs);
      return { network, heard: [...heard], introducerCount: introducers.length, isFilterTried, tookMs };
    };
    const tryFilter = ({ network, tookMs }: Findings): void => {
      const isSoon = heard.size === 0 || (network.mapping === 'unknown' && tookMs < examineAfterMs);
      if (isSoon || network.filtering !== 'unknown' || triedCount === examineTimes || (triedCount > 0 && tookMs - triedAt < examineMs)) return;
      [triedCount, triedAt] = [triedCount + 1, tookMs];
      peer.examine();
    };
    for (let found = findings(); ; found = findings()) {
      if (found.tookMs >= limitS * 1000 || isEnough(found, lan)) return found;
      tryFilter(found);
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  } finally {
    await peer.close();
  }
};

/** Whether more time would tell nothing more. */
export const isEnough = ({ network, heard, introducerCount, isFilterTried, tookMs }: Findings, lan: DoctorOptions['lan']): boolean => {
  const { mapping, openAt, portMapping } = network;
  if (portMapping.state === 'asking' || (lan !== 'off' && tookMs < lanMs)) return false;
  if (introducerCount === 0) return true;
  if (heard.length === 0) return tookMs >= introducersMs;
  if (!isFilterTried) return false;
  return openAt !== null || (mapping !== 'unknown' && portMapping.state !== 'granted' && tookMs >= lanMs);
};
