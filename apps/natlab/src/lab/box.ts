/**
 * What a box between a host and the world does, as netfilter rules. Its devices are always `wan` and `lan`.
 *
 * Linux is by nature port-restricted: an outgoing datagram makes a connection (conntrack) that lets answers in from exactly the
 * address and port it went to, and MASQUERADE keeps the host's port where it can. The other kinds come of it so:
 *
 * - symmetric: `--random-fully` draws a new port for each destination, and conntrack still filters by address and port.
 * - symmetric in a block: the same, with `--to-ports`.
 * - full cone, address-restricted: conntrack cannot; nft sets remember which public port is whose, and whom it has spoken to, and
 *   rewrite what else comes in. A memory lives as long as a connection.
 *
 * Every box drops what comes in unasked for the box itself. This is not tidiness: a datagram for a port without a mapping would
 * otherwise be a connection of the box, which keeps that port from the host whose own datagram goes the same way a moment later.
 */

export interface Box {
  /** Lines of iptables-restore's nat table. `null`: a plain router, which neither translates nor filters. */
  readonly nat: readonly string[] | null;
  /** What the nft table beside it remembers. */
  readonly cone?: Cone;
  /** Opens ports for hosts that ask: by PCP, NAT-PMP or UPnP, where miniupnpd is installed. */
  readonly isAsked?: true;
}

export interface Cone {
  /** Lets in only those addresses that the mapping has spoken to. */
  readonly isAddressRestricted: boolean;
  /** Datagrams from inside to a mapping of this box turn round in it, and come from the sender's mapping. */
  readonly doesHairpin: boolean;
}

/** Ports that the block boxes give, first and last: 4096, and a carrier's 2048 for one subscriber. Guesses of what providers do. */
export const blocks = { symmetric: [40_960, 45_055], carrier: [20_480, 22_527] } as const;

const portsOf = ([low, high]: readonly [number, number]): string => `--to-ports ${low}-${high}`;
const masquerade = '-A POSTROUTING -o wan -p udp -j MASQUERADE';

export const boxes = {
  router: { nat: null },
  fullCone: { nat: [masquerade], cone: { isAddressRestricted: false, doesHairpin: false } },
  addressRestricted: { nat: [masquerade], cone: { isAddressRestricted: true, doesHairpin: false } },
  portRestricted: { nat: [masquerade] },
  symmetric: { nat: [`${masquerade} --random-fully`] },
  symmetricBlock: { nat: [`${masquerade} ${portsOf(blocks.symmetric)} --random-fully`] },
  /** One port of the block for each port of the subscriber, whatever the destination: conntrack looks for a mapping it has. */
  carrier: { nat: [`${masquerade} ${portsOf(blocks.carrier)}`] },
  mapped: { nat: [masquerade], isAsked: true },
  hairpin: { nat: [masquerade], cone: { isAddressRestricted: false, doesHairpin: true } },
} satisfies Record<string, Box>;

/** What `iptables-restore` is fed. */
export const iptablesOf = ({ nat, isAsked }: Box): string | null =>
  nat === null
    ? null
    : `*filter${isAsked === true ? '\n-A INPUT -i lan -j ACCEPT' : ''}
-A INPUT -p udp -j DROP
-A FORWARD -i lan -o wan -j ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED,DNAT -j ACCEPT
-A FORWARD -j DROP
COMMIT
*nat
${nat.join('\n')}
COMMIT`;

/** What `ip6tables-restore` is fed: IPv6 is not translated, only kept from what comes in unasked. */
export const ip6tablesOf = ({ nat }: Box): string | null =>
  nat === null
    ? null
    : `*filter
-A INPUT -p udp -j DROP
-A FORWARD -i lan -o wan -j ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A FORWARD -j DROP
COMMIT`;

/** What `nft -f` is fed. Mappings and whom they spoke to are learnt from what leaves, after its port was chosen. */
export const nftOf = ({ cone }: Box, publicAddress: string, lifetimeS: number): string | null => {
  if (cone === undefined) return null;
  const { isAddressRestricted, doesHairpin } = cone;
  const memory = `flags dynamic,timeout; timeout ${lifetimeS}s; size 65535;`;
  const lines = [
    `map mapped { type inet_service : ipv4_addr . inet_service; ${memory} }`,
    'chain learn {',
    '  type filter hook postrouting priority srcnat + 1',
    '  oifname "wan" meta l4proto udp update @mapped { udp sport : ct original ip saddr . ct original proto-src }',
    ...(isAddressRestricted ? ['  oifname "wan" meta l4proto udp update @spoken { udp sport . ip daddr }'] : []),
    '}',
    ...(isAddressRestricted ? [`set spoken { type inet_service . ipv4_addr; ${memory} }`] : []),
    'chain in {',
    '  type nat hook prerouting priority dstnat',
    `  ${doesHairpin ? `ip daddr ${publicAddress}` : 'iifname "wan"'} meta l4proto udp ${isAddressRestricted ? 'udp dport . ip saddr @spoken ' : ''}dnat ip to udp dport map @mapped`,
    '}',
    ...(doesHairpin ? ['chain turn {', '  type nat hook postrouting priority srcnat', `  iifname "lan" oifname "lan" ct status dnat snat ip to ${publicAddress}`, '}'] : []),
  ];
  return ['table ip cone {', ...lines.map((line) => `  ${line}`), '}'].join('\n');
};

/** What a NAT does when it has forgotten everything: it gives other ports than before. A box that draws its ports, or has a block of them, gives others anyway. */
export const forgetting = ({ nat, cone }: Box): readonly (string | null)[] => [
  'ip link set wan down', // which is when MASQUERADE forgets
  'ip link set wan up',
  nat?.[0] === masquerade ? 'iptables -t nat -I POSTROUTING -o wan -p udp -j MASQUERADE --to-ports 50000-59999' : null,
  ...(cone === undefined ? [] : ['nft flush map ip cone mapped', ...(cone.isAddressRestricted ? ['nft flush set ip cone spoken'] : [])]),
];

/** Where miniupnpd puts its rules, as `nft -f` is fed. What it lets in the box lets through, since it is DNAT. */
export const askedNft = `table inet miniupnpd {
  chain miniupnpd { }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
  chain forward { type filter hook forward priority 0; policy accept; jump miniupnpd; }
  chain prerouting { type nat hook prerouting priority dstnat; policy accept; jump prerouting_miniupnpd; }
  chain postrouting { type nat hook postrouting priority srcnat; policy accept; jump postrouting_miniupnpd; }
}`;

/** miniupnpd's own configuration. */
export const askedConf = `ext_ifname=wan
listening_ip=lan
enable_natpmp=yes
enable_upnp=yes
secure_mode=yes
min_lifetime=120
max_lifetime=86400
upnp_table_name=miniupnpd
upnp_nat_table_name=miniupnpd
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
allow 1024-65535 192.168.0.0/16 1024-65535
deny 0-65535 0.0.0.0/0 0-65535`;
