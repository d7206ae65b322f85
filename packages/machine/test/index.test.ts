import { test } from 'uvu';
import { equal } from 'uvu/assert';
import * as machine from '@srp/machine';

test('exports these names and no others', () => {
  equal(Object.keys(machine).sort(), [
    'BoundedMap', 'Counter', 'SrpError', 'TokenBucket', 'addressBytes', 'after', 'authorId', 'concat',
    'decodeAddress', 'decoded', 'earliest', 'encodeAddress', 'equalBytes', 'familyOf', 'fromBase64Url', 'fromHex',
    'hostOf', 'idBytes', 'instant', 'isDue', 'jittered', 'makeAddress', 'networkOf', 'packetId', 'parseAddress', 'peerId',
    'portOf', 'readU16', 'readU32', 'refused', 'sample', 'scopeOf', 'shortId', 'shortIdOf', 'tagOf', 'toBase64Url',
    'toHex', 'topicId', 'topicTag', 'unixSeconds', 'unreachable', 'utf8', 'utf8Text', 'wakeup', 'writeU16', 'writeU32',
  ]);
});

test.run();
