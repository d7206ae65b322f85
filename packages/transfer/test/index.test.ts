import * as transfer from '@srp/transfer';
import { test } from 'uvu';
import { equal } from 'uvu/assert';

test('exports these names and no others', () => {
  equal(Object.keys(transfer).sort(), [
    'KnownTree',
    'Streams',
    'TransferError',
    'Transfers',
    'TreeBuilder',
    'TreeShape',
    'Window',
    'blockBytes',
    'cryptLeaves',
    'errorCodes',
    'fileBytesMax',
    'fileIdOf',
    'fileKeyOf',
    'groupBytes',
    'hashOf',
    'isFileSize',
    'isWhole',
    'nodeOf',
    'openGroup',
    'padded',
    'resetReasons',
    'upperNode',
  ]);
});

test.run();
