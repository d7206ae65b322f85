/**
 * Where the datagrams of a session go and come from: an address, a channel of a relay, or an address by another socket. SPEC, Paths, Relays.
 *
 * ```
 *   direct    A ══════════════════════════ B          `192.0.2.7:4711`
 *   relayed   A ══ R ══ B                             `relay CHANNEL of PEER at ADDRESS`
 *   probed    A ══════════════════════════ B          `socket NUMBER to ADDRESS`, at the side that has other sockets than its own
 * ```
 *
 * A path is one string, as an address is, and sessions, handshakes and probes compare and keep it without looking into it. What
 * has to look is here, and in `relays.ts`, which alone knows where the relay of a channel is.
 */
import { type Address, hostOf, networkOf, type PeerId, scopeOf } from '@srp/machine';

/** A channel of a relay, and where that was when it offered it. */
export type RelayedPath = `relay ${number} of ${PeerId} at ${Address}`;
/** An address by another socket than the one that everything goes by. */
export type SocketPath = `socket ${number} to ${Address}`;
/** Where datagrams of a session go. */
export type Path = Address | RelayedPath | SocketPath;

/** The path to an address by a socket; 0 is the one that everything goes by. */
export const pathBy = (socket: number, address: Address): Address | SocketPath => (socket === 0 ? address : `socket ${socket} to ${address}`);

/** By which socket a path goes. */
export const socketOf = (path: Path): number => (path.startsWith('socket ') ? Number(path.split(' ')[1]) : 0);

/** The address of a path that nobody relays. */
export const remoteOf = (path: Exclude<Path, RelayedPath>): Address => (path.startsWith('socket ') ? path.split(' ')[3] : path) as Address;

/** The path through `relay` by its channel. */
export const relayedPath = (relay: PeerId, channel: number, address: Address): RelayedPath => `relay ${channel} of ${relay} at ${address}`;

/** Whether somebody passes on what goes this way. */
export const isRelayed = (path: Path): path is RelayedPath => path.startsWith('relay ');

/** Who passes on what goes this way; `null` if nobody does. */
export const relayOf = (path: Path): PeerId | null => (isRelayed(path) ? (path.split(' ')[3] as PeerId) : null);

/** Where a relay was when it offered the channel. */
export const offeredAt = (path: RelayedPath): Address => path.split(' ')[5] as Address;

/** Whether it does not leave this host. */
export const isLoopback = (path: Path): boolean => !isRelayed(path) && scopeOf(remoteOf(path)) === 'loopback';

/** Whether no peer can be at the other end, whatever comes from there. */
export const isForbidden = (path: Path): boolean => !isRelayed(path) && scopeOf(remoteOf(path)) === 'forbidden';

/**
 * Who is charged for a session there: an IPv4 /24 or IPv6 /48; on the own LAN each host, because all of them share one /24; on
 * loopback each port, because all of them share one host; the relay, apart from its own network.
 */
export const chargedTo = (path: Path): string => {
  if (isRelayed(path)) return `relay ${relayOf(path)}`;
  const address = remoteOf(path);
  const scope = scopeOf(address);
  return scope === 'private' || scope === 'link-local' ? hostOf(address) : networkOf(address);
};
