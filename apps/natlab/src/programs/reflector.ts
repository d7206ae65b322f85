/**
 * The other end of the probe: three addresses with two ports each, all in one process. Asked by a datagram, it tells where that came
 * from, and does one thing more that an ordinary server would not (RFC 5780: answer from another address or port).
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { listen, tell } from './parent.js';

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** What the probe sends, as JSON. */
export interface Question {
  readonly id: number;
  /** The ordinary answer comes so much later, ms. */
  readonly afterMs?: number;
  /** First another answer, from this place. */
  readonly alsoFrom?: Place;
  /** First a datagram to somebody else. */
  readonly alsoTo?: Place;
}

/** What comes back. */
export interface Answer {
  readonly id: number;
  readonly seen: Place;
  /** `also`: not by the way the question took. */
  readonly also: boolean;
}

export interface ReflectorTold {
  readonly kind: 'start';
  readonly places: readonly Place[];
}

export interface ReflectorTells {
  readonly kind: 'ready';
}

const sockets = new Map<string, Socket>();
const nameOf = ({ address, port }: Place): string => `${address}:${port}`;

const open = async (place: Place): Promise<void> => {
  const socket = createSocket(isIPv6(place.address) ? 'udp6' : 'udp4');
  sockets.set(nameOf(place), socket);
  socket.on('message', (bytes, { address, port }) => {
    const seen: Place = { address, port };
    const { id, afterMs = 0, alsoFrom, alsoTo } = JSON.parse(bytes.toString()) as Question;
    const send = (from: Socket | undefined, to: Place, also: boolean): void => from?.send(JSON.stringify({ id, seen, also } satisfies Answer), to.port, to.address);
    if (alsoFrom !== undefined) send(sockets.get(nameOf(alsoFrom)), seen, true);
    if (alsoTo !== undefined) send(socket, alsoTo, true);
    if (afterMs === 0) send(socket, seen, false);
    else setTimeout(() => send(socket, seen, false), afterMs);
  });
  await new Promise<void>((resolve) => socket.bind(place.port, place.address, resolve));
};

listen<ReflectorTold>(async ({ places }) => {
  for (const place of places) await open(place);
  tell({ kind: 'ready' } satisfies ReflectorTells);
});
