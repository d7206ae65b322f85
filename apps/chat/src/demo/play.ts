/**
 * The mission in one act, with real processes on loopback: Alice goes offline, Bob writes to her and goes offline too,
 * Alice comes back and receives what he wrote from peers who cannot read it.
 *
 *     introducer, relays 1-3     ------------------------------------------------------   no key; never killed
 *     Alice                      --- makes the room --- X (SIGKILL)             --- receives 3
 *     Bob                               -- joins ---------- writes 3 -- X (SIGKILL)
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { custodyLimitMs, greeting, meetingLimitMs, messages, quietMs, relayCount, returnLimitMs, roomName } from './constants.js';
import type { Line } from './parts.js';
import { type Actor, Troupe, pause } from './troupe.js';
import { type Verdict, judge } from './verdict.js';

/** What a test changes to see the demo fail. */
export interface Variation {
  /** What Bob writes. */
  readonly messages?: readonly string[];
  /** Whether he publishes it to be kept by nobody who is not in the room (life 0). */
  readonly isFleeting?: boolean;
  /** How long the relays have to take what Bob writes, and how long Alice waits for it, ms. */
  readonly waitMs?: number;
}

/** Tells who does what. */
export type Tell = (who: string, what: string) => void;

/** Plays it once and cleans up behind itself. `signal` ends it at any moment, by a rejection. */
export async function play(tell: Tell, signal: AbortSignal, variation: Variation = {}): Promise<Verdict> {
  const stage = mkdtempSync(join(tmpdir(), 'srp-demo-'));
  const troupe = new Troupe(stage, signal);
  const onExit = (): void => rmSync(stage, { recursive: true, force: true });
  process.on('exit', onExit);
  try {
    return await act(troupe, tell, signal, variation);
  } finally {
    await troupe.end();
    rmSync(stage, { recursive: true, force: true });
    process.off('exit', onExit);
  }
}

async function act(troupe: Troupe, tell: Tell, signal: AbortSignal, variation: Variation): Promise<Verdict> {
  const { keepers, introducers } = await startKeepers(troupe, tell);

  const alice = await troupe.start('Alice', { introducers, room: { kind: 'make', name: roomName } });
  tell('Alice', `is up at ${alice.ready.address}, makes the private room ${roomName} and gives Bob the invite`);
  const invite = alice.ready.invite ?? '';
  const bob = await troupe.start('Bob', { introducers, room: { kind: 'invite', invite } });
  tell('Bob', `is up at ${bob.ready.address} and enters the room`);
  const [met] = await Promise.all([alice, bob].map((one) => one.until(({ subscribers }) => subscribers > 0, meetingLimitMs)));
  if (met === undefined || met.subscribers === 0) throw new Error('Alice and Bob did not find each other');
  await Promise.all(keepers.map((keeper) => keeper.until(({ neighbours }) => neighbours > 0, meetingLimitMs)));

  await heardBy(bob, (await alice.say(greeting)).id, signal);
  tell('Alice', `says "${greeting}", and Bob hears it`);
  const before = await quiet(keepers, signal);
  await alice.kill();
  tell('Alice', 'is killed (SIGKILL): no farewell');

  const said: Line[] = [];
  for (const text of variation.messages ?? messages) {
    said.push(await bob.say(text, variation.isFleeting));
    tell('Bob', `says "${text}"`);
  }
  await custody(keepers, { before, wanted: messages.length, limitMs: variation.waitMs ?? custodyLimitMs }, tell, signal);
  await bob.kill();
  tell('Bob', 'is killed (SIGKILL): now nobody runs who can read what he wrote');

  const back = await troupe.start('Alice', { introducers, room: { kind: 'kept' } });
  tell('Alice', `comes back: a new process at ${back.ready.address}, with her directory`);
  const nameOf = (address: string): string => keepers.find(({ ready }) => ready.address === address)?.name ?? address;
  const show = (line: Line, from: string): void => tell('Alice', `receives "${line.text ?? ''}" from ${nameOf(from)}`);
  for (const { line, from } of back.heard) show(line, from);
  back.onHeard = show;
  await arrival(back, messages.length, variation.waitMs ?? returnLimitMs, signal);

  const kept = await Promise.all(
    keepers.map(async (keeper) => ({ name: keeper.name, address: keeper.ready.address, report: await keeper.report(), leaks: leaksIn(troupe.home(keeper.name), [greeting, ...messages]) })),
  );
  return judge({ bob: bob.ready.author, said, heard: back.heard, keepers: kept }, messages.length);
}

/** The introducer and the relays: peers that are given no room, so no key. */
async function startKeepers(troupe: Troupe, tell: Tell): Promise<{ keepers: Actor[]; introducers: string[] }> {
  const introducer = await troupe.start('introducer', { introducers: [], room: null });
  tell('introducer', `is up at ${introducer.ready.address}`);
  const introducers = [introducer.card];
  const relays = await Promise.all(Array.from({ length: relayCount }, (_, at) => troupe.start(`relay ${at + 1}`, { introducers, room: null })));
  for (const relay of relays) tell(relay.name, `is up at ${relay.ready.address}, knows the introducer and no key`);
  return { keepers: [introducer, ...relays], introducers };
}

/** How many objects each keeper holds, once that has stopped changing: the greeting is among them, or never will be. */
async function quiet(keepers: readonly Actor[], signal: AbortSignal): Promise<number[]> {
  const end = Date.now() + custodyLimitMs;
  let held = await holdings(keepers);
  for (;;) {
    await pause(quietMs, signal);
    const now = await holdings(keepers);
    if (now.every((objects, at) => objects === held[at]) || Date.now() > end) return now;
    held = now;
  }
}

async function holdings(keepers: readonly Actor[]): Promise<number[]> {
  return (await Promise.all(keepers.map((keeper) => keeper.report()))).map(({ objects }) => objects);
}

interface Custody {
  /** How many objects each keeper held before Bob spoke. */
  readonly before: readonly number[];
  readonly wanted: number;
  readonly limitMs: number;
}

/** Waits until the keepers together hold as many objects more as Bob published, and no more come; says who holds how many. */
async function custody(keepers: readonly Actor[], { before, wanted, limitMs }: Custody, tell: Tell, signal: AbortSignal): Promise<void> {
  const end = Date.now() + limitMs;
  const added = (now: readonly number[]): number[] => now.map((objects, at) => objects - (before[at] ?? 0));
  let now = await quiet(keepers, signal);
  while (added(now).reduce((sum, objects) => sum + objects, 0) < wanted && Date.now() < end) now = await quiet(keepers, signal);
  const holders = keepers.flatMap(({ name }, at) => ((added(now)[at] ?? 0) > 0 ? [`${name} holds ${added(now)[at] ?? 0}`] : []));
  tell('keepers', holders.length > 0 ? `${holders.join(', ')} sealed objects more than before` : 'hold nothing of it');
}

async function heardBy(actor: Actor, id: string, signal: AbortSignal): Promise<void> {
  const end = Date.now() + meetingLimitMs;
  while (!actor.heard.some(({ line }) => line.id === id)) {
    if (Date.now() > end) throw new Error(`${actor.name} did not hear what was said while both were there`);
    await pause(20, signal);
  }
}

async function arrival(actor: Actor, wanted: number, limitMs: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + limitMs;
  while (actor.heard.length < wanted && Date.now() < end) await pause(20, signal);
}

/** What was said that can be read on the disk of a peer without the key. */
function leaksIn(directory: string, said: readonly string[]): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const contents = files.map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  return said.filter((text) => contents.some((content) => content.includes(text))).map((text) => `"${text}"`);
}
