/**
 * One actor of the demo: a peer in a process of its own. An introducer and a relay are the same program, a peer without
 * a room; a member has one. It does what the director tells it and says what happens; when the director is gone, so is it.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Packet, Peer, type Room, parseInvite, privateRoom } from '@srp/peer';
import type { Answer, Direction, Line, Part } from './parts.js';

let peer: Peer | null = null;
let room: Room | null = null;
let readable = 0;

process.on('message', (direction: Direction) => {
  obey(direction).catch((error: unknown) => {
    tell({ kind: 'failed', problem: error instanceof Error ? error.message : String(error) });
  });
});
process.on('disconnect', () => process.exit());

async function obey(direction: Direction): Promise<void> {
  switch (direction.kind) {
    case 'play':
      return play(direction.part);
    case 'say': {
      if (room === null) throw new Error('has no room to speak in');
      tell({ kind: 'said', line: lineOf(await room.publish(direction.text, direction.isFleeting ? { life: 0 } : {})) }); return;
    }
    case 'report':
      { tell({
        kind: 'report',
        neighbours: peer?.neighbours().length ?? 0,
        subscribers: room?.subscribers() ?? 0,
        objects: peer?.status().cache.objects ?? 0,
        readable,
      }); return; }
  }
}

async function play({ directory, introducers, room: wanted }: Part): Promise<void> {
  peer = await Peer.open({ directory, introducers: [...introducers], hosts: ['127.0.0.1'], lan: 'off' });
  peer.onPacket = (packet, port, address) => {
    readable += 1;
    tell({ kind: 'heard', line: lineOf(packet), from: `${address}:${port}` });
  };
  if (wanted !== null) room = enter(peer, wanted, directory);
  tell({ kind: 'ready', peer: peer.id, author: peer.author, address: peer.addresses[0] ?? '', invite: room?.invite() ?? null });
}

/** Enters the room and keeps its invite, which is its key, in the actor's own directory. */
function enter(into: Peer, wanted: NonNullable<Part['room']>, directory: string): Room {
  const file = join(directory, '..', 'room');
  const invite = wanted.kind === 'invite' ? parseInvite(wanted.invite) : wanted.kind === 'kept' ? parseInvite(readFileSync(file, 'utf8')) : null;
  if (invite !== null) into.connect(invite);
  const entered = into.join(invite?.room ?? privateRoom(wanted.kind === 'make' ? wanted.name : ''), { mode: 'causal' });
  if (wanted.kind !== 'kept') keep(file, entered.invite());
  return entered;
}

function keep(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  writeFileSync(file, text);
  fsyncSync(file);
  closeSync(file);
}

function lineOf({ id, author, previous, text }: Packet): Line {
  return { id, author, previous, text };
}

function tell(answer: Answer): void {
  process.send?.(answer);
}
