/** How columns of numbers grow. */
type Column = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A column of twice the length that begins with the same. */
export const twice = <Kind extends Column>(column: Kind): Kind => {
  const grown = new (column.constructor as new (length: number) => Kind)(2 * column.length);
  grown.set(column);
  return grown;
};
