/**
 * A file and who has it, as a text that fits into a message. SPEC, Transfer, Links.
 *
 * `srp-file:` and the base64url of a CBOR map: 1 id (32 bytes), 2 size, 3 name, 4 key (32 bytes), 5 peers, 32 bytes each. Whoever has
 * the link can fetch and read the file.
 */
import { concat, fromBase64Url, fromHex, idBytes, peerId, type PeerId, toBase64Url, toHex, utf8 } from '@srp/machine';
import { type FileId, fileBytesMax, isFileSize } from '@srp/transfer';
import { decodeCbor, encodeCbor } from '@srp/wire';
import { fileNameBytesMax, linkCharactersMax, linkPeersMax } from './constants.js';
import { PeerError } from './errors.js';

const scheme = 'srp-file:';
const idLength = 32;

/** What it takes to fetch a file. */
export interface FileLink {
  readonly id: FileId;
  readonly size: number;
  /** As whoever shared it named it: no path, nothing that cannot be seen. */
  readonly name: string;
  readonly key: Uint8Array;
  /** Who is known to have it, at most 4. */
  readonly peers: readonly PeerId[];
}

/** The link as text. */
export const formatFileLink = ({ id, size, name, key, peers }: FileLink): string =>
  scheme +
  toBase64Url(
    encodeCbor(new Map<number, Uint8Array | number | string>([
      [1, fromHex(id)],
      [2, size],
      [3, name],
      [4, key],
      [5, concat(...peers.slice(0, linkPeersMax).map(idBytes))],
    ])),
  );

/** Reads a link. Throws FILE_LINK_BAD with what is wrong. */
export const parseFileLink = (text: string): FileLink => {
  const link = readFileLink(text);
  if (typeof link === 'string') throw new PeerError('FILE_LINK_BAD', `Cannot read the link of a file: ${link}`);
  return link;
};

/** The link in a message, or `null` if it is none. */
export const fileLinkIn = (text: string | null): FileLink | null => {
  if (text?.startsWith(scheme) !== true) return null;
  const link = readFileLink(text);
  return typeof link === 'string' ? null : link;
};

/** What stands beside a file on its way here (`part-file.ts`): a fetched file of such a name could pass for what another fetch had checked. And what Windows takes for a device, or for a shorter name. */
const taken = /\.srp-(?:part|state|state\.new)$|^(?:con|prn|aux|nul|com\d|lpt\d) *(?:\.|$)|[. ]$/iu;

/** A name that a file can have here: no path, no control characters, nothing that a system or this package takes for something else. */
export const isFileName = (name: string): boolean =>
  name !== '' && utf8(name).length <= fileNameBytesMax && !taken.test(name) && !/[/\\:*?"<>|\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name);

/** The link, or what is wrong with it. */
const readFileLink = (text: string): FileLink | string => {
  const trimmed = text.trim();
  if (!trimmed.startsWith(scheme)) return `it must start with ${scheme}`;
  if (trimmed.length > linkCharactersMax) return `it has at most ${linkCharactersMax} characters, got ${trimmed.length}`;
  const bytes = fromBase64Url(trimmed.slice(scheme.length));
  const map = bytes === null ? null : decodeCbor(bytes);
  if (map === null || !map.ok || !(map.value instanceof Map)) return 'it is damaged or cut off; copy it whole';
  const [id, size, name, key, peers] = [1, 2, 3, 4, 5].map((field) => (map.value as ReadonlyMap<number, unknown>).get(field));
  if (!(id instanceof Uint8Array && id.length === idLength)) return 'it names no file';
  if (typeof size !== 'number' || !isFileSize(size)) return `its size is not 0..${fileBytesMax}`;
  if (typeof name !== 'string' || !isFileName(name)) return 'its name is none that a file can have';
  if (!(key instanceof Uint8Array && key.length === idLength)) return 'its key is not 32 bytes';
  if (!(peers instanceof Uint8Array) || peers.length % idLength !== 0 || peers.length > idLength * linkPeersMax) return 'its list of peers is damaged';
  const ids = Array.from({ length: peers.length / idLength }, (_, i) => peerId(peers.subarray(i * idLength, (i + 1) * idLength)));
  return { id: toHex(id) as FileId, size, name, key, peers: ids };
};
