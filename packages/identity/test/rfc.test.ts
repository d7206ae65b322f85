/** Test vectors copied from the standards, for both suites. */
import { concat, fromHex, toHex, utf8 } from '@srp/machine';
import { suite as uvu } from 'uvu';
import * as assert from 'uvu/assert';
import { suites } from './suites.js';

const none = new Uint8Array(0);
const range = (from: number, length: number) => Uint8Array.from({ length }, (_, i) => from + i);
const poem = utf8("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.");

/** RFC 8032 section 7.1: seed, public key, message, signature. */
const ed25519 = {
  'TEST 1': ['9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '', 'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'],
  'TEST 2': ['4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72', '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'],
  'TEST 3': ['c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7', 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82', '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'],
  'TEST SHA(abc)': ['833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42', 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf', 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f', 'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704'],
} as const;

for (const suite of suites) {
  const test = uvu(`RFC vectors, ${suite.name}`);

  test('SHA-256: FIPS 180-4, one block, two blocks, in parts', () => {
    assert.is(toHex(suite.sha256()), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    assert.is(toHex(suite.sha256(utf8('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.is(toHex(suite.sha256(utf8('a'), none, utf8('bc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.is(toHex(suite.sha256(utf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'))), '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1');
  });

  test('HMAC-SHA256: RFC 4231 cases 1, 2, 6', () => {
    assert.is(toHex(suite.hmacSha256(new Uint8Array(20).fill(0x0b), utf8('Hi There'))), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7');
    assert.is(toHex(suite.hmacSha256(utf8('Jefe'), utf8('what do ya want '), utf8('for nothing?'))), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
    assert.is(toHex(suite.hmacSha256(new Uint8Array(131).fill(0xaa), utf8('Test Using Larger Than Block-Size Key - Hash Key First'))), '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54');
  });

  test('HKDF-SHA256: RFC 5869 cases 1, 2, 3', () => {
    assert.is(toHex(suite.hkdfSha256(new Uint8Array(22).fill(0x0b), range(0, 13), range(0xf0, 10), 42)), '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
    assert.is(
      toHex(suite.hkdfSha256(range(0, 80), range(0x60, 80), range(0xb0, 80), 82)),
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    );
    assert.is(toHex(suite.hkdfSha256(new Uint8Array(22).fill(0x0b), none, none, 42)), '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8');
  });

  test('Ed25519: RFC 8032 section 7.1', () => {
    for (const [name, [seed, publicKey, message, signature]] of Object.entries(ed25519)) {
      assert.is(toHex(suite.ed25519PublicKey(fromHex(seed))), publicKey, name);
      assert.is(toHex(suite.ed25519Sign(fromHex(seed), fromHex(message))), signature, name);
      assert.ok(suite.ed25519Verify(fromHex(publicKey), fromHex(message), fromHex(signature)), name);
    }
  });

  test('X25519: RFC 7748 section 5.2, single and iterated once', () => {
    const shared = (k: string, u: string) => toHex(suite.x25519(fromHex(k), fromHex(u)) ?? none);
    assert.is(shared('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4', 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'), 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
    assert.is(shared('4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d', 'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493'), '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957');
    const nine = toHex(Uint8Array.of(9, ...new Uint8Array(31)));
    assert.is(shared(nine, nine), '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
  });

  test('X25519: RFC 7748 section 6.1, both sides of an exchange', () => {
    const a = fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const b = fromHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    assert.is(toHex(suite.x25519PublicKey(a)), '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    assert.is(toHex(suite.x25519PublicKey(b)), 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    assert.is(toHex(suite.x25519(a, suite.x25519PublicKey(b)) ?? none), shared);
    assert.is(toHex(suite.x25519(b, suite.x25519PublicKey(a)) ?? none), shared);
  });

  test('ChaCha20: RFC 8439 section 2.4.2', () => {
    const encrypted = suite.chachaStream(range(0, 32), fromHex('000000000000004a00000000'), 1, poem);
    assert.is(
      toHex(encrypted),
      '6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d',
    );
  });

  test('ChaCha20-Poly1305: RFC 8439 section 2.8.2', () => {
    const key = range(0x80, 32);
    const nonce = fromHex('070000004041424344454647');
    const aad = fromHex('50515253c0c1c2c3c4c5c6c7');
    const sealed = fromHex(
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
    );
    assert.equal(suite.chachaSeal(key, nonce, aad, poem), sealed);
    assert.equal(suite.chachaOpen(key, nonce, aad, sealed), poem);
  });

  test('XChaCha20-Poly1305: draft-irtf-cfrg-xchacha-03 appendix A.3.1', () => {
    const key = range(0x80, 32);
    const nonce = range(0x40, 24);
    const aad = fromHex('50515253c0c1c2c3c4c5c6c7');
    const sealed = concat(
      fromHex('bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e'),
      fromHex('c0875924c1c7987947deafd8780acf49'),
    );
    assert.equal(suite.xchachaSeal(key, nonce, aad, poem), sealed);
    assert.equal(suite.xchachaOpen(key, nonce, aad, sealed), poem);
  });

  test('scrypt: RFC 7914 section 12, cases 1 and 2', () => {
    assert.is(
      toHex(suite.scrypt(none, none, { N: 16, r: 1, p: 1 }, 64)),
      '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    );
    assert.is(
      toHex(suite.scrypt(utf8('password'), utf8('NaCl'), { N: 1024, r: 8, p: 16 }, 64)),
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    );
  });

  test.run();
}
