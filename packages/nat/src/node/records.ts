/**
 * The DNS-SD records of a peer, and reading those of others. SPEC, Local network, RFC 6763.
 *
 * | name                             | type | data                                      |
 * | -------------------------------- | ---- | ----------------------------------------- |
 * | `_srp._udp.local`                | PTR  | the instance                              |
 * | `<k32>._srp._udp.local`          | SRV  | port, `<k32>.local`                       |
 * | `<k32>._srp._udp.local`          | TXT  | `v=1`, `key=<peer key, 64 hex digits>`    |
 * | `<k32>.local`                    | A    | the address of the interface it leaves by |
 *
 * `<k32>` is the first half of the key in hex, because a label holds 63 bytes. The A record is there for other
 * DNS-SD tools and is never read: anybody on the link can write any address into it, while the source address of
 * the packet is where somebody really sends from, or at least an address of this link.
 */
import { type PeerId } from '@srp/machine';
import type multicastDns from 'multicast-dns';
import { recordLifeSeconds } from '../constants.js';

/** The service of SRP peers. */
export const serviceName = '_srp._udp.local';
const recordsVersion = 'v=1';

/** A packet as the library decoded it: of the right shape, with hostile contents. */
export type DecodedPacket = multicastDns.QueryPacket | multicastDns.ResponsePacket;

/** What one packet announces. */
export interface Announcement {
  readonly peer: PeerId;
  /** 1..65535. */
  readonly port: number;
}

/** The records of a peer on an interface; with `isGoodbye`, those that take them back. */
export const recordsOf = (peer: PeerId, port: number, host: string, isGoodbye = false): multicastDns.ResponseOutgoingPacket => {
  const label = peer.slice(0, 32);
  const instance = `${label}.${serviceName}`;
  const target = `${label}.local`;
  const ttl = isGoodbye ? 0 : recordLifeSeconds;
  return {
    answers: [
      { type: 'PTR', name: serviceName, ttl, data: instance },
      { type: 'SRV', name: instance, ttl, flush: true, data: { port, target, priority: 0, weight: 0 } },
      { type: 'TXT', name: instance, ttl, flush: true, data: [recordsVersion, `key=${peer}`] },
      { type: 'A', name: target, ttl, flush: true, data: host },
    ],
  };
};

/** Whether a packet asks for SRP peers. */
export const asksForPeers = (packet: DecodedPacket): boolean =>
  (packet.questions ?? []).some(({ name, type }) => isName(name, serviceName) && ['PTR', 'ANY'].includes(type));

/**
 * The peer that a packet announces, or `null`. One packet announces one peer: all records must be there, agree,
 * and not say goodbye. Never throws, whatever was decoded.
 */
export const readAnnouncement = (packet: DecodedPacket): Announcement | null => {
  const records = [...(packet.answers ?? []), ...(packet.additionals ?? [])];
  const instance = records.find((record) => record.type === 'PTR' && isName(record.name, serviceName) && isAlive(record));
  if (instance?.type !== 'PTR') return null;
  const service = records.find((record) => record.type === 'SRV' && isName(record.name, instance.data) && isAlive(record));
  const text = records.find((record) => record.type === 'TXT' && isName(record.name, instance.data) && isAlive(record));
  if (service?.type !== 'SRV' || text?.type !== 'TXT') return null;
  const peer = keyOf(text.data);
  if (peer === null || !isName(instance.data, `${peer.slice(0, 32)}.${serviceName}`)) return null;
  const { port } = service.data;
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? { peer, port } : null;
};

/** The peer key among the strings of a TXT record of this version. */
const keyOf = (data: unknown): PeerId | null => {
  if (!Array.isArray(data)) return null;
  const strings = data.map((part: unknown) => (part instanceof Uint8Array ? Buffer.from(part).toString('latin1') : ''));
  if (!strings.includes(recordsVersion)) return null;
  const key = strings.map((string) => /^key=([0-9a-f]{64})$/.exec(string)?.[1]).find((found) => found !== undefined);
  return (key ?? null) as PeerId | null;
};

/** A record with TTL 0 takes itself back. RFC 6762 section 10.1. */
const isAlive = (record: object): boolean => !('ttl' in record) || record.ttl !== 0;

/** DNS names compare without case. RFC 1035 section 2.3.3. */
const isName = (name: unknown, expected: unknown): boolean =>
  typeof name === 'string' && typeof expected === 'string' && name.toLowerCase() === expected.toLowerCase();
