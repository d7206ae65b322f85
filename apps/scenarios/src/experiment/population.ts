/**
 * The peers of a run: introducers that stay, ordinary peers that come and go, and what each of their apps was shown.
 *
 * Every draw comes from the network's own generator, in the order of what happens, so that a seed fixes it.
 */
import { publicTopic, type Topic } from '@srp/identity';
import { type PacketId, sample } from '@srp/machine';
import { PeerProtocol } from '@srp/peer/protocol';
import type { NatKind, Network, SimPeer, SimRoom } from '@srp/sim';
import { pick, share } from './draw.js';
import { introducersFor, introducersKnown, type Mix } from './mix.js';

/** An ordinary peer, for as long as it lives. */
export interface Member {
  readonly name: string;
  readonly nat: NatKind;
  readonly isSubscriber: boolean;
  readonly startedAtMs: number;
  /** When it crashed, or `null`. */
  endedAtMs: number | null;
  readonly peer: SimPeer;
  readonly room: SimRoom;
  /** When its app was first shown a packet of another. */
  readonly reachedAt: Map<PacketId, number>;
}

/** A replacement starts so long after the crash. Milliseconds. */
const replacedAfterMs = 0.001;

export class Population {
  /** Everybody who ever was. */
  readonly members: Member[] = [];
  readonly introducers: readonly SimPeer[];
  readonly #online: Member[] = [];
  readonly #net: Network;
  readonly #mix: Mix;
  readonly #topic: Topic = publicTopic('topic T');
  readonly #otherTopic: Topic = publicTopic('topic of another app');
  readonly #onStart: (member: Member) => void;

  /** `onStart` is called when a member has started. */
  constructor(net: Network, mix: Mix, onStart: (member: Member) => void = () => undefined) {
    this.#net = net;
    this.#mix = mix;
    this.#onStart = onStart;
    this.introducers = Array.from({ length: introducersFor(mix.nodes) }, (_, number) => net.peer({ name: `introducer-${number + 1}` }));
    for (const one of this.introducers) {
      const others = this.introducers.filter((other) => other !== one);
      for (const other of sample(net.random, others, introducersKnown)) one.connect(other);
    }
  }

  /** Ordinary peers that are up. */
  get online(): readonly Member[] {
    return this.#online;
  }

  /** Subscribers that are up. */
  subscribers(): readonly Member[] {
    return this.#online.filter(({ isSubscriber }) => isSubscriber);
  }

  /** A brand-new peer: `isSubscriber` is drawn unless it is given. */
  start(isSubscriber?: boolean): Member {
    const { random } = this.#net;
    const nat = this.#drawNat();
    const subscribes = isSubscriber ?? share(random) < this.#mix.subscribed;
    const number = this.members.length + 1;
    const peer = this.#net.peer({ name: `${subscribes ? 'sub' : 'other'}-${number}-${nat}`, nat, knows: sample(random, this.introducers, introducersKnown) });
    const room = peer.join(subscribes ? this.#topic : this.#otherTopic);
    const member: Member = { name: peer.name, nat, isSubscriber: subscribes, startedAtMs: this.#net.now, endedAtMs: null, peer, room, reachedAt: new Map() };
    room.onDelivery = ({ id, how, atMs }) => {
      if (how !== 'published') member.reachedAt.set(id, atMs);
    };
    this.members.push(member);
    this.#online.push(member);
    this.#onStart(member);
    return member;
  }

  /** A random ordinary peer crashes without a word, and a brand-new one starts 1 us later. */
  replace(): void {
    if (this.#online.length === 0) return;
    const index = this.#net.random.below(this.#online.length);
    const member = this.#online[index] as Member;
    this.#online[index] = this.#online.at(-1) as Member;
    this.#online.pop();
    member.endedAtMs = this.#net.now;
    member.peer.crash({ disk: 'lost' });
    this.#net.at(this.#net.now + replacedAfterMs, () => void this.start());
  }

  /** A random subscriber that has a neighbour to publish to, or `null` if none has. */
  publisher(among: readonly Member[]): Member | null {
    const ready = among.filter(isReady);
    return ready.length === 0 ? null : pick(this.#net.random, ready);
  }

  #drawNat(): NatKind {
    const { hard } = this.#mix;
    const drawn = share(this.#net.random);
    if (drawn < hard) return 'hard';
    return drawn < hard + (1 - hard) / 2 ? 'address-restricted' : 'port-restricted';
  }
}

/** Whether a peer has a neighbour that subscribes to what it subscribes to: what `room.subscribers` tells an app. */
export const isReady = ({ peer, room }: Member): boolean => peer.machine instanceof PeerProtocol && peer.machine.subscribersOf(room.topic.id).length > 0;
