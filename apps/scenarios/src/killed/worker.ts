/** The process that shares a file, or fetches it: worker.js sharer|fetcher. It ends by being killed, or with the channel to who started it. */
import { Peer, type PeerOptions } from '@srp/peer';

/** All that a process is told. */
export type Begin = { readonly role: 'sharer'; readonly directory: string; readonly path: string; readonly port: number } | { readonly role: 'fetcher'; readonly link: string; readonly where: string; readonly to: string };
/** What it tells. */
export type Told =
  | { readonly kind: 'shares'; readonly link: string; readonly where: string; readonly port: number }
  | { readonly kind: 'here'; readonly bytes: number; readonly residentBytes: number }
  | { readonly kind: 'done' };

const tell = (told: Told): void => void process.send?.(told);
const onLoopback: PeerOptions = { hosts: ['127.0.0.1'], lan: 'off' };

process.on('disconnect', () => process.exit());
process.once('message', (begin: Begin) => void (begin.role === 'sharer' ? share(begin) : fetch(begin)));

const share = async ({ directory, path, port }: Extract<Begin, { role: 'sharer' }>): Promise<void> => {
  const peer = await Peer.open({ ...onLoopback, directory, port });
  const { link } = await peer.shareFile(path);
  const [address = ''] = peer.addresses;
  tell({ kind: 'shares', link, where: `${peer.id}@${address}`, port: Number(address.split(':').pop()) });
};

const fetch = async ({ link, where, to }: Extract<Begin, { role: 'fetcher' }>): Promise<void> => {
  const peer = await Peer.open({ ...onLoopback, introducers: [where] });
  await peer.fetchFile(link, { to, onProgress: ({ bytes }) => tell({ kind: 'here', bytes, residentBytes: process.memoryUsage.rss() }) });
  tell({ kind: 'done' });
  await peer.close();
  process.disconnect();
};
