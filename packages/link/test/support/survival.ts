/** Pairs of sessions that nobody uses, whose datagrams are lost at random: how many are given up by mistake. Nothing is sealed, which makes it fast. */
import { seededRandom } from '@srp/identity';
import { instant, type Instant, type PeerId, type Random } from '@srp/machine';
import { readLinkFrame } from '../../dist/frames.js';
import { Session } from '../../dist/session.js';
import { Silence } from '../../dist/silence.js';
import type { TransportKeys } from '../../dist/transport.js';
import type { PathOutput, LinkRole } from '../../dist/types.js';
import { at } from './pair.js';

const lifeMs = 10 * 60_000;

/** `count` pairs for 10 minutes. */
export const survive = (count: number, loss: number, oneWayMs: number): { readonly closed: number; readonly pings: number } => {
  const random = seededRandom(new Uint8Array(32).fill(9));
  const lives = Array.from({ length: count }, () => live(random, loss, oneWayMs));
  return { closed: lives.filter(({ isClosed }) => isClosed).length, pings: lives.reduce((sum, life) => sum + life.pings, 0) };
};

const live = (random: Random, loss: number, oneWayMs: number): { readonly isClosed: boolean; readonly pings: number } => {
  const start = 1_000_000;
  const ends = (['initiator', 'responder'] as const).map((role) => new Session(random, new Silence(), instant(start), 'ab' as PeerId, at('192.0.2.1:1000'), plainKeys(role)));
  const air: { readonly to: number; readonly dueAt: number; readonly bytes: Uint8Array }[] = [];
  let now = instant(start);
  let pings = 0;
  const send = (from: number, out: readonly PathOutput[]): void => {
    for (const output of out) {
      if (output.kind !== 'transmit') continue;
      pings += 1;
      if (random.below(1_000_000) >= 1_000_000 * loss) air.push({ to: 1 - from, dueAt: now + oneWayMs, bytes: output.bytes });
    }
  };
  while (now < start + lifeMs) {
    const arrival = air[0]; // all take equally long
    const due = ends.map((end) => end.dueAt ?? Infinity);
    now = instant(Math.min(arrival?.dueAt ?? Infinity, ...due));
    const out: PathOutput[] = [];
    if (arrival?.dueAt === now) {
      air.shift();
      hear(ends[arrival.to]!, now, arrival.bytes, out);
      send(arrival.to, out);
    } else {
      const index = due.indexOf(now);
      if (!ends[index]!.act(now, out)) return { isClosed: true, pings };
      send(index, out);
    }
  }
  return { isClosed: false, pings };
};

const hear = (session: Session, now: Instant, frame: Uint8Array, out: PathOutput[]): void => {
  session.heard(now, session.address, frame.length, out);
  const read = readLinkFrame(frame);
  if (read.kind === 'ping') session.pong(now, read.tx, session.address, at('192.0.2.1:1000'), out);
  if (read.kind === 'pong') session.settle(now, read.pong.tx);
};

/** Keys that seal nothing and never grow old. */
const plainKeys = (role: LinkRole): TransportKeys =>
  ({ role, madeAt: instant(1_000_000), sentCount: 0, isHeard: true, isUsable: () => true, seal: (frame: Uint8Array) => frame }) as unknown as TransportKeys;
