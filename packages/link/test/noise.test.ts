// The handshake against published vectors, by way of its slow twin; and against what an attacker may hand in.
import { agreementSecretKey, generateKeyPair, keyPairOf, seededRandom, suite } from '@srp/identity';
import { concat, fromHex, instant, toHex, utf8 } from '@srp/machine';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freshEphemeral, noiseNonce, readInit, readResponse, type StaticKeys, writeInit, writeResponse } from '../dist/noise.js';
import { handshakeIK } from './reference/noise-ik.js';

/**
 * Noise_IK_25519_ChaChaPoly_SHA256 of two published sets: github.com/haskell-cryptography/cacophony,
 * vectors/cacophony.txt, and github.com/mcginty/snow, tests/vectors/snow.txt.
 */
const published = [
  {
    source: 'cacophony',
    prologue: '4a6f686e2047616c74',
    initStatic: 'e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1',
    initEphemeral: '893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a',
    respPublic: '31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62',
    respStatic: '4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893',
    respEphemeral: 'bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b',
    hash: '0b0f68fb0c27e03ce9b97565995ed4838cc0581b762ef72b062f6a546419fad7',
    messages: [
      ['4c756477696720766f6e204d69736573', 'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944718da798efbcd91528520204f904b9bd6c7413dccdc214d951e15253e39987f18146e8cd0873654207148333479d4d16c289f0294b29960a72f48e0b7bba2e89083169825e59642148d492020664ccf7'],
      ['4d757272617920526f746862617264', '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088435361e70b2ed446e6c9ec387d1d6b3b840f194e373979d241b203c4acafccf5'],
      ['462e20412e20486179656b', '050e9f3c8fac16b68dbce8f8c4bfbf6617c897f9ada4aa29aa19c8'],
      ['4361726c204d656e676572', '344233a6cabb7141d80f3da2fedc311d9646bbb0f505afe403a667'],
      ['4a65616e2d426170746973746520536179', '62cdeeb172ad7ade7aa7d9e069da5790f12331bfa00177787a1d0810c67dc3b2b4'],
      ['457567656e2042f6686d20766f6e2042617765726b', '029bead1b40992327044d409d9a1f3ad8f36c3c452775d557e18bbeb2e8dfcead32d514024'],
    ],
  },
  {
    source: 'snow',
    prologue: '5468657265206973206e6f20726967687420616e642077726f6e672e2054686572652773206f6e6c792066756e20616e6420626f72696e672e',
    initStatic: 'f49f93c5112c0787acc808d61716d7e090e076a58f15a3f78d92773f8dcb473b',
    initEphemeral: 'dae68498c41315cff7e4a34dded8d973199d8f0cf3fcb8b6651c169de77de8be',
    respPublic: '2ea5942829bac414e25aa4cbb1bcc43394816ebb1bd12550d7d0eb4415e42951',
    respStatic: 'b790546f98b1e933c48cd01f17e7b281469d46fcacc9a3b584ae65b1d6272e8e',
    respEphemeral: 'c0875a5b59c8492bd2135e5432d7d484f938e0a1f5009428c4bcb70b2f69f69f',
    hash: null,
    messages: [
      ['95a8f51c435a9530ff1f30868ed7b23ec952eb513c26a0774fed82d2978a8c81', '6d21fec9141f3f37cc464e936a48b2d9521b5a44e0f3d960895d3c3fba30282f731f445c25e898e2534ac0536715b24308c108fc46bd260c887b36c3f68e3a05654fc8295c068ed53fb2022560961224e0b10b0835e1efc82fc587cd50f7178fe3d9eb06e0351c6e7334162c10bed670bfa2a105f7b2768a140b3fd597782601'],
      ['b866b807a6d8b83182b884dbfedc861843c5082bd6e480cb54e4245a72083041', 'e64e1fb8701c4f4bc3850b255fea657d4d835338b059c89acc99628fbe52473b41a4e79e3c1e6abc46bf80f078a005e15d8a3e04f989af3e6cb99b52031165006163ac3e17b928af8c116009d7bf4fb2'],
      ['e3a4937faef391028f759758b428b57652e0069a8dee64dfed01b60846938740', '2bebe19102169cdfe79cf41e38930bfd20a5b2fc78ccf33e853ddd939c0983174656eb27b61464a607762848892ca1c0'],
      ['693972f27b0cb98aeac1fb54d782125431e7540e0cb2fa882cf51a8184d724fd', 'c7c56da33b45d12f4754e17978bd49999c9c8f51d00db460f902aba2e6e245d0c46662f507915de8596f43b1d175f1db'],
    ],
  },
] as const;

for (const vector of published) {
  test(`the slow twin gives the published bytes of ${vector.source}`, () => {
    const plain = (secret: string) => ({ secret: fromHex(secret), shown: suite.x25519PublicKey(fromHex(secret)) });
    assert.is(toHex(plain(vector.respStatic).shown), vector.respPublic);
    const result = handshakeIK({
      prologue: fromHex(vector.prologue),
      initiator: plain(vector.initStatic),
      responder: plain(vector.respStatic),
      initiatorEphemeral: fromHex(vector.initEphemeral),
      responderEphemeral: fromHex(vector.respEphemeral),
      payloads: [fromHex(vector.messages[0][0]), fromHex(vector.messages[1][0])],
    });
    assert.equal(result.messages.map(toHex), [vector.messages[0][1], vector.messages[1][1]]);
    if (vector.hash !== null) assert.is(toHex(result.hash), vector.hash);
    vector.messages.slice(2).forEach(([payload, ciphertext], n) => assert.is(toHex(result.seal(n, fromHex(payload))), ciphertext));
  });
}

const staticOf = (seed: Uint8Array): StaticKeys => {
  const { publicKey, privateKey } = keyPairOf(seed);
  return { publicKey, agreementSecret: agreementSecretKey(privateKey) };
};
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('the handshake gives what the slow twin gives, with PeerIds in the transcript', () => {
  fc.assert(
    fc.property(bytes32, bytes32, bytes32, bytes32, fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b, ei, er, first, second) => {
      const [alice, bob] = [staticOf(a), staticOf(b)];
      const twin = handshakeIK({
        prologue: utf8('srp1'),
        initiator: { secret: alice.agreementSecret, shown: alice.publicKey },
        responder: { secret: bob.agreementSecret, shown: bob.publicKey },
        initiatorEphemeral: ei,
        responderEphemeral: er,
        payloads: [first, second],
      });
      const init = writeInit(alice, bob.publicKey, ei, first)!;
      assert.equal(init.message, twin.messages[0]);
      const read = readInit(bob, init.message)!;
      assert.equal(read.payload, first);
      assert.equal(read.state.remotePublicKey, alice.publicKey);
      const response = writeResponse(read.state, er, second)!;
      assert.equal(response.message, twin.messages[1]);
      const answered = readResponse(init.state, response.message)!;
      assert.equal(answered.payload, second);
      assert.equal(answered.keys, concat(...twin.keys));
      assert.equal(response.keys, answered.keys);
    }),
    { numRuns: 25 },
  );
});

const alice = staticOf(new Uint8Array(32).fill(1));
const bob = staticOf(new Uint8Array(32).fill(2));
const eve = staticOf(new Uint8Array(32).fill(3));
const secret = (n: number): Uint8Array => new Uint8Array(32).fill(n);

test('every changed bit of either message is noticed, and the true one still works afterwards', () => {
  const init = writeInit(alice, bob.publicKey, secret(4), utf8('hello'))!;
  for (let i = 0; i < init.message.length; i += 1) {
    const changed = init.message.slice();
    changed[i]! ^= 1 << (i % 8);
    assert.is(readInit(bob, changed), null, `byte ${i} of INIT`);
  }
  const read = readInit(bob, init.message)!;
  const response = writeResponse(read.state, secret(5), utf8('hi'))!;
  for (let i = 0; i < response.message.length; i += 1) {
    const changed = response.message.slice();
    // The highest bit of an X25519 key is ignored by RFC 7748, but hashed all the same.
    changed[i]! ^= 1 << (i % 8);
    assert.is(readResponse(init.state, changed), null, `byte ${i} of RESP`);
  }
  assert.equal(readResponse(init.state, response.message)!.payload, utf8('hi'));
});

test('nobody but the one it was made for reads a first message', () => {
  const init = writeInit(alice, bob.publicKey, secret(4), utf8('hello'))!;
  assert.is(readInit(eve, init.message), null);
});

test('an alias of the responder, with the same X25519 form, is another peer', () => {
  const twin = bob.publicKey.slice();
  twin[31]! ^= 0x80; // -A: the same u, another PeerId
  const init = writeInit(alice, twin, secret(4), utf8('hello'))!;
  assert.is(readInit(bob, init.message), null);
});

test('whoever has only the responder key cannot answer for it, nor speak for a static key he does not hold', () => {
  const init = writeInit(alice, bob.publicKey, secret(4), utf8('hello'))!;
  const read = readInit(bob, init.message)!;
  const forged = writeResponse({ ...read.state, remoteAgreement: suite.x25519PublicKey(eve.agreementSecret) }, secret(6), utf8('hi'))!;
  assert.is(readResponse(init.state, forged.message), null);
  const claimed = writeInit({ publicKey: alice.publicKey, agreementSecret: eve.agreementSecret }, bob.publicKey, secret(4), utf8('hello'))!;
  assert.is(readInit(bob, claimed.message), null);
});

test('low-order and impossible keys give nothing', () => {
  const lowOrder = concat(new Uint8Array(32), new Uint8Array(80));
  assert.is(readInit(bob, lowOrder), null);
  assert.is(writeInit(alice, new Uint8Array(32), secret(4), utf8('x')), null);
  assert.is(writeInit(alice, new Uint8Array(31), secret(4), utf8('x')), null);
  const read = readInit(bob, writeInit(alice, bob.publicKey, secret(4), utf8('x'))!.message)!;
  assert.is(writeResponse({ ...read.state, remoteEphemeral: new Uint8Array(32) }, secret(5), utf8('y')), null);
  const init = writeInit(alice, bob.publicKey, secret(4), utf8('x'))!;
  assert.is(readResponse(init.state, new Uint8Array(48)), null);
  assert.is(readResponse(init.state, new Uint8Array(0)), null);
  assert.is(readInit(bob, new Uint8Array(0)), null);
});

test('a restored snapshot does not draw the same ephemeral key again', () => {
  const draw = (now: number, other: Uint8Array): string => toHex(freshEphemeral(seededRandom(secret(9)), instant(now), other));
  assert.is(draw(1000, bob.publicKey), draw(1000, bob.publicKey));
  assert.is.not(draw(1000, bob.publicKey), draw(1001, bob.publicKey));
  assert.is.not(draw(1000, bob.publicKey), draw(1000, eve.publicKey));
});

test('nonces are four zeros and the counter, little-endian', () => {
  assert.is(toHex(noiseNonce(0)), '000000000000000000000000');
  assert.is(toHex(noiseNonce(0x0102030405)), '000000000504030201000000');
  assert.is(toHex(noiseNonce(2 ** 49 - 1)), '00000000ffffffffffff0100');
});

test('keys of fresh pairs differ for each side and each handshake', () => {
  const random = seededRandom(secret(7));
  const keys = [1, 2].map(() => {
    const pair = generateKeyPair(random);
    const init = writeInit({ publicKey: pair.publicKey, agreementSecret: agreementSecretKey(pair.privateKey) }, bob.publicKey, random.bytes(32), utf8(''))!;
    return toHex(writeResponse(readInit(bob, init.message)!.state, random.bytes(32), utf8(''))!.keys);
  });
  const halves = keys.flatMap((key) => [key.slice(0, 64), key.slice(64)]);
  assert.is(new Set(halves).size, 4);
});

test.run();
