/**
 * Finds out what the box in front of this namespace really does, by sockets alone: nothing here knows how the box was made, and
 * nothing is shared with the protocol's own detection. RFC 5780's questions, and three that punching needs answered.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { askAgainMs, askTimesMax, graceMs, lateShares, portSampleCount } from '../constants.js';
import type { Dependence, Nature } from '../lab/kinds.js';
import { listen, tell } from './parent.js';
import type { Answer, Place, Question } from './reflector.js';

export interface ProbeTold {
  readonly kind: 'start';
  /** Of the reflector: two ports of one address, then one of a second, then one of a third. */
  readonly places: readonly [Place, Place, Place, Place];
  /** How long a mapping is said to live; `null`: too long to wait for. */
  readonly lifetimeS: number | null;
}

export interface Finding extends Nature {
  /** Does an answer come before the mapping's life is over, and none after? `null`: not asked. */
  readonly lives: boolean | null;
}

export interface ProbeTells {
  readonly kind: 'found';
  readonly finding: Finding;
}

/** A socket of its own has mappings of its own. */
class Prober {
  readonly #socket: Socket;
  readonly #answers: Answer[] = [];
  #count = 0;

  private constructor(family: 'udp4' | 'udp6') {
    this.#socket = createSocket(family);
    this.#socket.on('message', (bytes) => this.#answers.push(JSON.parse(bytes.toString()) as Answer));
  }

  static async open(towards: Place): Promise<Prober> {
    const prober = new Prober(isIPv6(towards.address) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve) => prober.#socket.bind(0, resolve));
    return prober;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Where `to` sees this socket. `null`: no answer. */
  async ask(to: Place, question: Omit<Question, 'id'> = {}): Promise<Place | null> {
    const id = ++this.#count;
    for (let times = 0; times < askTimesMax; times += 1) {
      this.send(to, { id, ...question });
      const limitMs = askAgainMs + (question.afterMs ?? 0);
      for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 10) {
        await pause(10);
        const answer = this.#answers.find((one) => one.id === id && !one.also);
        if (answer !== undefined) return answer.seen;
      }
      if (question.afterMs !== undefined) break; // a second question would make the mapping live on
    }
    return null;
  }

  send(to: Place, question: Question): void {
    this.#socket.send(JSON.stringify(question), to.port, to.address);
  }

  /** Whether anything came from elsewhere than it was asked for. */
  async isReached(): Promise<boolean> {
    await pause(graceMs);
    return this.#answers.some(({ also }) => also);
  }

  close(): void {
    this.#socket.close();
  }
}

const pause = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

const withProber = async <Result>(towards: Place, use: (prober: Prober) => Promise<Result>): Promise<Result> => {
  const prober = await Prober.open(towards);
  try {
    return await use(prober);
  } finally {
    prober.close();
  }
};

const mappingOf = async ([place, otherPort, ...others]: ProbeTold['places']): Promise<Dependence> =>
  await withProber(place, async (prober) => {
    const [first, second, ...rest] = [await prober.ask(place), await prober.ask(otherPort), ...(await Promise.all(others.map(async (one) => await prober.ask(one))))];
    if (!isSame(first, second)) return 'address-and-port';
    return rest.every((one) => isSame(first, one)) ? 'independent' : 'address';
  });

/** Two sockets, since what one mapping let in once it lets in again. */
const filteringOf = async ([place, otherPort, otherAddress]: ProbeTold['places']): Promise<Dependence> => {
  const [isOpenToAddress, isOpenToAll] = await Promise.all(
    [otherPort, otherAddress].map(async (alsoFrom) =>
      await withProber(place, async (prober) => {
        await prober.ask(place, { alsoFrom });
        return await prober.isReached();
      }),
    ),
  );
  return isOpenToAll === true ? 'independent' : isOpenToAddress === true ? 'address' : 'address-and-port';
};

const hairpinOf = async ([place]: ProbeTold['places']): Promise<boolean> =>
  await withProber(place, async (one) =>
    await withProber(place, async (other) => {
      const [mapping] = await Promise.all([one.ask(place), other.ask(place)]);
      if (mapping === null) return false;
      // What arrives is a question; it is read like an answer that came by another way.
      other.send(mapping, { id: 0, also: true } as Question & Pick<Answer, 'also'>);
      return await one.isReached();
    }),
  );

/** What a punch needs: the other side's datagram was here first and was refused, and ours goes its way by the same mapping all the same. */
const punchableOf = async ([place, , stranger]: ProbeTold['places']): Promise<boolean> =>
  await withProber(place, async (prober) =>
    await withProber(place, async (messenger) => {
      const mapping = await prober.ask(place);
      if (mapping === null) return false;
      await messenger.ask(stranger, { alsoTo: mapping });
      return isSame(mapping, await prober.ask(stranger));
    }),
  );

const portsOf = async ([place]: ProbeTold['places']): Promise<Nature['ports']> => {
  const pairs = await Promise.all(
    Array.from({ length: portSampleCount }, async () => await withProber(place, async (prober) => ({ own: prober.port, seen: (await prober.ask(place))?.port ?? 0 }))),
  );
  if (pairs.every(({ own, seen }) => own === seen)) return null;
  const ports = pairs.map(({ seen }) => seen);
  return [Math.min(...ports), Math.max(...ports)];
};

const livesOf = async ([place]: ProbeTold['places'], lifetimeS: number): Promise<boolean> => {
  const answers = await Promise.all(lateShares.map(async (share) => await withProber(place, async (prober) => await prober.ask(place, { afterMs: share * lifetimeS * 1000 }))));
  return answers[0] !== null && answers[1] === null;
};

const isSame = (one: Place | null | undefined, other: Place | null | undefined): boolean => one?.address === other?.address && one?.port === other?.port;

listen<ProbeTold>(async ({ places, lifetimeS }) => {
  const [mapping, filtering, hairpin, ports, lives] = await Promise.all([
    mappingOf(places),
    filteringOf(places),
    hairpinOf(places),
    portsOf(places),
    lifetimeS === null ? null : livesOf(places, lifetimeS),
  ]);
  const punchable = mapping === 'independent' ? await punchableOf(places) : null;
  tell({ kind: 'found', finding: { mapping, filtering, hairpin, ports, punchable, lives } } satisfies ProbeTells);
});
