// What the doctor says of a network must be what the network is. It is run as a command on a host of the lab.
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matrixKinds as kinds } from '../dist/lab/kinds.js';
import { hasGateway, inKernel, lab } from './tools/lab.js';

interface Report {
  readonly ok: boolean;
  readonly kind: string;
  readonly network: { readonly listening: readonly string[]; readonly observed: readonly string[]; readonly openAt: string | null; readonly filtering: string; readonly portMapping: { readonly state: string; readonly by: string | null; readonly address: string | null } };
}

const test = suite('the doctor in the lab');
const doctor = fileURLToPath(new URL('../../doctor/dist/main.js', import.meta.url));
const examine = async (kind: string, options: string, before = ''): Promise<Report & { status: number | null }> => {
  const command = `${before} '${process.execPath}' '${doctor}' --json ${options} $(for one in $SRP_INTRODUCERS; do echo --introducer $one; done)`;
  const { status, stdout, stderr } = await lab(['--unproved', '--pairs', `${kind}:open`, '--inside', command]);
  assert.ok(stdout.startsWith('{'), stderr);
  return { ...(JSON.parse(stdout) as Report), status };
};
const hostsOf = (addresses: readonly string[]): readonly string[] => addresses.map((address) => address.slice(0, address.lastIndexOf(':')));

inKernel(test, 'the doctor', () => {
  test('names each kind of NAT, whom it lets in, and the address that others see', async () => {
    const expected = [
      ['open', 'open', '45.1.1.2'],
      ['full-cone', 'cone', '45.1.0.2'],
      ['address-restricted', 'cone', '45.1.0.2'],
      ['port-restricted', 'cone', '45.1.0.2'],
      ['carrier-grade', 'cone', '45.1.0.2'],
    ] as const;
    const reports = await Promise.all(expected.map(async ([name]) => await examine(name, '--lan off --no-port-mapping')));
    for (const [k, [name, kind, host]] of expected.entries()) {
      const report = reports[k]!;
      assert.equal({ kind: report.kind, ok: report.ok, status: report.status, observed: hostsOf(report.network.observed) }, { kind, ok: true, status: 0, observed: [host] }, name);
      assert.is(report.network.openAt !== null, name === 'open', name);
      assert.is(report.network.filtering, kinds[name].natures[4].filtering, name);
    }
    const { kind, network } = await examine('symmetric', '--lan off --no-port-mapping');
    assert.equal({ kind, observed: network.observed, filtering: network.filtering }, { kind: 'symmetric', observed: [], filtering: 'address-and-port' });
  });

  test('an IPv6 firewall is told from an open network', async () => {
    const { kind, network } = await examine('ipv6-only', '--lan off --no-port-mapping');
    assert.equal({ kind, filtering: network.filtering, isSeenAtHome: network.openAt !== null }, { kind: 'cone', filtering: 'address-and-port', isSeenAtHome: true });
  });

  test('a gateway that gives ports, and lets in who comes to them, is asked and believed', async () => {
    if (!hasGateway) {
      console.log('\n\n  SKIPPED the gateway: miniupnpd is not installed (Debian: miniupnpd-nftables)\n');
      assert.is.not(process.env['SRP_NATLAB'], 'required');
      return;
    }
    const { kind, network } = await examine('mapped', '--lan off');
    const { state, by, address } = network.portMapping;
    assert.equal({ kind, state, by, isOpenThere: network.openAt === address }, { kind: 'open', state: 'confirmed', by: 'pcp', isOpenThere: true });
    assert.is(network.filtering, 'address-and-port', 'other ports stay as they were');
  });

  test('a network that drops UDP, and none at all, are told as such, in time and with exit code 1', async () => {
    const [dropped, cut] = await Promise.all([examine('open', '--lan off', 'iptables -A OUTPUT -o eth0 -p udp -j DROP;'), examine('open', '', 'ip link set eth0 down;')]);
    assert.equal([dropped.kind, dropped.status], ['none', 1]);
    assert.equal([cut.kind, cut.status, hostsOf(cut.network.listening).filter((host) => host.startsWith('45'))], ['none', 1, []]);
  });
});

test.run();
