/** The slow, obvious twin of the fixed frames: reads the good ones of them with a DataView, and checks nothing. */

const observed = (view: DataView, offset: number): string => {
  const port = view.getUint16(offset + 17, false);
  if (view.getUint8(offset) === 4) return `${[1, 2, 3, 4].map((i) => view.getUint8(offset + i)).join('.')}:${port}`;
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(offset + 1 + 2 * i, false).toString(16));
  return `[${new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)}]:${port}`;
};

const symbols = (view: DataView): unknown[] => {
  const read: unknown[] = [];
  for (let at = 27; at < view.byteLength; ) {
    const [high, low, check] = [0, 4, 8].map((offset) => view.getUint32(at + offset, false));
    at += 12;
    let coded = 0n;
    for (let shift = 0n, isLast = false; !isLast; shift += 7n, at += 1) {
      coded |= BigInt(view.getUint8(at) % 128) << shift;
      isLast = view.getUint8(at) < 128;
    }
    read.push({ high, low, check, excess: Number(coded % 2n === 0n ? coded / 2n : -(coded + 1n) / 2n) });
  }
  return read;
};

/** The frame in these bytes, as the package names its fields; `null` if it is not one of the fixed ones. */
export const readFixedFrame = (bytes: Uint8Array): unknown => {
  const hex = (from: number, to: number) => Buffer.from(bytes).toString('hex', from, to);
  const ids = (from: number) => Array.from({ length: (bytes.length - from) / 8 }, (_, i) => hex(from + 8 * i, from + 8 * i + 8));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (bytes[0]) {
    case 0x01:
      return { kind: 'ping', tx: hex(1, 9), silence: view.getUint8(10) };
    case 0x02:
      return { kind: 'pong', tx: hex(1, 9), observed: observed(view, 9), time: view.getUint32(28, false), silence: view.getUint8(32) };
    case 0x03:
      return { kind: 'ihave', tag: hex(1, 9), ids: ids(9) };
    case 0x04:
      return bytes[1] === 0 ? { kind: 'want', ids: ids(2) } : { kind: 'want-after', tag: hex(2, 10), prev: hex(10, 26) };
    case 0x05:
      return { kind: 'graft', tag: hex(1, 9), ids: ids(9) };
    case 0x06:
      return { kind: 'prune', tag: hex(1, 9) };
    case 0x07:
      return {
        kind: 'sync-request',
        tag: hex(1, 9),
        since: view.getUint32(9, false),
        state: view.getUint32(13, false),
        from: view.getUint16(17, false),
        count: view.getUint16(19, false),
        digest: bytes.length > 21 ? hex(21, 33) : null,
      };
    case 0x08:
      return { kind: 'sync-symbols', tag: hex(1, 9), salt: hex(9, 17), state: view.getUint32(17, false), count: view.getUint32(21, false), from: view.getUint16(25, false), symbols: symbols(view) };
    case 0x09:
      return { kind: 'sync-ids', tag: hex(1, 9), part: view.getUint16(13, false), parts: view.getUint16(15, false), ids: ids(17) };
    case 0x0b: {
      const ranges = Array.from({ length: (bytes.length - 21) / 6 }, (_, i) => ({ first: view.getUint32(21 + 6 * i, false), count: view.getUint16(25 + 6 * i, false) }));
      return { kind: 'pull', transfer: view.getUint32(1, false), file: hex(5, 21), ranges };
    }
    case 0x0e: {
      const ranges = Array.from({ length: (bytes.length - 9) / 6 }, (_, i) => ({ first: view.getUint32(9 + 6 * i, false), count: view.getUint16(13 + 6 * i, false) }));
      return { kind: 'ask', stream: view.getUint32(1, false), below: view.getUint32(5, false), ranges };
    }
    case 0x0d:
      return { kind: 'no-block', transfer: view.getUint32(1, false), reason: ['unknown', 'absent', 'unreadable', 'busy'][view.getUint8(5)], range: { first: view.getUint32(6, false), count: view.getUint16(10, false) } };
    case 0x11: {
      const until = view.getUint32(9, false);
      const bits = [...bytes.slice(13)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      return { kind: 'holds', transfer: view.getUint32(1, false), from: view.getUint32(5, false), until, also: [...bits].flatMap((bit, i) => (bit === '1' ? [until + i] : [])) };
    }
    case 0x0a:
      return { kind: 'offer', tag: hex(1, 9), ids: ids(9) };
    default:
      return null;
  }
};
