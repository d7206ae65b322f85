// Another process on the local network: announces peer N at port P, prints whom it finds, and ends with its stdin.
// usage: neighbour.ts N P loopback|all
import { discoverLocally } from '@srp/nat/node';
import { peer } from './helpers.js';

const [n, port, interfaces] = process.argv.slice(2);
const startedAt = performance.now();
const discovery = discoverLocally({
  peer: peer(Number(n)),
  port: Number(port),
  interfaces: interfaces === 'all' ? 'all' : 'loopback',
  onPeer: (other, address) => console.log(`found ${Number.parseInt(other.slice(0, 4), 16)} ${address} ${Math.round(performance.now() - startedAt)}`),
  onError: (error) => console.log(`error ${error.code} ${error.message}`),
});
process.stdin.resume().on('end', () => {
  void discovery.close().then(() => console.log('closed'));
});
