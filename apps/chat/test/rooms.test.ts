import { parseInvite, Peer, privateRoom } from '@srp/peer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseRoom } from '../dist/rooms.js';

const inviteTo = async (room: Parameters<Peer['join']>[0]): Promise<string> => {
  await using peer = await Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
  return peer.join(room).invite();
};
const toBooks = await inviteTo('books');
const toDen = await inviteTo(privateRoom('den'));
const books = parseInvite(toBooks);
const den = parseInvite(toDen);
const publicDen = parseInvite(await inviteTo('den'));
const none = { room: null, isPrivate: false, invites: [] };

test('goes to the lobby when nothing is asked for', () => {
  assert.equal(chooseRoom(none, []), { name: 'lobby', key: 'lobby', isPrivate: false, origin: 'public', introduction: null });
});

test('goes where an invite leads when no room is asked for', () => {
  assert.is(chooseRoom({ ...none, invites: [den] }, []).key, den.room);
  assert.is(chooseRoom({ ...none, invites: [books, den] }, []).key, books.room);
});

test('opens the room that is asked for with the invite that is for it', () => {
  const choice = chooseRoom({ ...none, room: 'den', invites: [books, den] }, []);
  assert.is(choice.key, den.room);
  assert.is(choice.isPrivate, true);
});

test('lets the peers of another invite only introduce us', () => {
  assert.equal(chooseRoom({ ...none, room: 'films', invites: [den] }, []), { name: 'films', key: 'films', isPrivate: false, origin: 'public', introduction: null });
});

test('makes a private room, also while a public one of that name is at hand', () => {
  const choice = chooseRoom({ room: 'books', isPrivate: true, invites: [books] }, []);
  assert.is(choice.origin, 'new');
  assert.is(choice.isPrivate, true);
  assert.is(chooseRoom({ ...none, isPrivate: true }, []).name, 'den');
});

test('opens a private room again that the profile keeps, rather than the public one of the same name', () => {
  const kept = [{ name: 'den', topic: 't', invite: toDen }];
  for (const isPrivate of [true, false]) {
    const choice = chooseRoom({ room: 'den', isPrivate, invites: [] }, kept);
    assert.is(choice.origin, 'kept');
    assert.is(choice.isPrivate, true);
    assert.is(choice.introduction?.room.name, 'den');
  }
  const choice = chooseRoom({ room: 'den', isPrivate: false, invites: [publicDen] }, kept);
  assert.is(choice.isPrivate, true);
  assert.is(chooseRoom({ ...none, invites: [publicDen] }, kept).isPrivate, false);
});

test('passes over a kept invite that cannot be read', () => {
  assert.is(chooseRoom({ ...none, room: 'den' }, [{ name: 'den', topic: 't', invite: 'srp:?' }]).origin, 'public');
});

test.run();
