/** How much of what a message could say besides its payload there is room for. SPEC, Envelope. */
import { instant, type PacketId } from '@srp/machine';
import { payloadBytesMax } from '@srp/wire';
import { test } from 'uvu';
import { equal } from 'uvu/assert';
import { fittingEnvelope } from '../dist/protocol/envelope.js';

test('an envelope names as many of the latest parents as fit beside the payload, whatever its length', () => {
  const parents = Array.from({ length: 8 }, (_, i) => i.toString(16).repeat(32) as PacketId);
  for (const ms of [0, 7, 200, 999]) {
    for (const offered of [0, 1, 8]) {
      for (let payloadBytes = 860; payloadBytes <= 1023; payloadBytes += 1) {
        const fits = Array.from({ length: offered + 1 }, (_, count) => ({ parents: parents.slice(0, count), ms })).filter((envelope) => payloadBytes <= payloadBytesMax(envelope));
        equal(fittingEnvelope(payloadBytes, instant(5000 + ms), parents.slice(0, offered)), fits.at(-1) ?? { parents: [], ms: 0 }, `${payloadBytes} bytes, ${offered} parents, ${ms} ms`);
      }
    }
  }
});

test.run();
