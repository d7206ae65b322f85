/** The part of udx-native that the benchmark uses; the package brings no types. */
declare module 'udx-native' {
  import type { Duplex } from 'node:stream';

  interface Socket {
    bind(port: number, host: string): void;
    address(): { readonly port: number };
    close(): Promise<void>;
  }
  interface Stream extends Duplex {
    connect(socket: Socket, id: number, port: number, host: string): void;
  }
  export default class UDX {
    createSocket(): Socket;
    createStream(id: number): Stream;
  }
}
