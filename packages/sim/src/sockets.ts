/**
 * Where a host is plugged in, and the sockets of its program there: the first, which everything goes by, and those that it opens
 * besides, at ports that the host draws, as systems do.
 */
import { type Address, hostOf, makeAddress, portOf } from '@srp/machine';
import { ephemeralPortMax, ephemeralPortMin } from './constants.js';
import type { Site } from './site.js';

/** Where a host is plugged in, and the address that its program listens at, as the host sees it itself. Both change when it moves. */
export interface Place<Datagram> {
  readonly site: Site<Datagram>;
  readonly address: Address;
}

/** The host of a program, which counts what comes to it. */
export interface HostListener<Datagram> {
  readonly isListening: boolean;
  arrived(from: Address, datagram: Datagram, socket: number): void;
}

export class Sockets<Datagram> {
  readonly #listener: HostListener<Datagram>;
  #place: Place<Datagram>;
  /** Those besides the first, and where they listen. */
  readonly #opened = new Map<number, Address>();

  constructor(place: Place<Datagram>, listener: HostListener<Datagram>) {
    this.#place = place;
    this.#listener = listener;
  }

  /** Where the first one listens. */
  get address(): Address {
    return this.#place.address;
  }

  /** Where a datagram by a socket leaves; `null` if there is no such socket. */
  placeOf(socket: number): Place<Datagram> | null {
    const address = socket === 0 ? this.#place.address : this.#opened.get(socket);
    return address === undefined ? null : { site: this.#place.site, address };
  }

  /** Opens those of `first` and up whose ports are free. */
  open(first: number, count: number): void {
    const { site, address } = this.#place;
    const ports = ephemeralPortMax - ephemeralPortMin + 1;
    for (let socket = first; socket < first + count; socket += 1) {
      const drawn = makeAddress(hostOf(address), ephemeralPortMin + ((portOf(address) - ephemeralPortMin + 7 * socket) % ports));
      if (drawn === null || site.listeners.has(drawn)) continue;
      this.#opened.set(socket, drawn);
      const listener = this.#listener;
      site.listeners.set(drawn, { get isListening() { return listener.isListening; }, arrived: (from, datagram) => listener.arrived(from, datagram, socket) });
    }
  }

  close(sockets: Iterable<number>): void {
    for (const socket of sockets) {
      const address = this.#opened.get(socket);
      if (address !== undefined) this.#place.site.listeners.delete(address);
      this.#opened.delete(socket);
    }
  }

  /** Closes all but the first, whose host sees to it. */
  closeAll(): void {
    this.close([...this.#opened.keys()]);
  }

  /** The host is plugged in elsewhere. */
  moveTo(place: Place<Datagram>): void {
    this.closeAll();
    this.#place = place;
  }
}
