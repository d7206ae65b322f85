/**
 * The network of one pair. A namespace for each line that has a name:
 *
 * ```
 *   hub    45.101.0.1  45.102.0.1  45.103.0.1  45.104.0.1      helpers, each in a /16 (IPv6: a /32) of its own
 *    │
 *   world  counts what goes from site to site, loses datagrams by `statistic`, and routes
 *    ├─────────────────────────────┐
 *   box1    wan 45.1.0.2          box2    wan 45.2.0.2         a NAT, or a plain router; behind a carrier's box a second one,
 *    │      lan 192.168.1.1        │      lan 192.168.2.1      box1-1, whose wan is 100.64.0.2
 *   host1   192.168.1.2           host2   192.168.2.2          behind a plain router 45.1.1.2 and 45.2.1.2
 * ```
 *
 * Two peers behind one box are host1 and host2 of site 1. `lan` is a bridge, so that a box is the same whatever hangs on it.
 * The addresses look public to a peer; nothing here is connected to anything outside.
 */
import { helperCount } from '../constants.js';
import { askedConf, askedNft, type Box, forgetting, ip6tablesOf, iptablesOf, nftOf } from './box.js';
import { addressed, Draft, fed, kernel, kernelIfAny, routed, spaced } from './draft.js';
import type { Kind } from './kinds.js';

export interface Plan {
  /** Tells apart the labs that run side by side. */
  readonly lab: string;
  /** One kind where both peers share a site. */
  readonly sites: readonly Kind[];
  /** Share of the UDP datagrams that the world loses, 0..1. */
  readonly loss: number;
  /** How long a mapping lives, seconds. `null`: as long as the kernel's do. */
  readonly lifetimeS: number | null;
}

/** What the kernel gives to a UDP connection that was answered. Source: nf_conntrack_udp_timeout_stream. */
const kernelLifetimeS = 120;

/** The last part of a host's address after it moved. */
const movedTo = 77;

/** Where the helpers listen, by family. */
export const helperHosts = Array.from({ length: helperCount }, (_, k) => ({ 4: `45.${101 + k}.0.1`, 6: `2a0e:${101 + k}::1` }) as const);

/**
 * `move`: its host has another address, and the NAT before it, which forgets its mappings, as if the host came into another network. `renumber`: its
 * NAT has another public address, and the host knows nothing of it. `reboot`: its NAT forgets all mappings, and gives other ports.
 */
export const eventNames = ['move', 'renumber', 'reboot'] as const;
export type EventName = (typeof eventNames)[number];

export interface Network {
  readonly draft: Draft;
  readonly world: string;
  readonly hub: string;
  /** Of the two peers. */
  readonly hosts: readonly [string, string];
  /** What may happen to the first peer: scripts. */
  readonly events: Readonly<Record<EventName, string[]>>;
}

export const drawn = (plan: Plan): Network => {
  const { lab, sites } = plan;
  const network: Network = { draft: new Draft(), world: `${lab}-world`, hub: `${lab}-hub`, hosts: [`${lab}-host1`, `${lab}-host2`], events: { move: [], renumber: [], reboot: [] } };
  drawWorld(network, plan.loss);
  for (const [k, kind] of sites.entries()) drawSite(network, plan, kind, k + 1);
  return network;
};

const forwarding = [kernel('ipv4/ip_forward', 1), kernel('ipv6/conf/all/forwarding', 1)];

const drawWorld = ({ draft, world, hub }: Network, loss: number): void => {
  const rules = [
    '*filter',
    ...[1, 2].map((site) => `-A FORWARD -p udp -i site${site} ! -o hub`), // a rule without a target counts
    ...(loss === 0 ? [] : [`-A FORWARD -p udp -m statistic --mode random --probability ${loss} -j DROP`]),
    'COMMIT',
  ].join('\n');
  draft.connect([world, 'hub'], [hub, 'wan']);
  draft.inside(world, ...forwarding, addressed('hub', '45.100.0.1/24', '2a0e:100::1/64'), fed('iptables-restore', rules), fed('ip6tables-restore', rules));
  draft.inside(hub, addressed('wan', '45.100.0.2/24', '2a0e:100::2/64'), routed('default', '45.100.0.1'), routed('default', '2a0e:100::1'));
  for (const host of helperHosts) {
    draft.inside(hub, addressed('lo', `${host[4]}/32`, `${host[6]}/128`));
    draft.inside(world, routed(`${host[4]}/32`, '45.100.0.2'), routed(`${host[6]}/128`, '2a0e:100::2'));
  }
};

const drawSite = (network: Network, { lab, lifetimeS }: Plan, kind: Kind, site: number): void => {
  const { draft, world } = network;
  /** The innermost place drawn so far: where the next one hangs on, and the network it gets its address from. */
  let outer = { space: world, device: `site${site}`, ipv4: `45.${site}.0`, ipv6: `2a0e:${site}:0` };
  draft.inside(world, addressed(outer.device, `${outer.ipv4}.1/24`, `${outer.ipv6}::1/64`));
  draft.inside(world, routed(`45.${site}.0.0/16`, `${outer.ipv4}.2`), routed(`2a0e:${site}::/32`, `${outer.ipv6}::2`));
  for (const [depth, box] of kind.boxes.entries()) {
    const space = `${lab}-box${site}${depth === 0 ? '' : `-${depth}`}`;
    const isInnermost = depth === kind.boxes.length - 1;
    const behind = { ipv4: !isInnermost ? `100.64.${depth}` : box.nat === null ? `45.${site}.1` : `192.168.${site}`, ipv6: `2a0e:${site}:${depth + 1}` };
    draft.connect([outer.space, outer.device], [space, 'wan']);
    draft.inside(space, addressed('wan', `${outer.ipv4}.2/24`, `${outer.ipv6}::2/64`), routed('default', `${outer.ipv4}.1`), routed('default', `${outer.ipv6}::1`));
    draft.inside(space, 'ip link add lan type bridge mcast_snooping 0', addressed('lan', `${behind.ipv4}.1/24`, `${behind.ipv6}::1/64`));
    draft.inside(space, ...ruled(box, `${outer.ipv4}.2`, lifetimeS));
    if (box.isAsked === true) askable(draft, space);
    if (site === 1 && depth === 0 && box.nat !== null) {
      const at = `${outer.ipv4}.${movedTo}`;
      const renumbered = [
        spaced(space, [`ip address del ${outer.ipv4}.2/24 dev wan`, `ip address add ${at}/24 dev wan`, routed('default', `${outer.ipv4}.1`)]),
        spaced(world, [routed(`45.${site}.0.0/16`, at)]),
      ];
      network.events.move.push(...renumbered);
      network.events.renumber.push(...renumbered);
      network.events.reboot.push(spaced(space, [...forgetting(box), addressed('wan', `${outer.ipv6}::2/64`), routed('default', `${outer.ipv4}.1`), routed('default', `${outer.ipv6}::1`)]));
    }
    outer = { space, device: 'port1', ...behind };
    if (!isInnermost) draft.inside(space, onBridge(outer.device));
  }
  const [has4, has6] = ([4, 6] as const).map((family) => kind.natures[family] !== undefined);
  for (const [k, host] of network.hosts.entries()) {
    if (kind.shared === undefined && k + 1 !== site) continue;
    draft.connect([outer.space, `port${k + 1}`], [host, 'eth0']);
    draft.inside(outer.space, onBridge(`port${k + 1}`), kind.shared === 'apart' ? `ip link set port${k + 1} type bridge_slave isolated on` : null);
    const at = (last: number): readonly (string | null)[] => [
      addressed('eth0', has4 ? `${outer.ipv4}.${last}/24` : null, has6 ? `${outer.ipv6}::${last}/64` : null),
      has4 ? routed('default', `${outer.ipv4}.1`) : null,
      has6 ? routed('default', `${outer.ipv6}::1`) : null,
    ];
    draft.inside(host, ...at(2 + k));
    if (k === 0) network.events.move.push(spaced(host, ['ip address flush dev eth0', ...at(movedTo)]));
  }
};

/** Lets hosts ask the box for ports, where miniupnpd is installed; elsewhere nobody answers them. */
const askable = (draft: Draft, space: string): void => {
  const file = `/run/${space}`;
  draft.inside(space, fed('nft -f -', askedNft), fed(`cat > ${file}.conf`, askedConf), `if command -v miniupnpd > /dev/null; then miniupnpd -f ${file}.conf -P ${file}.pid; fi`);
  draft.ending(`[ ! -e ${file}.pid ] || kill $(cat ${file}.pid)`);
};

const onBridge = (port: string): string => `ip link set ${port} master lan up`;

const ruled = (box: Box, publicAddress: string, lifetimeS: number | null): readonly (string | null)[] => [
  ...forwarding,
  fed('iptables-restore', iptablesOf(box)),
  fed('ip6tables-restore', ip6tablesOf(box)),
  fed('nft -f -', nftOf(box, publicAddress, lifetimeS ?? kernelLifetimeS)),
  // What the bridge passes on between hosts of one LAN is no business of the router's rules.
  ...(box.nat === null ? [] : ['bridge-nf-call-iptables', 'bridge-nf-call-ip6tables'].map((key) => kernelIfAny(`bridge/${key}`, 0))),
  ...(box.nat === null || lifetimeS === null ? [] : ['nf_conntrack_udp_timeout', 'nf_conntrack_udp_timeout_stream'].map((key) => kernel(`netfilter/${key}`, lifetimeS))),
];
