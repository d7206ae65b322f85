/** What makes a room: a name, and the key that opens its packets. SPEC, Keys, topics and sealing. */
import { passphraseTopic, publicTopic, randomTopic, type Topic, topicOfKey } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { roomNameMax } from './constants.js';
import { PeerError } from './errors.js';

/** A room. Prints its name and kind, never its key. */
export interface RoomKey {
  readonly name: string;
  /** Whether only those who were given the key can read. A public room's key derives from its name. */
  readonly isPrivate: boolean;
  readonly topic: Topic;
}

/** The room that everyone finds who knows its name. Throws ROOM_BAD. */
export const publicRoom = (name: string): RoomKey => ({ name: checkedName(name), isPrivate: false, topic: publicTopic(name) });

/** A new room that only its invite opens. Throws ROOM_BAD. */
export const privateRoom = (name: string): RoomKey => ({ name: checkedName(name), isPrivate: true, topic: randomTopic(systemRandom()) });

/** The private room with this 32-byte key. Throws ROOM_BAD. */
export const privateRoomOfKey = (name: string, key: Uint8Array): RoomKey => ({ name: checkedName(name), isPrivate: true, topic: topicOfKey(key) });

/** The room that everyone opens who knows name and passphrase. Takes about half a second: the derivation is slow on purpose. Throws ROOM_BAD. */
export const roomFromPassphrase = (name: string, passphrase: string): RoomKey => ({
  name: checkedName(name),
  isPrivate: true,
  topic: passphraseTopic(passphrase, name),
});

const checkedName = (name: string): string => {
  if (name.length === 0 || name.length > roomNameMax) throw new PeerError('ROOM_BAD', `Cannot name a room: 1..${roomNameMax} characters are needed, got ${name.length}`);
  if (/\p{Cc}/u.test(name)) throw new PeerError('ROOM_BAD', `Cannot name a room: control characters are not allowed, got ${JSON.stringify(name)}`);
  return name;
};
