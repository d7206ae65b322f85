/**
 * The helpers: peers with public addresses in networks of their own, in one process. Everybody knows them, they know each other,
 * and they have joined nothing. Introducer, observer and whatever else the protocol makes of a peer that can be reached.
 */
import { Peer } from '@srp/peer';
import { helpersPollMs } from '../constants.js';
import { listen, tell } from './parent.js';

export interface HelpersTold {
  readonly kind: 'start';
  readonly hosts: readonly { readonly 4: string; readonly 6: string }[];
}

export interface HelpersTell {
  readonly kind: 'ready';
  /** `PEERID@host:port` of each helper, by family. */
  readonly helpers: readonly { readonly 4: string; readonly 6: string }[];
}

listen<HelpersTold>(async ({ hosts }) => {
  const peers: Peer[] = [];
  const helpers: { 4: string; 6: string }[] = [];
  for (const host of hosts) {
    const peer = await Peer.open({ hosts: [host[4], host[6]], lan: 'off', introducers: helpers.map((one) => one[4]) });
    const port = peer.addresses[0]?.split(':').at(-1) ?? '';
    peers.push(peer);
    helpers.push({ 4: `${peer.id}@${host[4]}:${port}`, 6: `${peer.id}@[${host[6]}]:${port}` });
  }
  // A network that is up when somebody comes: all know each other, and have run for more than a first moment.
  while (!peers.every((peer) => peer.neighbours().length >= hosts.length - 1)) await new Promise((resolve) => setTimeout(resolve, helpersPollMs));
  tell({ kind: 'ready', helpers } satisfies HelpersTell);
});
