import { createKeys, type MessageProgress, type Packet, Peer, PeerError } from '@srp/peer';
import { test } from 'uvu';
import { equal, is, match, ok } from 'uvu/assert';
import { loopbackPeer, until, whereIs } from './helpers.js';

test('the hello world of the mission works as written', async () => {
  const { publicKey, privateKey } = createKeys();
  await using other = await loopbackPeer({ clusterId: 'greetings' });
  const heard: [string | null, number, string][] = [];
  other.onPacket = (packet, port, address) => heard.push([packet.text, port, address]);

  await using peer = new Peer({ publicKey, privateKey, hosts: ['127.0.0.1'], lan: 'off', introducers: [whereIs(other)] });
  peer.onPacket = () => undefined;
  await peer.init();
  const packet = await peer.publish({ clusterId: 'greetings', message: 'hello, world' });

  await until('the other peer heard it', () => heard.length === 1);
  equal(heard, [['hello, world', Number(peer.addresses[0]?.split(':')[1]), '127.0.0.1']]);
  is(packet.author, Buffer.from(publicKey).toString('hex'));
});

test('publishing to nobody is no error, and who comes later gets it', async () => {
  await using alone = await loopbackPeer();
  await alone.join('quiet').publish('anyone?');
  await using late = await loopbackPeer({ introducers: [whereIs(alone)] });
  const heard: Packet[] = [];
  late.join('quiet').onPacket = (packet) => heard.push(packet);
  await until('the late one heard it', () => heard.length === 1);
  is(heard[0]?.text, 'anyone?');
  is(heard[0]?.mine, false);
});

test('a room is iterated until its signal aborts, and packets before that are not lost', async () => {
  await using bob = await loopbackPeer();
  await using alice = await loopbackPeer({ introducers: [whereIs(bob)] });
  const stop = new AbortController();
  const room = alice.join('books');
  const messages = room.messages({ signal: stop.signal });
  const written = bob.join('books');
  for (const text of ['one', 'two', 'three']) await written.publish(text);
  await until('all three are here', () => room.history().length === 3);
  stop.abort();
  const texts: (string | null)[] = [];
  for await (const message of messages) texts.push(message.text);
  equal(texts.sort(), ['one', 'three', 'two']);
  equal(room.history().map((packet) => packet.text), ['one', 'two', 'three']);
});

test('a message may be empty or fill 60 KiB, and one byte more is refused with the number', async () => {
  await using bob = await loopbackPeer();
  await using alice = await loopbackPeer({ introducers: [whereIs(bob)] });
  const heard: string[] = [];
  const progress: MessageProgress[] = [];
  const statuses: string[] = [];
  const listening = alice.join('sizes');
  listening.onPacket = ({ text }) => heard.push(String(text?.length));
  listening.onProgress = (one) => progress.push(one);
  listening.onStatus = ({ state }) => statuses.push(state);
  const room = bob.join('sizes');
  for (const length of [0, 1023, 1024, 61_440]) await room.publish('x'.repeat(length));
  await until('all are here', () => heard.length === 4);
  equal(heard.sort((a, b) => Number(a) - Number(b)), ['0', '1023', '1024', '61440']);
  equal(room.history().map(({ text }) => text?.length), [0, 1023, 1024, 61_440]);
  ok(progress.length > 0 && progress.every(({ author }) => author === bob.author));
  is(listening.status().state, 'synced');
  const error = await room.publish(new Uint8Array(61_441)).then(() => null, (reason: unknown) => reason);
  ok(error instanceof PeerError);
  match(error.message, /at most 61440 bytes, got 61441; share what is larger as a file/);
});

test('a room says what came before a packet and what after', async () => {
  await using bob = await loopbackPeer();
  await using alice = await loopbackPeer({ introducers: [whereIs(bob)] });
  const [asking, answering] = [bob.join('answers'), alice.join('answers')];
  const question = await asking.publish('Where?');
  await until('she has read it', () => answering.history().length === 1);
  const answer = await answering.publish('x'.repeat(2_000));
  await until('he has read it', () => asking.history().length === 2);
  const thanks = await asking.publish('Thanks.');
  equal(asking.before(thanks).map(({ id }) => id), [question.id, answer.id]);
  equal(asking.before(question), []);
  equal(asking.after(question).map(({ id }) => id), [answer.id, thanks.id]);
  equal(asking.after(answer).map(({ id }) => id), [thanks.id]);
  equal(answer.parents, [question.id]);
});

test('peers who know one introducer find each other and are then connected directly', async () => {
  await using introducer = await loopbackPeer();
  const where = whereIs(introducer);
  await using alice = await loopbackPeer({ introducers: [where], clusterId: 'meet' });
  await using bob = await loopbackPeer({ introducers: [where], clusterId: 'meet' });
  await until('they have met', () => alice.neighbours().some(({ peer }) => peer === bob.id) && bob.neighbours().some(({ peer }) => peer === alice.id));
});

test('a private room is closed to who has not its key', async () => {
  const { privateRoom, parseInvite } = await import('@srp/peer');
  await using bob = await loopbackPeer();
  await using eve = await loopbackPeer({ introducers: [whereIs(bob)] });
  const room = bob.join(privateRoom('letters'));
  const heard: Packet[] = [];
  eve.join('letters').onPacket = (packet) => heard.push(packet);
  await until('they are connected', () => eve.neighbours().length === 1);
  await using alice = await loopbackPeer();
  const invite = parseInvite(room.invite());
  is(invite.room.isPrivate, true);
  alice.connect(invite);
  const letters = alice.join(invite.room);
  await room.publish('for you alone');
  await until('alice has read it', () => letters.history().length === 1);
  is(letters.history()[0]?.text, 'for you alone');
  equal(heard, []);
});

test.run();
