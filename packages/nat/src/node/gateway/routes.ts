/** The gateways of this host: whom to ask for a port. Node does not tell them; Linux lists its routes in a file. */
import { readFileSync } from 'node:fs';
import { scopeOf, makeAddress } from '@srp/machine';
import { gatewaysMax } from '../../constants.js';
import { isOnLink, localInterfaces, type LocalInterface } from '../interfaces.js';

/** A gateway and the own address towards it. */
export interface Gateway {
  readonly host: string;
  readonly own: LocalInterface;
}

/** Gateways on the link of an IPv4 address that the world cannot reach: behind another nothing is translated. At most 2. */
export const localGateways = (interfaces = localInterfaces(), routes = linuxRoutes()): readonly Gateway[] => {
  const translated = interfaces.filter(({ address }) => scopeOfIp(address) === 'private');
  const known = routes ?? translated.flatMap((own) => firstOf(own));
  const gateways = known.flatMap((host) => translated.filter((own) => own.address !== host && isOnLink(own, host)).map((own) => ({ host, own })));
  return gateways.slice(0, gatewaysMax);
};

const scopeOfIp = (ip: string): string | null => {
  const address = makeAddress(ip, 1);
  return address === null ? null : scopeOf(address);
};

/** Where the routes are not to be read: most home networks give the gateway the first address. */
const firstOf = ({ address, netmask }: LocalInterface): readonly string[] => {
  const mask = netmask.split('.').map(Number);
  const first = address.split('.').map((part, k) => (Number(part) & (mask[k] ?? 0)) | (k === 3 ? 1 : 0));
  return mask[3] === 255 ? [] : [first.join('.')];
};

/** The gateways of default routes, or `null` where there is no such file. */
const linuxRoutes = (): readonly string[] | null => {
  try {
    return readRoutes(readFileSync('/proc/net/route', 'latin1'));
  } catch {
    return null;
  }
};

/** `Iface Destination Gateway ...`: addresses are 32 bits in hex, on the machines that Node runs on the last byte first. */
export const readRoutes = (table: string): readonly string[] => {
  const hosts = table.split('\n').flatMap((line) => {
    const [, destination, gateway = ''] = line.trim().split(/\s+/);
    if (destination !== '00000000' || !/^[0-9A-F]{8}$/i.test(gateway) || gateway === '00000000') return [];
    return [[3, 2, 1, 0].map((byte) => Number.parseInt(gateway.slice(2 * byte, 2 * byte + 2), 16)).join('.')];
  });
  return [...new Set(hosts)];
};
