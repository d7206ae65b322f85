// Asking a gateway for a port, over real sockets on loopback: honest gateways, silent ones, and hostile ones.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { PortMapping } from '@srp/nat';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as limits from '../dist/constants.js';
import { readPcpMap, readPmpAddress, readPmpMap } from '../dist/gateway/codec.js';
import { mapPortAt, type PortMapper } from '../dist/node/gateway/port-mapping.js';
import { localGateways, readRoutes } from '../dist/node/gateway/routes.js';
import { readDescription, readLocation, textOf } from '../dist/node/gateway/upnp.js';
import { description, fakeGateway, type FakeGateway, type FakeOptions, fault, honestUpnp, located, pcpAnswer, soap, speaksPcp, speaksPmp } from './gateway.js';

const test = suite('gateway');

interface Told {
  readonly mapping: PortMapping | null;
  readonly why: string | null;
}

/** Asks a gateway until it has answered or is given up. */
const withGateway = async (options: FakeOptions, use: (gateway: FakeGateway, told: Told, mapper: PortMapper) => Promise<void> | void): Promise<void> => {
  await using gateway = await fakeGateway(options);
  const { promise, resolve } = deferred<Told>();
  const mapper = mapPortAt({ port: 4000, onMapped: (mapping, why) => resolve({ mapping, why }) }, gateway.surroundings);
  try {
    await use(gateway, await promise, mapper);
  } finally {
    await mapper.close();
  }
};

const deferred = <Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } => {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
};

const onOwnPort = (port: number): string => located(`http://127.0.0.1:${port}/description.xml`);

test('a gateway that speaks PCP gives a port, and gets it back at the end under the same name', async () => {
  await withGateway({ udp: speaksPcp }, async ({ asked, searched }, { mapping }, mapper) => {
    assert.equal(mapping, { by: 'pcp', gateway: '127.0.0.1', external: '60.1.2.3:4000', lifetimeS: limits.leaseS });
    await mapper.close();
    const [first, last] = [asked[0]!, asked.at(-1)!];
    assert.equal([first.readUInt32BE(4), last.readUInt32BE(4)], [limits.leaseS, 0]);
    assert.equal(first.subarray(24, 36), last.subarray(24, 36), 'the nonce');
    assert.equal([asked.length, searched.length], [2, 0], 'nothing else was asked');
  });
});

test('a gateway that speaks NAT-PMP alone gives a port, and gets it back at the end', async () => {
  await withGateway({ udp: speaksPmp }, async ({ asked }, { mapping }, mapper) => {
    assert.equal(mapping, { by: 'nat-pmp', gateway: '127.0.0.1', external: '60.1.2.3:4000', lifetimeS: limits.leaseS });
    await mapper.close();
    assert.equal([...asked.at(-1)!], [0, 1, 0, 0, 0x0f, 0xa0, 0, 0, 0, 0, 0, 0]);
  });
});

test('a gateway that speaks UPnP alone gives a port, another if the first is not to be had, and gets it back', async () => {
  const requests: string[] = [];
  await withGateway({ ssdp: onOwnPort, http: honestUpnp(requests, [4000]) }, async (_gateway, { mapping }, mapper) => {
    assert.is(mapping?.by, 'upnp');
    const port = mapping?.external.split(':')[1] ?? '';
    assert.equal(requests, ['description', 'GetExternalIPAddress', 'AddPortMapping 4000', `AddPortMapping ${port}`]);
    await mapper.close();
    assert.equal(requests.slice(4), ['description', `DeletePortMapping ${port}`]);
  });
});

test('a gateway that is silent gets so many datagrams and no more, and the user is told', async () => {
  await withGateway({ udp: () => [], pace: 0.1 }, ({ asked, searched }, { mapping, why }) => {
    assert.equal([mapping, why], [null, 'the gateway gives no ports, or it is turned off there']);
    assert.equal([asked.length, searched.length], [2 * (limits.gatewayAskMs.length - 1), limits.ssdpAskMs.length - 1]);
  });
});

test('what a gateway refuses is told', async () => {
  await withGateway({ udp: (question) => [pcpAnswer(question, [0, 0, 0, 0], 2)] }, (_gateway, told) => assert.equal(told, { mapping: null, why: 'not authorized' }));
  const forEver = honestUpnp([]);
  await withGateway(
    { ssdp: onOwnPort, http: (request, response) => (String(request.headers['soapaction']).includes('AddPort') ? response.writeHead(500).end(fault(725)) : forEver(request, response)) },
    (_gateway, { why }) => assert.is(why, 'it gives ports for ever only'),
  );
});

test('without a gateway nothing is sent, and a peer that closes while one is silent closes at once', async () => {
  await using gateway = await fakeGateway({ udp: () => [] });
  const { promise, resolve } = deferred<Told>();
  const alone = mapPortAt({ port: 4000, onMapped: (mapping, why) => resolve({ mapping, why }) }, { ...gateway.surroundings, gateways: () => [] });
  assert.equal(await promise, { mapping: null, why: 'there is no gateway to ask' });
  await alone.close();
  assert.is(gateway.asked.length + gateway.searched.length, 0);
  const closing = mapPortAt({ port: 4000, onMapped: () => assert.unreachable('it was closed') }, gateway.surroundings);
  await closing.close();
  await closing.close();
  assert.ok(gateway.asked.length <= 1);
});

test('answers that are no answers change nothing: empty, cut off, of another question, of another port', async () => {
  const wrong = (question: Buffer): readonly Uint8Array[] => {
    const answer = pcpAnswer(question);
    const [otherNonce, otherPort, cut] = [Buffer.from(answer), Buffer.from(answer), answer.subarray(0, 40)];
    otherNonce[24]! ^= 1;
    otherPort[41]! ^= 1;
    return [Buffer.alloc(0), Buffer.from([2]), cut, otherNonce, otherPort, Buffer.alloc(1_500, 0xff)];
  };
  await withGateway({ pace: 0.2, udp: (question) => (question[0] === 2 ? wrong(question) : [Buffer.from([0]), Buffer.from([0, 129])]) }, (_gateway, { mapping }) => assert.is(mapping, null));
});

test('a gateway sends no request to another host: by its location, its description, a redirect, or a name', async () => {
  let victimRequests = 0;
  const victim = createServer((_request, response) => {
    victimRequests += 1;
    response.end(description('/control'));
  });
  victim.listen(0, '127.0.0.1'); // the same host: a test has no other; it is named otherwise
  await once(victim, 'listening');
  const at = `localhost:${(victim.address() as AddressInfo).port}`;
  const hostile: readonly FakeOptions[] = [
    { ssdp: () => located(`http://${at}/description.xml`) },
    { ssdp: () => located(`https://127.0.0.1:${at.split(':')[1]}/`) },
    { ssdp: () => located(`http://user:password@127.0.0.1:${at.split(':')[1]}/`) },
    { ssdp: () => located('file:///etc/passwd') },
    { ssdp: onOwnPort, http: (_request, response) => response.end(description(`http://${at}/control`)) },
    { ssdp: onOwnPort, http: (_request, response) => response.writeHead(301, { location: `http://${at}/` }).end() },
  ];
  try {
    await Promise.all(hostile.map(async (options) => await withGateway({ ...options, pace: 0.2 }, (_gateway, { mapping }) => assert.is(mapping, null))));
    assert.is(victimRequests, 0);
  } finally {
    victim.close();
  }
});

test('a gateway that never ends is left: a body without end, or one that trickles', async () => {
  let sentBytes = 0;
  const endless: FakeOptions['http'] = (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && sentBytes < 50_000_000) {
        sentBytes += 16_384;
        if (!response.write('<service>'.repeat(1_820))) break;
      }
    };
    response.on('drain', more);
    more();
  };
  const trickle: FakeOptions['http'] = (_request, response) => {
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(timer));
  };
  await Promise.all([endless, trickle].map(async (http) => await withGateway({ ssdp: onOwnPort, http, pace: 0.3 }, (_gateway, { mapping }) => assert.is(mapping, null))));
  assert.ok(sentBytes < 50_000_000, `${sentBytes} bytes were taken`);
});

test('reading never throws and takes no time, whatever a gateway sends', () => {
  const nonce = new Uint8Array(12);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      for (const answer of [readPcpMap(bytes, nonce, 4000), readPmpMap(bytes, 4000), readPmpAddress(bytes)]) assert.ok(answer === null || typeof answer.kind === 'string');
    }),
  );
  const base = new URL('http://192.168.1.1/');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      readLocation(`HTTP/1.1 200 OK\r\nLocation: ${text}\r\n\r\n`, '192.168.1.1');
      readDescription(description(text), base);
      textOf(text, 'controlURL');
    }),
  );
  const began = process.cpuUsage();
  for (const part of ['<service>', '<', '<a:', '<service><serviceType', '<controlURL ', '<controlURL>   ']) readDescription(part.repeat(65_536 / part.length), base);
  const { user } = process.cpuUsage(began);
  assert.ok(user < 2_000_000, `${user} us`);
});

test('an answer is read as UPnP writes it, whatever its prefixes', () => {
  assert.is(textOf(soap('<u:X><ns0:NewExternalIPAddress xmlns:dt="urn" dt:dt="string"> 60.1.2.3 </ns0:NewExternalIPAddress></u:X>'), 'NewExternalIPAddress'), '60.1.2.3');
  const control = readDescription(description('ctl?a=1'), new URL('http://192.168.1.1:5000/igd/root.xml'));
  assert.is(control?.url.href, 'http://192.168.1.1:5000/igd/ctl?a=1');
});

test('gateways are those of default routes on the link of a private address', () => {
  const table = 'Iface\tDestination\tGateway \tFlags\neth0\t00000000\t0101A8C0\t0003\neth0\t0001A8C0\t00000000\t0001\nwg0\t00000000\t00000000\t0001\n';
  assert.equal(readRoutes(table), ['192.168.1.1']);
  const own = { address: '192.168.1.7', netmask: '255.255.255.0' };
  assert.equal(localGateways([own], ['192.168.1.1']), [{ host: '192.168.1.1', own }]);
  assert.equal(localGateways([own], null), [{ host: '192.168.1.1', own }], 'where no routes can be read');
  assert.equal(localGateways([own], ['10.0.0.1']), [], 'on no link of this host');
  assert.equal(localGateways([{ address: '60.1.2.3', netmask: '255.255.255.0' }], ['60.1.2.1']), [], 'nothing is translated');
  assert.equal(localGateways([{ address: '127.0.0.1', netmask: '255.0.0.0' }], null), []);
  for (const damaged of ['', 'x', '\t\t\t', 'eth0\t00000000\tZZZZZZZZ\t0003']) assert.equal(readRoutes(damaged), []);
});

test.run();
