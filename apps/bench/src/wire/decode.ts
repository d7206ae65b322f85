/**
 * Question: what does it cost to read an object of 1024 bytes of plaintext, ids too?
 *
 * Method: `decodePacket`, which checks the structure, then every field in the form the protocol holds it, four ids in hex
 * among them. The object's own id is left out, since it has to be hashed.
 * Control: the floor reads the same fields in the same forms at constant offsets of a Buffer, and checks nothing. The peer
 * decodes an object of the same facts, and leaves ids as bytes.
 * Limits: one object, warm code.
 */
import { decodePacket, encodePacket } from '@srp/wire';
import { earlierName, earlierPackets, publishedFields } from '../earlier/index.js';
import { type Effort, interleave, repeated } from '../measure.js';
import { finding, type Finding } from '../row.js';
import { readAll, readAllPlainly, sampleFields } from './fields.js';

export const run = async (effort: Effort): Promise<readonly Finding[]> => {
  const bytes = encodePacket(sampleFields);
  const buffer = Buffer.from(bytes);
  const { Packet, PacketPublish } = await earlierPackets();
  const earlierBytes = await Packet.encode(new PacketPublish(publishedFields));

  const samples = await interleave(effort, {
    ours: repeated(effort, () => {
      const packet = decodePacket(bytes);
      return packet.ok ? readAll(packet.value) : 0;
    }),
    peer: repeated(effort, () => Packet.decode(earlierBytes)?.message.length ?? 0),
    floor: repeated(effort, () => readAllPlainly(buffer)),
  });
  return [
    finding(
      { name: 'wire/decode', unit: 'ns/object', target: { toFloorMax: 2 } },
      {
        ours: samples.ours,
        peer: { name: `${earlierName}: decode`, samples: samples.peer },
        floor: { name: 'the same fields at constant offsets of a Buffer, unchecked', samples: samples.floor },
      },
    ),
  ];
};
