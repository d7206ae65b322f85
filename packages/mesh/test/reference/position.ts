/** Positions and distances written down once more, slowly, with other means: Node's hash, and big integers. */
import { createHash } from 'node:crypto';

const hash = (parts: readonly (string | Buffer)[]): string => {
  const sha256 = createHash('sha256');
  for (const part of parts) sha256.update(part);
  return sha256.digest('hex');
};

/** `network`: the first 3 numbers of an IPv4 address, the first 4 bytes of an IPv6 address, or `null` where the key counts alone. */
export const peerPosition = (key: string, network: readonly number[] | null): string => {
  const bytes = Buffer.from(key, 'hex');
  if (network === null) return hash(['srp1 pos', bytes]);
  const first = bytes.readUInt8(0);
  return hash(['srp1 pos', Buffer.from([...network, network.length === 3 ? first % 8 : first])]);
};

export const topicPosition = (tag: string, day: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(day);
  return hash(['srp1 keep', Buffer.from(tag, 'hex'), bytes]);
};

export const distance = (a: string, b: string): bigint => BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
