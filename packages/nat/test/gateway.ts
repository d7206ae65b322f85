/** A gateway on loopback: real sockets that speak PCP, NAT-PMP and UPnP, as honestly as they are told to. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loopbackInterface } from '../dist/node/interfaces.js';
import type { GatewaySurroundings } from '../dist/node/gateway/port-mapping.js';

const loopback = '127.0.0.1';

/** What it answers to one datagram: nothing, or these. */
export type Answers = (question: Buffer) => readonly Uint8Array[];

export const pcpAnswer = (question: Buffer, external: readonly number[] = [60, 1, 2, 3], result = 0): Buffer => {
  const answer = Buffer.alloc(60);
  question.copy(answer, 24, 24, 44);
  answer.set([2, 129, 0, result], 0);
  question.copy(answer, 4, 4, 8);
  answer.set([0xff, 0xff, ...external], 54);
  return answer;
};

/** Speaks PCP. */
export const speaksPcp: Answers = (question) => (question[0] === 2 ? [pcpAnswer(question)] : []);

/** Speaks NAT-PMP alone, and says so. */
export const speaksPmp: Answers = (question) => {
  if (question[0] !== 0) return [Buffer.from([0, 128 + question[1]!, 0, 1, 0, 0, 0, 9])];
  if (question[1] === 0) return [Buffer.from([0, 128, 0, 0, 0, 0, 0, 9, 60, 1, 2, 3])];
  const answer = Buffer.alloc(16);
  answer[1] = 129;
  question.copy(answer, 8, 4, 8);
  question.copy(answer, 12, 8, 12);
  return [answer];
};

/** UPnP over HTTP: the description, and what each action answers. */
export const description = (controlURL: string): string =>
  `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><serviceList>
  <service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/l3</controlURL></service>
  <service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><SCPDURL>/scpd</SCPDURL><controlURL>${controlURL}</controlURL></service></serviceList></device></root>`;
export const soap = (inner: string): string => `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inner}</s:Body></s:Envelope>`;
export const fault = (code: number): string => soap(`<s:Fault><detail><UPnPError><errorCode>${code}</errorCode></UPnPError></detail></s:Fault>`);

export const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
};

/** A UPnP gateway that does what it should; `busyPorts` belong to others. */
export const honestUpnp = (requests: string[], busyPorts: readonly number[] = []): RequestListener => (request, response) => {
  void bodyOf(request).then((body) => {
    const action = /#(\w+)/.exec(String(request.headers['soapaction']))?.[1] ?? 'description';
    const port = /<NewExternalPort>(\d+)</.exec(body)?.[1] ?? '';
    requests.push(`${action} ${port}`.trim());
    if (request.method === 'GET') response.end(description('/control'));
    else if (action === 'GetExternalIPAddress') response.end(soap('<u:GetExternalIPAddressResponse xmlns:u="x"><NewExternalIPAddress>60.1.2.3</NewExternalIPAddress></u:GetExternalIPAddressResponse>'));
    else if (busyPorts.includes(Number(port))) response.writeHead(500).end(fault(718));
    else response.end(soap(`<u:${action}Response xmlns:u="x"></u:${action}Response>`));
  });
};

export interface FakeGateway extends AsyncDisposable {
  readonly surroundings: GatewaySurroundings;
  /** Datagrams it was sent. */
  readonly asked: Buffer[];
  readonly searched: Buffer[];
  readonly httpPort: number;
}

export interface FakeOptions {
  /** Without it nothing listens there, and the system says so at once. */
  readonly udp?: Answers;
  readonly http?: RequestListener;
  /** What it answers to a search, of its own HTTP port. */
  readonly ssdp?: (httpPort: number) => string;
  /** By what it is waited for less long than elsewhere. */
  readonly pace?: number;
}

export const located = (location: string): string => `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: upnp:rootdevice\r\nLOCATION: ${location}\r\n\r\n`;

export const fakeGateway = async ({ udp, http = (_, response) => response.end(), ssdp, pace = 1 }: FakeOptions): Promise<FakeGateway> => {
  const asked: Buffer[] = [];
  const searched: Buffer[] = [];
  const server = createServer(http);
  server.listen(0, loopback);
  await once(server, 'listening');
  const { port: httpPort } = server.address() as AddressInfo;
  const [mapping, search] = [await bound(), await bound()];
  mapping.on('message', (question, from) => {
    asked.push(question);
    for (const answer of udp?.(question) ?? []) mapping.send(answer, from.port, from.address);
  });
  search.on('message', (question, from) => {
    searched.push(question);
    if (ssdp !== undefined) search.send(ssdp(httpPort), from.port, from.address);
  });
  const udpPort = mapping.address().port;
  if (udp === undefined) mapping.close();
  return {
    surroundings: { gateways: () => [{ host: loopback, own: loopbackInterface }], udpPort, ssdp: { host: loopback, port: search.address().port }, pace },
    asked,
    searched,
    httpPort,
    [Symbol.asyncDispose]: async () => {
      if (udp !== undefined) mapping.close();
      search.close();
      await closed(server);
    },
  };
};

const bound = async (): Promise<Socket> => {
  const socket = createSocket('udp4');
  socket.bind(0, loopback);
  await once(socket, 'listening');
  return socket;
};

const closed = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};
