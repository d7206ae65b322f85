/**
 * The messages that all engines spread: what one of our objects has room for.
 *
 * | offset | size | what |
 * | --- | --- | --- |
 * | 0 | 4 | number of the message |
 * | 4 | 4 | index of the node that publishes it |
 * | 8 | 8 | when, in nanoseconds of a clock that all processes of the machine share |
 * | 16 | 1007 | random bytes |
 */
import { randomFillSync } from 'node:crypto';

export const messageBytes = 1023;

export const makeMessage = (number: number, publisher: number): Uint8Array => {
  const bytes = randomFillSync(new Uint8Array(messageBytes));
  const view = viewOf(bytes);
  view.setUint32(0, number);
  view.setUint32(4, publisher);
  view.setBigUint64(8, process.hrtime.bigint());
  return bytes;
};

export const numberOf = (message: Uint8Array): number => viewOf(message).getUint32(0);
export const publisherOf = (message: Uint8Array): number => viewOf(message).getUint32(4);
/** Milliseconds since it was published. */
export const ageOf = (message: Uint8Array): number => Number(process.hrtime.bigint() - viewOf(message).getBigUint64(8)) / 1e6;

const viewOf = ({ buffer, byteOffset }: Uint8Array): DataView => new DataView(buffer, byteOffset, messageBytes);
