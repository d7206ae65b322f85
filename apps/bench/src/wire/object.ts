/**
 * Question: what does it cost to write an object of 1024 bytes of plaintext and to read it back?
 *
 * Method: `encodePacket` of fields as the protocol holds them (ids in hex, body sealed) into fresh bytes, then
 * `decodePacket`, then what every receiver looks at: kind, life, postage, time, topic tag, signature, body. No cryptography
 * on any side: the peer is given its packet id, so that it hashes nothing either.
 * Control: the peer makes its object of the same facts (topic, links, author, signature, 1024 bytes), encodes and decodes it.
 * The floor writes and reads the same bytes at constant offsets of a Buffer, and checks nothing.
 * Limits: one object, warm code; the ids are left as bytes, as the peer leaves them (wire/decode reads them); the peer's
 * encode is a promise, which is part of it.
 */
import { decodePacket, encodePacket } from '@srp/wire';
import { earlierName, earlierPackets, publishedFields } from '../earlier/index.js';
import { type Effort, interleave, repeated, repeatedLater } from '../measure.js';
import { finding, type Finding } from '../row.js';
import { readFront, readFrontPlainly, sampleFields, writePlainly } from './fields.js';

export const run = async (effort: Effort): Promise<readonly Finding[]> => {
  const { Packet, PacketPublish } = await earlierPackets();

  const samples = await interleave(effort, {
    ours: repeated(effort, () => {
      const packet = decodePacket(encodePacket(sampleFields));
      return packet.ok ? readFront(packet.value) : 0;
    }),
    peer: repeatedLater(effort, async () => Packet.decode(await Packet.encode(new PacketPublish(publishedFields)))?.message.length ?? 0),
    floor: repeated(effort, () => readFrontPlainly(writePlainly(sampleFields))),
  });
  return [
    finding(
      { name: 'wire/object', unit: 'ns/object', target: { toPeerMin: 20 } },
      {
        ours: samples.ours,
        peer: { name: `${earlierName}: PacketPublish, encode, decode`, samples: samples.peer },
        floor: { name: 'a Buffer written and read at constant offsets, unchecked', samples: samples.floor },
      },
    ),
  ];
};
