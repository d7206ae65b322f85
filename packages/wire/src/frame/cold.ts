/**
 * Cold frames: the type byte, then one CBOR map with integer keys, read field by field behind the gate.
 * Keys that are not listed here are skipped: a later version may add some. SPEC, Frames.
 *
 * | frame | key 1         | key 2                        | key 3        | key 4          | key 5     | key 6 |
 * | ----- | ------------- | ---------------------------- | ------------ | -------------- | --------- | ----- |
 * | HELLO | version 1..255 | tags, <= 64 x 8 bytes       | addresses, <= 4 x 19 bytes | mapping 0..2 | filtering 0..2 | keeps nothing: true, or absent |
 * | FIND  | tag 8 bytes, or absent | keepers too: true, or absent |     |                |           | |
 * | PEERS | tag 8 bytes, or absent | <= 8 x [peer 32 bytes, address 19 bytes] | closer: 1..8 x the same, or absent | keepers: as closer | | |
 * | INTRO | peer 32 bytes |                              |              |                |           | |
 * | CALL  | peer 32 bytes | address 19 bytes             | token 8 bytes | initiator bool |          | |
 * | PORTS | token 8 bytes | low 1..65535                 | high low..65535 |            |           |
 * | KNOCK | token 8 bytes | address 19 bytes, or absent  |              |                |           | |
 * | BYE   | reason 0..255 |                              |              |                |           |
 * | OPEN  | stream u32    | label text 1..64             |              |                |           |
 * | RESET | stream u32    | reason 0..255                |              |                |           | |
 *
 * mapping and filtering: 0 unknown, 1 independent of the remote, 2 dependent on it.
 */
import { type Address, addressBytes, concat, type Decoded, decoded, type PeerId, refused, type TopicTag } from '@srp/machine';
import { type CborMap, type CborValue, decodeCbor, encodeCbor } from '../cbor/codec.js';
import { byeReasonMax, labelBytesMax, helloAddressesMax, helloTagsMax, helloVersionMax, namesMax, peersMax } from '../constants.js';
import { readHex } from '../hex.js';
import { addressOf, checkInteger, checkList, hasRepeats, hexBytes, invalid, readAddress } from './fields.js';
import { type Bye, type Call, type Find, type Frame, frameType, type Hello, type Introduce, type Knock, type NatBehaviour, type Open, type PeerAddress, type Peers, type Ports, type Reset } from './frame.js';
import type { FrameRefusal } from './refusal.js';

/** Frames whose body is CBOR. */
export type ColdFrame = Hello | Find | Peers | Introduce | Call | Ports | Knock | Bye | Open | Reset;
type Read<Value> = Decoded<Value, FrameRefusal>;

const behaviours = ['unknown', 'independent', 'dependent'] as const satisfies readonly NatBehaviour[];
/** The lists of names in a PEERS. */
type PairsField = 'peers' | 'closer' | 'keepers';
const u32Max = 0xffff_ffff;
const tagBytes = 8;
const peerBytes = 32;
const tokenBytes = 8;
const portMax = 0xffff;

/** The bytes of a cold frame. */
export const encodeCold = (frame: ColdFrame): Uint8Array =>
  concat(Uint8Array.of(frameType[frame.kind]), encodeCbor(new Map(fieldsOf(frame).map((value, i) => [i + 1, value] as const).filter(isPresent))));

/** The CBOR map behind the type byte. */
export const decodeColdMap = (bytes: Uint8Array): Read<CborMap> => {
  const value = decodeCbor(bytes.subarray(1));
  if (!value.ok) return value;
  return value.value instanceof Map ? decoded(value.value as CborMap) : refused('not-a-map');
};

/** The values of keys 1, 2, ...; `undefined` is left out. */
const fieldsOf = (frame: ColdFrame): readonly (CborValue | undefined)[] => {
  switch (frame.kind) {
    case 'hello':
      checkInteger(frame.version, 1, helloVersionMax, 'hello', 'version');
      checkList(frame.tags, 0, helloTagsMax, 'hello', 'tags');
      checkList(frame.addresses, 0, helloAddressesMax, 'hello', 'addresses');
      return [
        frame.version,
        frame.tags.map((tag) => hexBytes(tag, tagBytes, 'hello', 'every tag')),
        frame.addresses.map((address) => addressOf(address, 'hello', 'every address')),
        behaviourNumber(frame.mapping, 'mapping'),
        behaviourNumber(frame.filtering, 'filtering'),
        frame.keepsNothing === true ? true : undefined,
      ];
    case 'find':
      return [optionalTag(frame.tag, 'find'), frame.keepers === true ? true : undefined];
    case 'peers':
      return [optionalTag(frame.tag, 'peers'), pairsOf(frame.peers, 'peers'), frame.closer.length === 0 ? undefined : pairsOf(frame.closer, 'closer'), keepersOf(frame)];
    case 'introduce':
      return [hexBytes(frame.peer, peerBytes, 'introduce', 'peer')];
    case 'call':
      return [
        hexBytes(frame.peer, peerBytes, 'call', 'peer'),
        addressOf(frame.address, 'call', 'address'),
        hexBytes(frame.token, tokenBytes, 'call', 'token'),
        frame.initiator,
      ];
    case 'ports':
      checkInteger(frame.low, 1, portMax, 'ports', 'low');
      checkInteger(frame.high, frame.low, portMax, 'ports', 'high');
      return [hexBytes(frame.token, tokenBytes, 'ports', 'token'), frame.low, frame.high];
    case 'knock':
      return [hexBytes(frame.token, tokenBytes, 'knock', 'token'), frame.address === null ? undefined : addressOf(frame.address, 'knock', 'address')];
    case 'bye':
      checkInteger(frame.reason, 0, byeReasonMax, 'bye', 'reason');
      return [frame.reason];
    case 'open':
      checkInteger(frame.stream, 0, u32Max, 'open', 'stream');
      if (!isLabel(frame.label)) throw invalid('open', `label must be 1..${labelBytesMax} characters U+0020..U+007E, got ${JSON.stringify(frame.label)}`);
      return [frame.stream, frame.label];
    case 'reset':
      checkInteger(frame.stream, 0, u32Max, 'reset', 'stream');
      checkInteger(frame.reason, 0, byeReasonMax, 'reset', 'reason');
      return [frame.stream, frame.reason];
  }
};

export const readHello = (map: CborMap): Read<Hello> => {
  const version = map.get(1);
  if (!isWithin(version, 1, helloVersionMax)) return refused('version-invalid');
  const tags = readTags(map.get(2));
  if (!tags.ok) return tags;
  const addresses = readAddresses(map.get(3));
  if (!addresses.ok) return addresses;
  const mapping = behaviourOf(map.get(4));
  const filtering = behaviourOf(map.get(5));
  if (mapping === undefined || filtering === undefined) return refused('behaviour-invalid');
  const keepsNothing = map.get(6);
  // One encoding of each frame: that it may keep something is said by saying nothing.
  if (map.has(6) && keepsNothing !== true) return refused('keeping-invalid');
  return decoded({ kind: 'hello', version, tags: tags.value, addresses: addresses.value, mapping, filtering, ...(keepsNothing === true ? { keepsNothing } : {}) });
};

export const readFind = (map: CborMap): Read<Find> => {
  const tag = readOptionalTag(map.get(1));
  if (!tag.ok) return tag;
  const keepers = map.get(2);
  if (map.has(2) && keepers !== true) return refused('keeping-invalid');
  return decoded({ kind: 'find', tag: tag.value, ...(keepers === true ? { keepers } : {}) });
};

export const readPeers = (map: CborMap): Read<Peers> => {
  const tag = readOptionalTag(map.get(1));
  if (!tag.ok) return tag;
  const peers = readPairs(map.get(2), 'peers');
  if (!peers.ok) return peers;
  const closer = map.has(3) ? readPairs(map.get(3), 'closer') : decoded([]);
  if (!closer.ok) return closer;
  // One encoding of each frame: nobody closer is said by saying nothing.
  if (map.has(3) && closer.value.length === 0) return refused('closer-invalid');
  if (!map.has(4)) return decoded({ kind: 'peers', tag: tag.value, peers: peers.value, closer: closer.value });
  const keepers = readPairs(map.get(4), 'keepers');
  if (!keepers.ok) return keepers;
  if (keepers.value.length === 0) return refused('keepers-invalid');
  if (peers.value.length + closer.value.length + keepers.value.length > namesMax) return refused('keepers-too-many');
  return decoded({ kind: 'peers', tag: tag.value, peers: peers.value, closer: closer.value, keepers: keepers.value });
};

export const readIntroduce = (map: CborMap): Read<Introduce> => {
  const peer = readPeer(map.get(1));
  return peer.ok ? decoded({ kind: 'introduce', peer: peer.value }) : peer;
};

export const readCall = (map: CborMap): Read<Call> => {
  const peer = readPeer(map.get(1));
  if (!peer.ok) return peer;
  const address = readCborAddress(map.get(2));
  if (!address.ok) return address;
  const token = map.get(3);
  if (!isBytes(token, tokenBytes)) return refused('token-invalid');
  const initiator = map.get(4);
  if (typeof initiator !== 'boolean') return refused('role-invalid');
  return decoded({ kind: 'call', peer: peer.value, address: address.value, token: readHex(token, 0, tokenBytes), initiator });
};

export const readPorts = (map: CborMap): Read<Ports> => {
  const token = map.get(1);
  if (!isBytes(token, tokenBytes)) return refused('token-invalid');
  const [low, high] = [map.get(2), map.get(3)];
  if (!isWithin(low, 1, portMax) || !isWithin(high, low, portMax)) return refused('ports-invalid');
  return decoded({ kind: 'ports', token: readHex(token, 0, tokenBytes), low, high });
};

export const readKnock = (map: CborMap): Read<Knock> => {
  const token = map.get(1);
  if (!isBytes(token, tokenBytes)) return refused('token-invalid');
  const address = map.has(2) ? readCborAddress(map.get(2)) : decoded(null);
  return address.ok ? decoded({ kind: 'knock', token: readHex(token, 0, tokenBytes), address: address.value }) : address;
};

export const readBye = (map: CborMap): Read<Bye> => {
  const reason = map.get(1);
  return isWithin(reason, 0, byeReasonMax) ? decoded({ kind: 'bye', reason }) : refused('reason-invalid');
};

export const readOpen = (map: CborMap): Read<Open> => {
  const stream = map.get(1);
  const label = map.get(2);
  if (!isWithin(stream, 0, u32Max)) return refused('stream-invalid');
  return isLabel(label) ? decoded({ kind: 'open', stream, label }) : refused('label-invalid');
};

export const readReset = (map: CborMap): Read<Reset> => {
  const stream = map.get(1);
  const reason = map.get(2);
  if (!isWithin(stream, 0, u32Max)) return refused('stream-invalid');
  return isWithin(reason, 0, byeReasonMax) ? decoded({ kind: 'reset', stream, reason }) : refused('reason-invalid');
};

const isLabel = (label: unknown): label is string => typeof label === 'string' && label.length <= labelBytesMax && /^[ -~]+$/.test(label);

const readTags = (list: CborValue | undefined): Read<readonly TopicTag[]> => {
  if (!isList(list)) return refused('tags-invalid');
  if (list.length > helloTagsMax) return refused('tags-too-many');
  const tags: TopicTag[] = [];
  for (const item of list) {
    if (!isBytes(item, tagBytes)) return refused('tag-invalid');
    tags.push(readHex(item, 0, tagBytes) as TopicTag);
  }
  return hasRepeats(tags) ? refused('tags-repeated') : decoded(tags);
};

const readAddresses = (list: CborValue | undefined): Read<readonly Address[]> => {
  if (!isList(list)) return refused('addresses-invalid');
  if (list.length > helloAddressesMax) return refused('addresses-too-many');
  const addresses: Address[] = [];
  for (const item of list) {
    const address = readCborAddress(item);
    if (!address.ok) return address;
    addresses.push(address.value);
  }
  return hasRepeats(addresses) ? refused('addresses-repeated') : decoded(addresses);
};

const readPairs = (list: CborValue | undefined, field: PairsField): Read<readonly PeerAddress[]> => {
  if (!isList(list)) return refused(`${field}-invalid`);
  if (list.length > peersMax) return refused(`${field}-too-many`);
  const pairs: PeerAddress[] = [];
  for (const pair of list) {
    if (!isList(pair) || pair.length !== 2) return refused(`${field}-invalid`);
    const peer = readPeer(pair[0]);
    if (!peer.ok) return peer;
    const address = readCborAddress(pair[1]);
    if (!address.ok) return address;
    pairs.push({ peer: peer.value, address: address.value });
  }
  return hasRepeats(pairs.map(({ peer }) => peer)) ? refused(`${field}-repeated`) : decoded(pairs);
};

const readOptionalTag = (value: CborValue | undefined): Read<TopicTag | null> => {
  if (value === undefined) return decoded(null);
  return isBytes(value, tagBytes) ? decoded(readHex(value, 0, tagBytes) as TopicTag) : refused('tag-invalid');
};

const readPeer = (value: CborValue | undefined): Read<PeerId> =>
  isBytes(value, peerBytes) ? decoded(readHex(value, 0, peerBytes) as PeerId) : refused('peer-invalid');

const readCborAddress = (value: CborValue | undefined): Read<Address> =>
  isBytes(value, addressBytes) ? readAddress(value, 0) : refused('address-invalid');

const behaviourOf = (value: CborValue | undefined): NatBehaviour | undefined => (typeof value === 'number' ? behaviours[value] : undefined);

const behaviourNumber = (behaviour: NatBehaviour, field: string): number => {
  const number = behaviours.indexOf(behaviour);
  if (number < 0) throw invalid('hello', `${field} must be one of ${behaviours.join(', ')}, got ${JSON.stringify(behaviour)}`);
  return number;
};

const optionalTag = (tag: TopicTag | null, kind: Frame['kind']): Uint8Array | undefined =>
  tag === null ? undefined : hexBytes(tag, tagBytes, kind, 'tag');

const keepersOf = ({ peers, closer, keepers }: Peers): CborValue | undefined => {
  if (keepers === undefined) return undefined;
  if (keepers.length === 0 || peers.length + closer.length + keepers.length > namesMax) throw invalid('peers', `keepers must be 1..${peersMax}, and all names 1..${namesMax}, got ${keepers.length}`);
  return pairsOf(keepers, 'keepers');
};

const pairsOf = (pairs: readonly PeerAddress[], field: PairsField): CborValue => {
  checkList(pairs.map(({ peer }) => peer), 0, peersMax, 'peers', field);
  return pairs.map(({ peer, address }) => [hexBytes(peer, peerBytes, 'peers', 'every peer'), addressOf(address, 'peers', 'every address')]);
};

const isPresent = (field: readonly [number, CborValue | undefined]): field is readonly [number, CborValue] => field[1] !== undefined;
const isList = (value: CborValue | undefined): value is readonly CborValue[] => Array.isArray(value);
const isBytes = (value: CborValue | undefined, length: number): value is Uint8Array => value instanceof Uint8Array && value.length === length;
const isWithin = (value: CborValue | undefined, min: number, max: number): value is number =>
  typeof value === 'number' && value >= min && value <= max;
