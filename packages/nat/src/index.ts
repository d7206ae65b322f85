/** `@srp/nat`: how SRP peers meet. Local discovery, which needs a socket, is `@srp/nat/node`. */
export { type RememberedPeer, type Restored, type StoredBook } from './book.js';
export { type Filtering } from './filtering.js';
export { errorCodes, NatError, type NatErrorCode } from './errors.js';
export { type NatDropReason, natDropReasons, type NatInput, type NatOutput } from './contract.js';
export { Nat } from './nat.js';
export { judge, type LeaseInput, type LeaseOutput, type MappingMethod, PortLease, type PortMapping } from './gateway/lease.js';
export { type Mapping, type SelfView } from './votes.js';
