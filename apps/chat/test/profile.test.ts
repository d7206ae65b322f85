import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PeerError } from '@srp/peer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keptRoomsMax, profilesMax } from '../dist/constants.js';
import { nameProblem } from '../dist/message.js';
import { Profile, takeProfile } from '../dist/profile.js';
import { cleanUp, freshFolder } from './tools/programs.js';

test.after(cleanUp);

const fresh = (): string => {
  const directory = join(freshFolder(), '1');
  mkdirSync(directory);
  return directory;
};
const room = (topic: string, name = 'den'): { name: string; topic: string; invite: string } => ({ name, topic, invite: `srp:${topic}` });

test('makes a name up at the first start and keeps it', () => {
  const directory = fresh();
  const first = new Profile(1, directory);
  assert.is(nameProblem(first.name), null);
  assert.ok(first.isNew);
  const second = new Profile(1, directory);
  assert.is(second.name, first.name);
  assert.not.ok(second.isNew);
  second.rename('ann');
  assert.is(new Profile(1, directory).name, 'ann');
});

test('keeps private rooms for nobody else to read, the last used first', () => {
  const directory = fresh();
  const profile = new Profile(1, directory);
  for (const topic of ['a', 'b', 'a']) profile.keep(room(topic));
  assert.equal(new Profile(1, directory).rooms, [room('a'), room('b')]);
  assert.is(statSync(join(directory, 'chat.json')).mode & 0o777, 0o600);
});

test('forgets the room not used for longest when there are too many', () => {
  const profile = new Profile(1, fresh());
  for (let at = 0; at < keptRoomsMax + 5; at += 1) profile.keep(room(String(at)));
  assert.is(profile.rooms.length, keptRoomsMax);
  assert.is(profile.rooms[0]?.topic, String(keptRoomsMax + 4));
});

test('sets a damaged file aside and says so', () => {
  for (const damage of ['', '{', '[]', 'null', '{"version":2,"name":"ann","rooms":[]}', '{"version":1,"name":"two words","rooms":[]}', '{"version":1,"name":"ann"}']) {
    const directory = fresh();
    writeFileSync(join(directory, 'chat.json'), damage);
    const profile = new Profile(1, directory);
    assert.match(profile.warning ?? '', /could not be read/, damage);
    assert.is(readFileSync(join(directory, 'chat.json.damaged'), 'utf8'), damage);
    assert.is(nameProblem(profile.name), null);
  }
});

test('leaves out a room that is none', () => {
  const directory = fresh();
  writeFileSync(join(directory, 'chat.json'), JSON.stringify({ version: 1, name: 'ann', rooms: [1, null, { name: 'x' }, room('t')] }));
  assert.equal(new Profile(1, directory).rooms, [room('t')]);
});

test('takes the first profile that nobody holds', async () => {
  const home = freshFolder();
  const held = new Set<string>();
  const open = (directory: string): Promise<string> => {
    if (held.has(directory)) return Promise.reject(new PeerError('DIRECTORY_IN_USE', `Cannot open ${directory}`));
    held.add(directory);
    return Promise.resolve(directory);
  };
  assert.is((await takeProfile(home, open)).profile.number, 1);
  assert.is((await takeProfile(home, open)).profile.number, 2);
  held.delete(join(home, '1', 'peer'));
  assert.is((await takeProfile(home, open)).profile.number, 1);
});

test('gives up when all are held, and passes any other error on', async () => {
  const home = freshFolder();
  const refuse = (code: 'DIRECTORY_IN_USE' | 'INVITE_BAD') => () => Promise.reject(new PeerError(code, code));
  const outcome = (code: 'DIRECTORY_IN_USE' | 'INVITE_BAD'): Promise<string> => takeProfile(home, refuse(code)).then(() => 'opened', String);
  assert.match(await outcome('DIRECTORY_IN_USE'), `all ${profilesMax} profiles`);
  assert.match(await outcome('INVITE_BAD'), /INVITE_BAD$/);
});

test.run();
