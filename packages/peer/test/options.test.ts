import { Peer, PeerError } from '@srp/peer';
import { test } from 'uvu';
import { throws } from 'uvu/assert';

/** Options as JavaScript passes them. */
const peerWith = (options: object): Peer => new Peer(options);

test('an option that cannot be meant is refused, with the rule and the value', () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ lan: 'of' }, /lan must be 'all', 'loopback' or 'off', got of/],
    [{ lan: false }, /lan must be .*, got false/],
    [{ port: 'x' }, /port must be an integer 0\.\.65535, got x/],
    [{ port: 65_536 }, /got 65536/],
    [{ prot: 1 }, /prot must be one of publicKey, .*, got an unknown option/],
    [{ hosts: '127.0.0.1' }, /hosts must be a list of IP addresses/],
    [{ hosts: ['localhost'] }, /hosts must be a list of IP addresses, got localhost/],
    [{ hosts: [] }, /hosts must be a list of IP addresses/],
    [{ directory: '' }, /directory must be a text that is not empty, got an empty one/],
    [{ introducers: 'srp:x' }, /introducers must be a list/],
    [{ cacheBytes: 0 }, /cacheBytes must be an integer >= 65536, got 0/],
    [{ uploadBytesPerSecond: 1000 }, /uploadBytesPerSecond must be an integer >= 1024, got 1000/],
    [{ uploadBytesPerSecondEach: 1e9 + 0.5 }, /uploadBytesPerSecondEach must be an integer/],
  ];
  for (const [options, message] of cases) {
    throws(() => peerWith(options), (error: unknown) => error instanceof PeerError && error.code === 'OPTIONS_BAD' && message.test(error.message));
  }
  peerWith({});
  peerWith({ lan: undefined, port: undefined });
});

test.run();
