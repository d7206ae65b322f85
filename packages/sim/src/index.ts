/** `@srp/sim`: a deterministic network for SRP peers, to test protocols and apps on. */
export type { CarriedObject } from './carried.js';
export { type Invariant, SimError, type SimErrorCode, errorCodes } from './errors.js';
export type { SimFetch, SimFile } from './files.js';
export type { Traffic } from './internet.js';
export type { LinkOptions } from './links.js';
export type { MachineMaker, PeerMachine } from './machine.js';
export { type NatBehaviour, natBehaviours, NatBox, type NatDependence, type NatKind } from './nat-box.js';
export { type LanOptions, Network, type NetworkOptions } from './network.js';
export type { Bandwidth } from './pipe.js';
export type { Delivered, Fork, Life, SimRoom, TopicStatus } from './room.js';
export type { KnownPeer, Lan, PeerTraffic, PlugOptions, SimPeer, SimPeerOptions } from './sim-peer.js';
export { describeLife, type PacketStep, type Published } from './trace.js';
