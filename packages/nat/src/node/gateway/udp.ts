/** Asking a gateway over UDP: PCP, and NAT-PMP if it does not speak that. */
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { makeAddress } from '@srp/machine';
import { gatewayAskMs, gatewayPort } from '../../constants.js';
import { encodePcpMap, encodePmpAddress, encodePmpMap, type GatewayAnswer, pcpNonceBytes, readPcpMap, readPmpAddress, readPmpMap, type Wish } from '../../gateway/codec.js';
import type { PortMapping } from '../../gateway/lease.js';
import type { Gateway } from './routes.js';

/** A mapping, or why there is none. */
export type Asked = PortMapping | { readonly why: string };

/** How long anything is waited for: until the signal, and by the numbers, which a test makes smaller. */
export interface Asking {
  readonly signal: AbortSignal;
  readonly pace: number;
}

/** A gateway names a mapping by this: who asks again for it says it again. RFC 6887 section 11.2. */
export const newNonce = (): Uint8Array => new Uint8Array(randomBytes(pcpNonceBytes));

/** Asks `gateway` by PCP. `null` if it does not speak it. */
export const askPcp = async (gateway: Gateway, wish: Wish, nonce: Uint8Array, asking: Asking, port = gatewayPort): Promise<Asked | null> => {
  const answer = await ask(gateway, port, encodePcpMap(gateway.own.address, nonce, wish), (bytes) => readPcpMap(bytes, nonce, wish.internalPort), asking);
  if (answer === null || answer.kind === 'other-version') return null;
  return answer.kind === 'refused' ? answer : { by: 'pcp', gateway: gateway.host, ...answer.given };
};

/** Asks `gateway` by NAT-PMP. `null` if it does not speak it. */
export const askPmp = async (gateway: Gateway, wish: Wish, asking: Asking, port = gatewayPort): Promise<Asked | null> => {
  const mapped = await ask(gateway, port, encodePmpMap(wish), (bytes) => readPmpMap(bytes, wish.internalPort), asking);
  if (mapped?.kind !== 'given') return mapped?.kind === 'refused' ? mapped : null;
  if (wish.lifetimeS === 0) return { why: 'it was given back' };
  const host = await ask(gateway, port, encodePmpAddress(), readPmpAddress, asking);
  const external = host?.kind === 'given' ? makeAddress(host.given, mapped.given.externalPort) : null;
  return external === null ? { why: 'it does not tell its own address' } : { by: 'nat-pmp', gateway: gateway.host, external, lifetimeS: mapped.given.lifetimeS };
};

/** Sends a question until an answer to it comes, or time is over. The socket takes nothing that is not from the gateway. */
const ask = async <Given>(
  { host, own }: Gateway,
  port: number,
  question: Uint8Array,
  read: (bytes: Uint8Array) => GatewayAnswer<Given>,
  { signal, pace }: Asking,
): Promise<GatewayAnswer<Given>> =>
  await new Promise((resolve) => {
    const socket = createSocket('udp4');
    const timers: NodeJS.Timeout[] = [];
    let isDone = false;
    const finish = (answer: GatewayAnswer<Given>): void => {
      if (isDone) return;
      isDone = true;
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.close();
      resolve(answer);
    };
    const abort = (): void => finish(null);
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', abort);
    socket.on('message', (bytes) => {
      const answer = read(bytes);
      if (answer !== null) finish(answer);
    });
    socket.bind({ address: own.address, port: 0, exclusive: true }, () => {
      if (isDone) return;
      socket.connect(port, host, () => {
        if (isDone) return;
        for (const [k, ms] of gatewayAskMs.entries()) {
          // A gateway that has nothing there says so by ICMP, which is an error of the socket.
          timers.push(setTimeout(() => (k === gatewayAskMs.length - 1 ? finish(null) : socket.send(question, (error) => (error === null ? undefined : finish(null)))), ms * pace));
        }
      });
    });
    if (signal.aborted) abort();
  });
