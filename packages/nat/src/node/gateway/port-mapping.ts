/**
 * A port of the gateway for this peer's UDP port: the driver of {@link PortLease}. SPEC, Port mapping.
 *
 * It asks by PCP, then NAT-PMP, then UPnP, in turn and each for a few seconds at most, and gives the port back when it closes.
 * Everything is sent to the gateway of this host alone, but for the search of UPnP, which is multicast on that link.
 */
import { after, instant, type Instant, portOf, wakeup } from '@srp/machine';
import { leaseS, releaseMs } from '../../constants.js';
import { type LeaseInput, type LeaseOutput, PortLease, type PortMapping } from '../../gateway/lease.js';
import { type Gateway, localGateways } from './routes.js';
import { type Asked, type Asking, askPcp, askPmp, newNonce } from './udp.js';
import { askUpnp, releaseUpnp, type SearchedAt } from './upnp.js';

export interface MappingOptions {
  /** The UDP port of this peer. */
  readonly port: number;
  /** There is a mapping, or none (any more), and why. */
  readonly onMapped: (mapping: PortMapping | null, why: string | null) => void;
}

/** Port mapping at work. */
export interface PortMapper {
  /** The network may be another: asks anew. */
  changed(): void;
  /** Gives the port back, for a second at most, and stops. */
  close(): Promise<void>;
}

/** What is different in a test: who the gateways are, and where they listen. */
export interface GatewaySurroundings {
  readonly gateways: () => readonly Gateway[];
  readonly udpPort?: number;
  readonly ssdp?: SearchedAt;
  /** By what all waiting for a gateway is multiplied. */
  readonly pace?: number;
}

/** Asks the gateway of this host for a port, and keeps it until it is closed. Nothing is thrown: what cannot be had is told. */
export const mapPort = (options: MappingOptions): PortMapper => mapPortAt(options, { gateways: localGateways });

/** {@link mapPort} with given surroundings. */
export const mapPortAt = ({ port, onMapped }: MappingOptions, { gateways, udpPort, ssdp, pace = 1 }: GatewaySurroundings): PortMapper => {
  const nonce = newNonce();
  const lease = new PortLease(now());
  let running = new AbortController();
  let held: { readonly mapping: PortMapping; readonly gateway: Gateway } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;
  let asking: Promise<unknown> = Promise.resolve();
  let releasing: Promise<unknown> = Promise.resolve();

  const ask = async (gateway: Gateway, wanted: PortMapping | null, how: Asking): Promise<Asked | null> => {
    const wish = { internalPort: port, externalPort: wanted === null ? port : portOf(wanted.external), lifetimeS: leaseS };
    return (await askPcp(gateway, wish, nonce, how, udpPort)) ?? (await askPmp(gateway, wish, how, udpPort)) ?? (await askUpnp(gateway, wish, how, ssdp));
  };

  const askAll = async (wanted: PortMapping | null, how: Asking): Promise<LeaseInput> => {
    const all = gateways();
    let why = all.length === 0 ? 'there is no gateway to ask' : 'the gateway gives no ports, or it is turned off there';
    for (const gateway of all) {
      const asked = await ask(gateway, wanted, how);
      if (asked !== null && 'external' in asked) {
        held = { mapping: asked, gateway };
        return { kind: 'granted', mapping: asked };
      }
      if (asked !== null) why = asked.why;
    }
    return { kind: 'refused', why };
  };

  const release = async (mapping: PortMapping): Promise<void> => {
    const gateway = held?.gateway;
    if (gateway === undefined) return;
    const how = { signal: AbortSignal.timeout(releaseMs), pace };
    const wish = { internalPort: port, externalPort: mapping.by === 'pcp' ? portOf(mapping.external) : 0, lifetimeS: 0 };
    if (mapping.by === 'pcp') await askPcp(gateway, wish, nonce, how, udpPort);
    else if (mapping.by === 'nat-pmp') await askPmp(gateway, wish, how, udpPort);
    else await releaseUpnp(gateway, portOf(mapping.external), how, ssdp);
  };

  const carryOut = (output: LeaseOutput): void => {
    switch (output.kind) {
      case 'ask': {
        const { signal } = (running = new AbortController());
        asking = askAll(output.held, { signal, pace })
          .catch((error: unknown): LeaseInput => ({ kind: 'refused', why: String(error) }))
          .then((answer) => {
            if (!isClosed) tell(answer);
            else if (answer.kind === 'granted') releasing = release(answer.mapping);
          });
        break;
      }
      case 'release':
        releasing = release(output.mapping);
        break;
      case 'mapped':
        onMapped(output.mapping, output.why);
    }
  };

  const tell = (input: LeaseInput): void => {
    for (const output of lease.handle(now(), input)) carryOut(output);
    clearTimeout(timer ?? undefined);
    const deadline = lease.deadline();
    timer = deadline === null ? null : setTimeout(() => tell(wakeup), Math.min(Math.max(0, Math.ceil(deadline - now())), timerMaxMs));
    timer?.unref();
  };
  tell(wakeup);

  return {
    changed() {
      if (!isClosed) tell({ kind: 'network-changed' });
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      tell({ kind: 'stop' });
      running.abort();
      await asking;
      await releasing.catch(() => undefined);
    },
  };
};

/** Timers hold 32 bits; a wakeup that comes early changes nothing. */
const timerMaxMs = 3_600_000;

/** The monotonic clock; only differences count. */
const now = (): Instant => after(instant(0), performance.now());
