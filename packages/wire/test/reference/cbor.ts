/**
 * The slow, obvious twin of the CBOR gate: reads any CBOR of the kinds SRP knows, writes the value again by the rules
 * of SPEC, and lets it pass if the same bytes come out. It shares no code and no idea with the scanner.
 */


/** Whether the gate has to let these bytes pass. */
export const passes = (bytes: Uint8Array): boolean => {
  try {
    const reader = { bytes, at: 0, items: 0 };
    const written = read(reader, 0);
    return reader.at === bytes.length && reader.items <= 256 && Buffer.from(written).equals(bytes);
  } catch {
    return false;
  }
};

/** Reads one item and answers with its one encoding. */
const read = (reader: { readonly bytes: Uint8Array; at: number; items: number }, depth: number): number[] => {
  reader.items += 1;
  const take = (count: number): Uint8Array => {
    if (!(count <= reader.bytes.length - reader.at)) throw new Error('truncated');
    reader.at += count;
    return reader.bytes.slice(reader.at - count, reader.at);
  };
  const first = take(1)[0] ?? 0;
  const major = Math.floor(first / 32);
  const info = first % 32;
  if (major === 7) {
    if (![20, 21, 22].includes(info)) throw new Error('simple value or float');
    return [first];
  }
  if (info > 27) throw new Error('indefinite or reserved');
  const argument = info < 24 ? BigInt(info) : take(2 ** (info - 24)).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const contents: number[][] = [];
  switch (major) {
    case 0:
      if (argument >= 2n ** 53n) throw new Error('above 2^53 - 1');
      break;
    case 2:
      contents.push([...take(Number(argument))]);
      break;
    case 3: {
      const bytes = take(Number(argument));
      if (!Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf8').equals(bytes)) throw new Error('no UTF-8');
      contents.push([...bytes]);
      break;
    }
    case 4:
      if (depth >= 4) throw new Error('too deep');
      for (let i = 0n; i < argument; i += 1n) contents.push(read(reader, depth + 1));
      break;
    case 5: {
      if (depth >= 4) throw new Error('too deep');
      const pairs: [number[], number[]][] = [];
      for (let i = 0n; i < argument; i += 1n) pairs.push([read(reader, depth + 1), read(reader, depth + 1)]);
      if (pairs.some(([key]) => (key[0] ?? 0) >= 32)) throw new Error('a key that is no unsigned integer');
      const ordered = [...new Map(pairs.map((pair) => [Buffer.from(pair[0]).toString('hex'), pair])).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      if (ordered.length !== pairs.length) throw new Error('a key twice');
      for (const [, [key, value]] of ordered) contents.push([...key, ...value]);
      break;
    }
    default:
      throw new Error('a negative integer or a tag');
  }
  return [...header(major, argument), ...contents.flat()];
};

const header = (major: number, argument: bigint): number[] => {
  if (argument < 24n) return [major * 32 + Number(argument)];
  const width = [1, 2, 4, 8].find((bytes) => argument < 2n ** BigInt(8 * bytes)) ?? 8;
  const bytes = Array.from({ length: width }, (_, i) => Number((argument >> BigInt(8 * (width - 1 - i))) & 255n));
  return [major * 32 + 24 + Math.log2(width), ...bytes];
};
