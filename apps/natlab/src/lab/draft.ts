/**
 * A network as it is being drawn: namespaces, cables between them, and what each namespace does for itself. It becomes one shell
 * script, so that a whole network is made by one process, and can be read, and made by hand.
 */
export class Draft {
  readonly #spaces = new Map<string, string[]>();
  readonly #cables: string[] = [];
  readonly #endings: string[] = [];

  /** Adds a namespace, or commands to be run in one. */
  inside(name: string, ...commands: readonly (string | null)[]): void {
    const known = this.#spaces.get(name) ?? ['ip link set lo up'];
    known.push(...commands.filter((command) => command !== null));
    this.#spaces.set(name, known);
  }

  /** Adds a command that ends what the script has left running. */
  ending(command: string): void {
    this.#endings.push(command);
  }

  /** Puts a cable between a device of one namespace and a device of another. */
  connect(one: readonly [space: string, device: string], other: readonly [space: string, device: string]): void {
    this.#cables.push(`ip link add ${one[1]} netns ${one[0]} type veth peer name ${other[1]} netns ${other[0]}`);
  }

  /** For `sh -e`. */
  get script(): string {
    const names = [...this.#spaces.keys()];
    const blocks = [...this.#spaces].map(([name, commands]) => spaced(name, commands));
    return [...names.map((name) => `ip netns add ${name}`), ...this.#cables, ...blocks].join('\n');
  }

  /** For `sh`: everything that the script made, also if it ended half-way. */
  get removal(): string {
    return [...this.#endings, ...[...this.#spaces.keys()].map((name) => `ip netns del ${name}`)].join('\n');
  }
}

/** Commands that run in a namespace. */
export const spaced = (name: string, commands: readonly (string | null)[]): string =>
  `ip netns exec ${name} sh -e <<'SPACE'\n${commands.filter((command) => command !== null).join('\n')}\nSPACE`;

/** Gives a device addresses and turns it on. Nobody else can have them, and looking for who might would cost the first second of IPv6. */
export const addressed = (device: string, ...addresses: readonly (string | null)[]): string =>
  [kernel(`ipv6/conf/${device}/accept_dad`, 0), `ip link set ${device} up`, ...addresses.flatMap((address) => (address === null ? [] : [`ip address add ${address} dev ${device}`]))].join('\n');

export const routed = (to: string, by: string): string => `ip route replace ${to} via ${by}`;

/** Feeds rules to a program that reads them all before it acts. */
export const fed = (program: string, rules: string | null): string | null => (rules === null ? null : `${program} <<'RULES'\n${rules}\nRULES`);

/** Sets a switch of the kernel, for the namespace. */
export const kernel = (key: string, value: number): string => `echo ${value} > /proc/sys/net/${key}`;

/** The same for a switch that is not there if the kernel cannot do what it switches. */
export const kernelIfAny = (key: string, value: number): string => `[ ! -e /proc/sys/net/${key} ] || ${kernel(key, value)}`;
