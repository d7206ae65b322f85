/** The protocol without a driver: what the UDP driver and the simulator both drive. */
export type { Delivery, DeliveryCause, FileInput, FileOutput, Filtering, Fork, MessageProgress, PeerDrop, PeerInput, PeerOutput, PeerProtocolOptions, StreamCommand, StreamEvent } from './contract.js';
export { PeerProtocol } from './protocol.js';
