/** Real peers on loopback, and waiting for what they do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Peer, type PeerOptions } from '@srp/peer';

/** A peer that cannot reach beyond this machine: it listens on loopback alone and looks for nobody. */
export const loopbackPeer = async (options: PeerOptions = {}): Promise<Peer> => await Peer.open({ hosts: ['127.0.0.1'], lan: 'off', ...options });

/** How to reach a peer: `PEERID@host:port`. */
export const whereIs = (peer: Peer): string => `${peer.id}@${peer.addresses[0] ?? ''}`;

/** Resolves when `condition` holds; rejects, saying what was awaited, after `limitMs`. */
export const until = async (what: string, condition: () => boolean, limitMs = 10_000): Promise<void> => {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A fresh directory that is removed afterwards. */
export const withDirectory = async <Result>(use: (directory: string) => Promise<Result>): Promise<Result> => {
  const directory = await mkdtemp(join(tmpdir(), 'srp-peer-test-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
