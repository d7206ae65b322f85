import { parseInvite, Peer, PeerError, privateRoom, publicRoom } from '@srp/peer';
import { inspect } from 'node:util';
import { test } from 'uvu';
import { equal, is, not, ok, throws } from 'uvu/assert';
import { formatInvite } from '../dist/invite.js';
import { loopbackPeer } from './helpers.js';

const isBad = (pattern: RegExp) => (error: unknown) => error instanceof PeerError && error.code === 'INVITE_BAD' && pattern.test(error.message);

test('an invite names the room, its key and where its peer listens', async () => {
  await using peer = await loopbackPeer();
  const room = peer.join(privateRoom('letters'));
  const invite = parseInvite(`  ${room.invite()}\n`);
  is(invite.room.name, 'letters');
  is(invite.room.topic.id, room.topic);
  equal(invite.peers, [{ peer: peer.id, address: peer.addresses[0] }]);
});

test('the invite of a public room carries no key', () => {
  const link = formatInvite({ room: publicRoom('lobby'), peers: [] });
  const invite = parseInvite(link);
  is(invite.room.isPrivate, false);
  is(invite.room.topic.id, publicRoom('lobby').topic.id);
  ok(link.length < 40, link);
});

test('every cut or altered invite is refused with the reason, or names another room', () => {
  const link = formatInvite({ room: privateRoom('letters'), peers: [] });
  for (let length = 0; length < link.length; length += 1) throws(() => parseInvite(link.slice(0, length)), isBad(/./));
  throws(() => parseInvite('https://example.org'), isBad(/must start with srp:/));
  throws(() => parseInvite(`srp:${'A'.repeat(5000)}`), isBad(/at most 2048 characters/));
  throws(() => parseInvite('srp:!!'), isBad(/copy it whole/));
  throws(() => new Peer({ introducers: ['nobody@127.0.0.1:1'] }), isBad(/64 hex digits/));
});

test('a room key prints its name and never its key', () => {
  const room = privateRoom('letters');
  const hex = Buffer.from(room.topic.key).toString('hex');
  for (const printed of [inspect(room, { depth: 9 }), JSON.stringify(room)]) {
    not.match(printed, hex.slice(0, 8));
    not.match(printed, String([...room.topic.key].slice(0, 4)));
  }
});

test.run();
