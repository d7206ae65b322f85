/** `@srp/stream`: the causal order of a topic, and messages in parts. */
export { CausalStream } from './causal-stream.js';
export { type StreamObject } from './chains.js';
export type { DeliveryMode, StreamCount, StreamInput, StreamOptions, StreamOutput, TopicStatus } from './contract.js';
export { errorCodes } from './errors.js';
export { type CausalItem, CausalOrder, compareConcurrent, inCausalOrder } from './order.js';
export { type Manifest, type Part, Parts, putTogether, type Whole, type WholeRefusal } from './parts.js';
