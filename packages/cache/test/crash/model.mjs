// What the killed child and its parent both know: which objects there are, and their bytes.

/** How many different objects are written. */
export const objects = 64;

export const idOf = (n) => n.toString(16).padStart(32, '0');

/** The bytes of object n in one version, 174..1198 of them. */
export const bytesOf = (n, version) => {
  const bytes = new Uint8Array(174 + ((n * 131 + version * 17) % 1025));
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = (i * 31 + n * 7 + version * 13) & 0xff;
  return bytes;
};
