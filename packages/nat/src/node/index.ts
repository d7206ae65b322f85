/** `@srp/nat/node`: finding peers on the local network, and asking the gateway for a port, for Node.js. */
export { discoverLocally, type Discovery, type DiscoveryOptions } from './discovery.js';
export { mapPort, type MappingOptions, type PortMapper } from './gateway/port-mapping.js';
