/** `@srp/nat/node`: finding peers on the local network, for Node.js. */
export { discoverLocally, type Discovery, type DiscoveryOptions } from './discovery.js';
