import * as peer from '@srp/peer';
import * as protocol from '@srp/peer/protocol';
import { test } from 'uvu';
import { equal } from 'uvu/assert';

test('exports these names and no others', () => {
  equal(Object.keys(peer).sort(), ['Packet', 'Peer', 'PeerError', 'Room', 'createKeys', 'errorCodes', 'fingerprintOf', 'formatFileLink', 'parseFileLink', 'parseInvite', 'privateRoom', 'publicRoom', 'roomFromPassphrase']);
  equal(Object.keys(protocol).sort(), ['PeerProtocol']);
});

test.run();
