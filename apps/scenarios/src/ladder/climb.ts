/**
 * Nine lines, each worse than the one before it, and what two peers get over them: a file of 1 MiB, and messages meanwhile. The last line is
 * that on which iroh ends its own ladder; those before it lead there from a good one.
 */
import { Network } from '@srp/sim';

export interface Step {
  readonly bitsPerSecond: number;
  /** One way. */
  readonly latencyMs: number;
  readonly loss: number;
  /** Losses come in runs of so many, in the mean; 0: each by itself. */
  readonly burst: number;
}

export const steps: readonly Step[] = [
  { bitsPerSecond: 100_000_000, latencyMs: 10, loss: 0, burst: 0 },
  { bitsPerSecond: 50_000_000, latencyMs: 25, loss: 0.005, burst: 0 },
  { bitsPerSecond: 20_000_000, latencyMs: 50, loss: 0.01, burst: 2 },
  { bitsPerSecond: 10_000_000, latencyMs: 100, loss: 0.02, burst: 4 },
  { bitsPerSecond: 5_000_000, latencyMs: 150, loss: 0.03, burst: 6 },
  { bitsPerSecond: 2_000_000, latencyMs: 200, loss: 0.05, burst: 10 },
  { bitsPerSecond: 1_000_000, latencyMs: 300, loss: 0.08, burst: 16 },
  { bitsPerSecond: 500_000, latencyMs: 450, loss: 0.12, burst: 25 },
  { bitsPerSecond: 256_000, latencyMs: 800, loss: 0.25, burst: 40 },
];

export const fileBytes = 1024 * 1024;
/** What would wait longer before a line is dropped, ms. Guess: home routers have such queues. */
const queueMs = 1_000;
/** How long two peers may take to meet, and then for all of it, ms. */
const meetMsMax = 300_000;
const arriveMsMax = 1_800_000;
/** When the first message is published after the fetch began, and how many: one a second. */
const messageAfterMs = 1_000;
export const messagesPerClimb = 3;

/** What came of one step with one seed; `null`: it did not come. */
export interface Climb {
  readonly step: number;
  readonly seed: number;
  /** Until both had a session. */
  readonly metMs: number | null;
  readonly fileMs: number | null;
  /** Whether every byte is as it was. */
  readonly isWhole: boolean;
  /** Of each message from when it was published. */
  readonly messageMs: readonly number[];
}

export const climb = (step: number, seed: number, size = fileBytes): Climb => {
  const { bitsPerSecond, latencyMs, loss, burst } = steps[step] as Step;
  const net = new Network({ seed, links: { latencyMs, loss, burst } });
  const bandwidth = { upBitsPerSecond: bitsPerSecond, downBitsPerSecond: bitsPerSecond, queueMs };
  const ann = net.peer({ name: 'ann', bandwidth });
  const ben = net.peer({ name: 'ben', bandwidth, knows: [ann] });
  const [says, hears] = [ann.join('ladder'), ben.join('ladder')];
  const nothing: Climb = { step: step + 1, seed, metMs: null, fileMs: null, isWhole: false, messageMs: [] };
  if (!net.runUntil(() => ann.neighbours().length > 0 && ben.neighbours().length > 0, meetMsMax)) return nothing;
  const metMs = net.now;

  const content = net.random.bytes(size);
  const fetch = ben.fetchFile(ann.shareFile(content));
  const fileMs: number[] = [];
  fetch.onDone = () => fileMs.push(Math.round(net.now - metMs));
  const messageMs: number[] = [];
  const publishedAt = new Map<string, number>();
  hears.onDelivery = ({ text, atMs }) => messageMs.push(Math.round(atMs - (publishedAt.get(text ?? '') ?? 0)));
  for (let k = 0; k < messagesPerClimb; k += 1) {
    net.at(metMs + (k + 1) * messageAfterMs, () => {
      publishedAt.set(`message ${k}`, net.now);
      says.publish(`message ${k}`);
    });
  }
  net.runUntil(() => fetch.content !== null && messageMs.length === messagesPerClimb, arriveMsMax);
  return { step: step + 1, seed, metMs: Math.round(metMs), fileMs: fileMs[0] ?? null, isWhole: fetch.content !== null && Buffer.compare(fetch.content, content) === 0, messageMs };
};

/** Whether all of it came. */
export const hasArrived = ({ isWhole, messageMs }: Climb): boolean => isWhole && messageMs.length === messagesPerClimb;
