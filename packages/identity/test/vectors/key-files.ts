/** Cases for SPEC I-33 to I-36: the text of key files. The cost is the least allowed, so that reading them is quick. */
import { keyPairOf, seededRandom } from '@srp/identity';
import { toHex, utf8 } from '@srp/machine';
import { decodeKeyFile, encodeKeyFile } from '../../dist/node/key-file-format.js';

const keys = keyPairOf(new Uint8Array(32).fill(0x22));
const random = seededRandom(new Uint8Array(32).fill(0x66));
const clear = await encodeKeyFile(keys, random);
const sealed = await encodeKeyFile(keys, random, 'six words of my own choosing', { N: 2 ** 14, r: 8, p: 1 });
const passphrase = 'six words of my own choosing';

const swap = (text: string, at: number): string => text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);

const cases: readonly (readonly [rule: string, description: string, text: string, passphrase: string | undefined])[] = [
  ['I-33', 'in the clear', clear, undefined],
  ['I-33', 'under a passphrase', sealed, passphrase],
  ['I-35', 'a wrong passphrase', sealed, 'six words of your own choosing'],
  ['I-35', 'no passphrase', sealed, undefined],
  ['I-36', 'a passphrase for a file in the clear', clear, passphrase],
  ['I-35', 'an empty passphrase', sealed, ''],
  ['I-35', 'nothing', '', undefined],
  ['I-35', 'cut short', clear.slice(0, 100), undefined],
  ['I-34', 'a digit of the private key changed', swap(clear, clear.indexOf('"privateKey"') + 20), undefined],
  ['I-34', 'a digit of the public key changed', swap(sealed, sealed.indexOf('"publicKey"') + 20), passphrase],
  ['I-34', 'a digit of the sealed key changed', swap(sealed, sealed.indexOf('"sealed"') + 100), passphrase],
  ['I-34', 'a digit of the check changed', swap(clear, clear.indexOf('"check"') + 20), undefined],
  ['I-34', 'a digit too few', clear.replace(/(?<="privateKey": ".)./, ''), undefined],
  ['I-34', 'a cost of 1 TiB', sealed.replace('16384', '1073741824'), passphrase],
  ['I-34', 'a cost of next to nothing', sealed.replace('16384', '2'), passphrase],
  ['I-34', 'a cost written with a fraction', sealed.replace('16384', '16384.0'), passphrase],
  ['I-34', 'a cost written with an exponent', sealed.replace('16384', '16384e0'), passphrase],
  ['I-34', 'a member twice', clear.replace('{', '{"format": "srp key 1",'), undefined],
  ['I-34', 'a letter written as an escape', clear.replace('srp', 's\\u0072p'), undefined],
  ['I-34', 'a byte order mark', `\u{feff}${clear}`, undefined],
  ['I-34', '4096 bytes, with spaces behind', clear + ' '.repeat(4096 - clear.length), undefined],
  ['I-34', '4097 bytes', clear + ' '.repeat(4097 - clear.length), undefined],
  ['I-34', 'members that are not known', clear.replace('{', '{"later": [1, null],'), undefined],
  ['I-34', 'another format', clear.replace('srp key 1', 'srp key 2'), undefined],
];

const outcomes = await Promise.all(
  cases.map(async ([, , text, given]) => {
    try {
      return { seed: toHex((await decodeKeyFile(utf8(text), 'the file', given)).privateKey) };
    } catch (error) {
      return { refused: (error as { code: string }).code };
    }
  }),
);

export const keyFileVectors = () => cases.map(([rule, description, text, given], i) => ({ description, rule, text, passphrase: given ?? null, ...outcomes[i] }));
