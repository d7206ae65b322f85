/**
 * PCP (RFC 6887) and NAT-PMP (RFC 6886), as far as a UDP port is asked for. One port of the gateway, 5351, speaks both.
 *
 * | PCP off | size | field                              | NAT-PMP off | size | field                                |
 * | ------- | ---- | ---------------------------------- | ----------- | ---- | ------------------------------------ |
 * | 0       | 1    | version 2                          | 0           | 1    | version 0                            |
 * | 1       | 1    | opcode 1 MAP; answer + 128         | 1           | 1    | 0 address, 1 map UDP; answer + 128   |
 * | 3       | 1    | answer: result                     | 2           | 2    | answer: result                       |
 * | 4       | 4    | lifetime, s                        | 4           | 2    | asked: internal port                 |
 * | 8       | 16   | asked: own address                 | 6           | 2    | asked: external port                 |
 * | 24      | 12   | nonce                              | 8           | 4    | asked: lifetime, s                   |
 * | 36      | 1    | protocol, 17 UDP                   | 8           | 4    | answer 0: external address           |
 * | 40      | 2    | internal port                      | 8           | 2    | answer 1: internal port              |
 * | 42      | 2    | external port, wished or given     | 10          | 2    | answer 1: external port              |
 * | 44      | 16   | external address, wished or given  | 12          | 4    | answer 1: lifetime, s                |
 */
import { type Address, encodeAddress, equalBytes, makeAddress, readU16, readU32, writeU16, writeU32 } from '@srp/machine';

const pcp = { version: 2, map: 1, udp: 17, bytes: 60, nonceBytes: 12 } as const;
const pmp = { version: 0, address: 0, mapUdp: 1, addressBytes: 12, mapBytes: 16 } as const;
const answered = 128;

/** Bytes of a PCP nonce. */
export const pcpNonceBytes = pcp.nonceBytes;

/** A port that is wished for. A lifetime of 0 gives it back. */
export interface Wish {
  readonly internalPort: number;
  readonly externalPort: number;
  readonly lifetimeS: number;
}

/** What a gateway answers; `null` for what is no answer to the question. */
export type GatewayAnswer<Given> = { readonly kind: 'given'; readonly given: Given } | { readonly kind: 'refused'; readonly why: string } | { readonly kind: 'other-version' } | null;

/** `ownIp` is an IPv4 address of this host. */
export const encodePcpMap = (ownIp: string, nonce: Uint8Array, { internalPort, externalPort, lifetimeS }: Wish): Uint8Array => {
  const bytes = new Uint8Array(pcp.bytes);
  bytes[0] = pcp.version;
  bytes[1] = pcp.map;
  writeU32(bytes, 4, lifetimeS);
  bytes.set(mappedPrefix, 8);
  const own = makeAddress(ownIp, 1);
  if (own !== null) bytes.set(encodeAddress(own).subarray(1, 5), 20);
  bytes.set(nonce, 24);
  bytes[36] = pcp.udp;
  writeU16(bytes, 40, internalPort);
  writeU16(bytes, 42, externalPort);
  bytes.set(mappedPrefix, 44);
  return bytes;
};

/** Reads what came from the gateway after {@link encodePcpMap}. */
export const readPcpMap = (bytes: Uint8Array, nonce: Uint8Array, internalPort: number): GatewayAnswer<{ readonly external: Address; readonly lifetimeS: number }> => {
  // A gateway that speaks NAT-PMP alone says so in its own way. RFC 6886 section 3.5.
  if (bytes.length >= 4 && bytes[0] === pmp.version) return { kind: 'other-version' };
  if (bytes.length < 24 || bytes[0] !== pcp.version || bytes[1] !== pcp.map + answered) return null;
  const result = bytes[3] ?? 0;
  if (result === 1) return { kind: 'other-version' };
  const isOurs = bytes.length >= pcp.bytes && equalBytes(bytes.subarray(24, 36), nonce) && bytes[36] === pcp.udp && readU16(bytes, 40) === internalPort;
  if (isOurs && result === 0 && readU32(bytes, 4) === 0) return { kind: 'refused', why: 'it was given back' };
  if (result !== 0) return { kind: 'refused', why: pcpResults[result] ?? `PCP result ${result}` };
  const external = isOurs && equalBytes(bytes.subarray(44, 56), mappedPrefix) ? makeAddress(ipv4Of(bytes, 56), readU16(bytes, 42)) : null;
  return external === null ? null : { kind: 'given', given: { external, lifetimeS: readU32(bytes, 4) } };
};

/** Asks a NAT-PMP gateway for its external address. */
export const encodePmpAddress = (): Uint8Array => Uint8Array.of(pmp.version, pmp.address);

export const readPmpAddress = (bytes: Uint8Array): GatewayAnswer<string> => readPmp(bytes, pmp.address, pmp.addressBytes, () => ipv4Of(bytes, 8));

export const encodePmpMap = ({ internalPort, externalPort, lifetimeS }: Wish): Uint8Array => {
  const bytes = new Uint8Array(12);
  bytes[1] = pmp.mapUdp;
  writeU16(bytes, 4, internalPort);
  writeU16(bytes, 6, externalPort);
  writeU32(bytes, 8, lifetimeS);
  return bytes;
};

export const readPmpMap = (bytes: Uint8Array, internalPort: number): GatewayAnswer<{ readonly externalPort: number; readonly lifetimeS: number }> =>
  readPmp(bytes, pmp.mapUdp, pmp.mapBytes, () => (readU16(bytes, 8) === internalPort ? { externalPort: readU16(bytes, 10), lifetimeS: readU32(bytes, 12) } : null));

const readPmp = <Given>(bytes: Uint8Array, opcode: number, length: number, read: () => Given | null): GatewayAnswer<Given> => {
  if (bytes.length < 8 || bytes[0] !== pmp.version || bytes[1] !== opcode + answered) return null;
  const result = readU16(bytes, 2);
  if (result !== 0) return { kind: 'refused', why: pmpResults[result] ?? `NAT-PMP result ${result}` };
  const given = bytes.length >= length ? read() : null;
  return given === null ? null : { kind: 'given', given };
};

/** How PCP begins an IPv4 address. RFC 6887 section 5. */
const mappedPrefix = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

const ipv4Of = (bytes: Uint8Array, at: number): string => bytes.subarray(at, at + 4).join('.');

/** RFC 6887 section 7.4. */
const pcpResults: Readonly<Record<number, string>> = { 2: 'not authorized', 4: 'it cannot read the request', 7: 'it has no internet connection', 8: 'no ports are left', 9: 'it does not do that', 11: 'the port is not to be had' };
/** RFC 6886 section 3.5. */
const pmpResults: Readonly<Record<number, string>> = { 1: 'it speaks another version', 2: 'not authorized', 3: 'it has no internet connection', 4: 'no ports are left', 5: 'it does not do that' };
