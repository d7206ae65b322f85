/** What one run of survival gives: plain values, so that another process can send them. */

/** One moment in the life of a packet. */
export interface Sample {
  /** Ordinary peers that hold it, up or down. */
  readonly copies: number;
  /** Those of them that are up. */
  readonly online: number;
}

export interface PacketResult {
  readonly id: string;
  readonly atMs: number;
  /** From its publish, when only its author had it, to the return of its reader. */
  readonly curve: readonly Sample[];
  /** Datagrams with the packet, sent by anyone until its reader returned. */
  readonly sent: number;
  /** How long its reader took to get it after its return, ms; `null` if it did not within a minute. */
  readonly foundMs: number | null;
}

export interface SurvivalResult {
  readonly seed: number;
  readonly packets: readonly PacketResult[];
  readonly introducers: number;
  /** The most objects of all packets that introducers held at any count. */
  readonly introducersHeld: number;
  /** Datagrams sent by anyone after the warm-up, for each hour that a peer was up, introducers counted. */
  readonly datagramsPerPeerHour: number;
  /** Peers that were up, on average. */
  readonly meanOnline: number;
  readonly virtualMs: number;
  readonly traceHash: string;
  /** The life of the packet that was asked for, if there is one. */
  readonly life: string | null;
}

/** Of a packet, how many hold it when its reader returns. */
export const lastOf = ({ curve }: PacketResult): Sample => curve.at(-1) ?? { copies: 0, online: 0 };
