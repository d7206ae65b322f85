/**
 * Asking a gateway by UPnP IGD, versions 1 and 2: a search by multicast, a description and three actions over HTTP.
 *
 * Whoever is on the link can answer the search, and what they answer names an address that this peer is to send requests to. So
 * an answer counts only from the gateway itself, and all requests go to that host: no name, no other host, no redirect, nothing but HTTP, and
 * of what comes back no more than 64 KiB is read, by looking for tags, and no parser.
 */
import { createSocket } from 'node:dgram';
import { request } from 'node:http';
import { makeAddress } from '@srp/machine';
import { gatewayHttpBytesMax, gatewayHttpMs, servicesMax, ssdpAskMs, ssdpGroup, ssdpPort, upnpPortsTried } from '../../constants.js';
import type { Wish } from '../../gateway/codec.js';
import type { Gateway } from './routes.js';
import type { Asked, Asking } from './udp.js';

/** Where an action is asked for, and of which service. */
interface Control {
  readonly url: URL;
  readonly service: string;
}

/** Where the search goes; another place in a test. */
export interface SearchedAt {
  readonly host: string;
  readonly port: number;
}

/** Services that map ports, all with the same three actions. */
const services = ['urn:schemas-upnp-org:service:WANIPConnection:2', 'urn:schemas-upnp-org:service:WANIPConnection:1', 'urn:schemas-upnp-org:service:WANPPPConnection:1'];

/** Asks `gateway` for a port by UPnP. `null` if it does not speak it. */
export const askUpnp = async (gateway: Gateway, wish: Wish, asking: Asking, at: SearchedAt = { host: ssdpGroup, port: ssdpPort }): Promise<Asked | null> => {
  const control = await findControl(gateway, asking, at);
  if (control === null) return null;
  const ip = textOf((await act(control, 'GetExternalIPAddress', [], asking)).body, 'NewExternalIPAddress');
  let why = 'it does not tell its own address';
  for (let tried = 0; tried < upnpPortsTried; tried += 1) {
    const externalPort = tried === 0 ? wish.externalPort : 49_152 + Math.floor(Math.random() * 16_384);
    const external = ip === null ? null : makeAddress(ip, externalPort);
    if (external === null) break;
    const { status, body } = await act(control, 'AddPortMapping', [
      ['NewRemoteHost', ''], ['NewExternalPort', externalPort], ['NewProtocol', 'UDP'], ['NewInternalPort', wish.internalPort],
      ['NewInternalClient', gateway.own.address], ['NewEnabled', 1], ['NewPortMappingDescription', 'SRP'], ['NewLeaseDuration', wish.lifetimeS],
    ], asking);
    if (status === 200) return { by: 'upnp', gateway: gateway.host, external, lifetimeS: wish.lifetimeS };
    const code = textOf(body, 'errorCode');
    why = refusals[code ?? ''] ?? `UPnP error ${code ?? status}`;
    if (code !== conflict) break;
  }
  return { why };
};

/** Gives a port back. */
export const releaseUpnp = async (gateway: Gateway, externalPort: number, asking: Asking, at?: SearchedAt): Promise<void> => {
  const control = await findControl(gateway, asking, at ?? { host: ssdpGroup, port: ssdpPort });
  if (control !== null) await act(control, 'DeletePortMapping', [['NewRemoteHost', ''], ['NewExternalPort', externalPort], ['NewProtocol', 'UDP']], asking);
};

const findControl = async (gateway: Gateway, asking: Asking, at: SearchedAt): Promise<Control | null> => {
  const location = await search(gateway, asking, at);
  if (location === null) return null;
  const { status, body } = await fetchFrom(location, asking);
  return status === 200 ? readDescription(body, location) : null;
};

/** Where the description of the gateway is: on that gateway, or `null`. */
const search = async ({ host, own }: Gateway, { signal, pace }: Asking, at: SearchedAt): Promise<URL | null> =>
  await new Promise((resolve) => {
    const socket = createSocket('udp4');
    const timers: NodeJS.Timeout[] = [];
    let isDone = false;
    const finish = (url: URL | null): void => {
      if (isDone) return;
      isDone = true;
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.close();
      resolve(url);
    };
    const abort = (): void => finish(null);
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', abort);
    socket.on('message', (bytes, from) => {
      const url = from.address === host && bytes.length <= 1_500 ? readLocation(bytes.toString('latin1'), host) : null;
      if (url !== null) finish(url);
    });
    socket.bind({ address: own.address, port: 0, exclusive: true }, () => {
      if (isDone) return;
      try {
        socket.setMulticastTTL(2); // UPnP Device Architecture 1.1, section 1.3.2
        socket.setMulticastInterface(own.address);
      } catch {
        finish(null); // the interface is gone, or has no multicast; it would leave by the default route
        return;
      }
      for (const [k, ms] of ssdpAskMs.entries()) {
        timers.push(setTimeout(() => (k === ssdpAskMs.length - 1 ? finish(null) : socket.send(searchFor, at.port, at.host, (error) => (error === null ? undefined : finish(null)))), ms * pace));
      }
    });
    if (signal.aborted) abort();
  });

const searchFor = ['M-SEARCH * HTTP/1.1', `HOST: ${ssdpGroup}:${ssdpPort}`, 'MAN: "ssdp:discover"', 'MX: 1', 'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1', '', ''].join('\r\n');

/** The location in an answer to a search, if it is plain HTTP on `host`. */
export const readLocation = (text: string, host: string): URL | null => {
  if (!text.startsWith('HTTP/1.1 200')) return null;
  const location = /^location:[ \t]*(\S{1,500})[ \t]*$/im.exec(text)?.[1];
  return location === undefined ? null : urlOn(host, location);
};

/** A URL of plain HTTP on the host, without user or password, or `null`. */
const urlOn = (host: string, text: string, base?: URL): URL | null => {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : null;
  return url?.protocol === 'http:' && url.hostname === host && url.username === '' && url.password === '' ? url : null;
};

/** The first service that maps ports, if it is asked on the same host. */
export const readDescription = (xml: string, location: URL): Control | null => {
  const parts = xml.split(/<service>/i).slice(1, servicesMax + 1);
  for (const service of services) {
    const part = parts.find((one) => textOf(one, 'serviceType') === service);
    const path = part === undefined ? null : textOf(part, 'controlURL');
    const url = path === null ? null : urlOn(location.hostname, path, location);
    if (url !== null) return { url, service };
  }
  return null;
};

/** What stands in the first element of this name, without markup and at most 500 characters; `null` if there is none. */
export const textOf = (xml: string, name: string): string | null => new RegExp(`<(?:[\\w.-]{1,40}:)?${name}(?:\\s[^<>]{0,200})?>\\s{0,100}([^<>&]{1,500})<`).exec(xml)?.[1]?.trim() ?? null;

const act = async ({ url, service }: Control, action: string, parts: readonly (readonly [name: string, value: string | number])[], asking: Asking): Promise<Response> => {
  const body = `<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${service}">${parts
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</u:${action}></s:Body></s:Envelope>`;
  return await fetchFrom(url, asking, { action: `"${service}#${action}"`, body });
};

interface Response {
  /** 0: none came, or one that is not to be read. */
  readonly status: number;
  readonly body: string;
}
const nothing: Response = { status: 0, body: '' };

/** One request, one answer of at most 64 KiB, within 2 s, whatever the gateway does. Follows nothing. */
const fetchFrom = async (url: URL, { signal, pace }: Asking, soap?: { readonly action: string; readonly body: string }): Promise<Response> =>
  await new Promise((resolve) => {
    const headers = soap === undefined ? {} : { 'Content-Type': 'text/xml; charset="utf-8"', 'Content-Length': Buffer.byteLength(soap.body), SOAPAction: soap.action };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(gatewayHttpMs * pace)]);
    const chunks: Buffer[] = [];
    let bytes = 0;
    const sent = request(url, { method: soap === undefined ? 'GET' : 'POST', headers, agent: false, signal: limit, maxHeaderSize: 8_192 }, (response) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > gatewayHttpBytesMax) sent.destroy();
        else chunks.push(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', () => resolve(nothing));
      response.on('close', () => resolve(nothing)); // after `end` it changes nothing
    });
    sent.on('error', () => resolve(nothing));
    sent.end(soap?.body);
  });

/** Another host holds the external port. */
const conflict = '718';
/** UPnP IGD, WANIPConnection:1, section 2.4.16. */
const refusals: Readonly<Record<string, string>> = {
  [conflict]: 'the port is not to be had',
  '606': 'not authorized',
  // A mapping that never ends would outlive a peer that is killed.
  '725': 'it gives ports for ever only',
};
