/** `@srp/stream`: the causal order of a topic. */
export { CausalStream, type DeliveryMode, type StreamCount, type StreamInput, type StreamOptions, type StreamOutput } from './causal-stream.js';
export { type StreamObject } from './chains.js';
export { errorCodes } from './errors.js';
export { type CausalItem, compareConcurrent, inCausalOrder } from './order.js';
