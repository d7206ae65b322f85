/**
 * The process of one real peer, through the facade that apps use: `worker.js introducer` or `worker.js peer`. It carries out its part of
 * the plan it is sent, tells what it saw, and ends with the process that started it, however that one ends.
 */
import { countsNow } from './counts.js'; // first, to see every socket
import { equalBytes, readU32 } from '@srp/machine';
import { Peer, type Room } from '@srp/peer';
import { type Begin, sharedClockMs, type Told } from './calls.js';
import { messageOf, patienceMs, topicNames } from './plan.js';
import { type Counts, countTimes } from './result.js';

const open = (): Promise<Peer> => Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });

/** Rarely enough to cost nothing. */
const sampleEveryMs = 500;

const tell = (told: Told): void => {
  process.send?.(told);
};

const introducer = process.argv[2] === 'introducer' ? await open() : null;

const carryOut = ({ plan, self, introducers, startAtMs }: Begin): void => {
  const published: [number, number][] = [];
  const arrived: [number, number][] = [];
  const counts: Counts[] = [];
  const messages = plan.publishes.map((_, number) => messageOf(plan, number));
  const lacking = new Set(messages.keys());
  const lateMs: number[] = [];
  let wrong = 0;
  let room: Room | null = null;
  const own = self === null ? undefined : plan.peers[self];
  let isOver = false;
  let hasTold = false;

  const at = (ms: number, action: () => void): void => {
    setTimeout(action, Math.max(0, startAtMs + ms - sharedClockMs()));
  };
  /** Looks how late timers fire, from its start to the end of the plan. */
  const sampleLateness = (): void => {
    const dueAtMs = sharedClockMs() + sampleEveryMs;
    setTimeout(() => {
      lateMs.push(sharedClockMs() - dueAtMs);
      sampleLateness();
    }, sampleEveryMs);
  };
  const take = (message: Uint8Array): void => {
    const atMs = sharedClockMs();
    const number = readU32(message, 0);
    if (lacking.delete(number) && equalBytes(message, messages[number] as Uint8Array)) arrived.push([number, atMs]);
    else wrong += 1;
    finish();
  };
  /** When the plan is over and nothing more is awaited. */
  const finish = (): void => {
    if (!isOver || hasTold || (own?.isSubscriber === true && lacking.size > 0)) return;
    hasTold = true;
    tell({ kind: 'done', record: { published, arrived, wrong, counts, lateMs } });
  };
  const start = async (isSubscriber: boolean): Promise<void> => {
    const peer = await open();
    for (const known of introducers) peer.connect(known);
    const joined = peer.join(isSubscriber ? topicNames[0] : topicNames[1]);
    joined.onPacket = ({ message }) => take(message);
    room = joined;
  };
  const publish = (number: number): void => {
    published.push([number, sharedClockMs()]);
    lacking.delete(number);
    void room?.publish(messages[number] as Uint8Array);
  };

  sampleLateness();
  if (self === null) for (const other of introducers) introducer?.connect(other);
  if (own !== undefined) at(own.startMs, () => void start(own.isSubscriber));
  for (const [number, { atMs, peer }] of plan.publishes.entries()) if (peer === self) at(atMs, () => publish(number));
  for (const ms of countTimes(plan)) at(ms, () => counts.push(countsNow()));
  at(plan.endMs, () => {
    isOver = true;
    finish();
  });
  at(plan.endMs + patienceMs, () => {
    lacking.clear();
    finish();
  });
};

process.once('message', (begin) => carryOut(begin as Begin));
process.on('disconnect', () => process.exit());
tell({ kind: 'ready', address: introducer === null ? null : `${introducer.id}@${introducer.addresses[0] ?? ''}` });
