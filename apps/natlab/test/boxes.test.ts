// What the kernel's boxes prove to be.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Proof } from '../dist/lab/proof.js';
import { inKernel, lab } from './tools/lab.js';

const test = suite('boxes of the kernel');

/** Mapping and filtering. Written out a second time on purpose: what the names mean, apart from how the boxes are made. */
const meanings = {
  open: 'independent independent',
  'full-cone': 'independent independent',
  'address-restricted': 'independent address',
  'port-restricted': 'independent address-and-port',
  symmetric: 'address-and-port address-and-port',
  'symmetric-block': 'address-and-port address-and-port',
  'carrier-grade': 'independent address-and-port',
  'three-nats': 'independent address-and-port',
  mapped: 'independent address-and-port',
  'one-nat': 'independent address-and-port',
  'one-nat-hairpin': 'independent independent',
  'dual-stack': 'independent address-and-port',
  'ipv6-only': 'independent address-and-port',
};

let proofs: readonly Proof[] = [];
const proofsOf = (kind: string): readonly Proof[] => proofs.filter((one) => one.kind === kind);

inKernel(test, 'the proof of every box', () => {
  test('every box is proved', async () => {
    const { status, stdout, stderr } = await lab(['--prove', '--json']);
    assert.is(status, 0, stderr);
    ({ proofs } = JSON.parse(stdout) as { proofs: Proof[] });
    assert.equal([...new Set(proofs.map(({ kind }) => kind))], Object.keys(meanings));
    assert.is(proofsOf('dual-stack').length, 2);
  });

  for (const [kind, meaning] of Object.entries(meanings)) {
    test(`the kernel's ${kind} is what it is named`, () => {
      assert.ok(proofsOf(kind).length > 0);
      for (const { family, finding, faults } of proofsOf(kind)) {
        assert.is(`${finding.mapping} ${finding.filtering}`, meaning);
        assert.is(finding.hairpin, family === 6 || ['open', 'one-nat-hairpin'].includes(kind));
        assert.is(finding.lives, kind === 'open' ? null : true);
        assert.is(finding.punchable, meaning.startsWith('independent') ? true : null);
        assert.equal(faults, []);
      }
    });
  }

  test('a symmetric box draws from all ports, or from its block of 4096', () => {
    const [low, high] = proofsOf('symmetric')[0]!.finding.ports!;
    assert.ok(high - low > 40_000, `${low}..${high}`);
    const [lowOfBlock, highOfBlock] = proofsOf('symmetric-block')[0]!.finding.ports!;
    assert.ok(highOfBlock - lowOfBlock > 2_048 && highOfBlock - lowOfBlock < 4_096, `${lowOfBlock}..${highOfBlock}`);
  });
});

test.run();
