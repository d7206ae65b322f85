/**
 * Question: how long until two peers are connected that join the same topic at the same moment and know one introducer?
 *
 * Method: the introducer is a peer in a process of its own, with a session to nobody and in no topic. In this process two new
 * peers, sockets bound, are given its address and join the topic in the same turn of the event loop; the sample is the time
 * until each of them lists the other as a neighbour, handshakes with the introducer and with each other among it. Then both
 * leave, and the next run takes a new topic.
 * Control: the floor is two round trips of bare datagrams to a process that sends them back: a handshake with the introducer,
 * and one between the two, with nothing to compute.
 * Limits: loopback; both peers share one thread.
 */
import { Peer } from '@srp/peer';
import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Effort } from '../measure.js';
import { finding, type Finding } from '../row.js';

/** Of all rounds, what is enough. */
const roundShare = 10;
const patienceMs = 60_000;
const roundTrips = 2;

export const run = async ({ rounds }: Effort): Promise<readonly Finding[]> => {
  const helper = fork(fileURLToPath(new URL('introducer.js', import.meta.url)));
  const [{ introducer, echoPort }] = (await once(helper, 'message')) as [{ readonly introducer: string; readonly echoPort: number }];
  const [ours, floor] = [[] as number[], [] as number[]];
  const runs = Math.max(1, Math.floor(rounds / roundShare));
  // Two before, for the compiler.
  for (let i = runs > 1 ? -2 : 0; i < runs; i += 1) {
    const sample = { ours: await joinTogether(introducer, `join ${i}`), floor: await bareRoundTrips(echoPort) };
    if (i < 0) continue;
    ours.push(sample.ours);
    floor.push(sample.floor);
  }
  helper.disconnect();
  return [
    finding(
      { name: 'gossip/join', unit: 'ms', target: { oursMax: 1000 }, remarks: [`the slowest of ${runs} took ${Math.max(...ours).toFixed(0)} ms`] },
      { ours, peer: null, floor: { name: `${roundTrips} round trips of bare datagrams`, samples: floor } },
    ),
  ];
};

/** Milliseconds until two new peers that join together have each other as neighbours. */
const joinTogether = async (introducer: string, topic: string): Promise<number> => {
  const open = (): Promise<Peer> => Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
  const [one, other] = await Promise.all([open(), open()]);
  const met = Promise.all([metBy(one, other), metBy(other, one)]);
  const startAt = performance.now();
  for (const peer of [one, other]) {
    peer.connect(introducer);
    peer.join(topic);
  }
  const patience = new AbortController();
  await Promise.race([met, setTimeout(patienceMs, undefined, { signal: patience.signal }).then(() => Promise.reject(new Error(`Cannot measure: after ${patienceMs} ms two peers have not met`)))]);
  patience.abort();
  const tookMs = performance.now() - startAt;
  await Promise.all([one.close(), other.close()]);
  return tookMs;
};

const metBy = (peer: Peer, other: Peer): Promise<void> =>
  new Promise((resolve) => {
    peer.on('neighbour-up', (up) => {
      if (up.peer === other.id) resolve();
    });
  });

const bareRoundTrips = async (port: number): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const startAt = performance.now();
  for (let trip = 0; trip < roundTrips; trip += 1) {
    socket.send('?', port, '127.0.0.1');
    await once(socket, 'message');
  }
  const tookMs = performance.now() - startAt;
  socket.close();
  return tookMs;
};
