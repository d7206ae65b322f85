// What is found, and what the doctor says of it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isEnough, type Findings } from '../dist/examine.js';
import { type Check, diagnose } from '../dist/judge.js';
import { jsonOf, textOf } from '../dist/report.js';

const test = suite('the diagnosis');
type Network = Findings['network'];
const found = (network: Partial<{ [Key in keyof Network]: unknown }> = {}, rest: Partial<Findings> = {}): Findings => ({
  network: {
    listening: ['192.168.1.2:4000', '127.0.0.1:4000'],
    observed: ['60.1.2.3:4000'],
    mapping: 'independent',
    filtering: 'unknown',
    openAt: null,
    portMapping: { state: 'none', by: null, address: null, why: 'the gateway gives no ports' },
    lan: { state: 'on', found: 0, why: null },
    clockAheadMs: 100,
    ...network,
  } as Network,
  heard: ['60.9.9.9:5000'],
  introducerCount: 4,
  isFilterTried: true,
  tookMs: 3_000,
  ...rest,
});
const checkOf = (findings: Findings, name: Check['name']): Check => diagnose(findings).checks.find((one) => one.name === name)!;
const pathsOf = (findings: Findings): string => diagnose(findings).pairs.map(({ path }) => path).join();

test('a peer behind a NAT with one port for all meets most directly', () => {
  const findings = found();
  assert.equal([diagnose(findings).kind, diagnose(findings).isWell, pathsOf(findings)], ['cone', true, 'direct,direct,either']);
  assert.match(checkOf(findings, 'ipv4').says, /has 192\.168\.1\.2:4000, and is seen as 60\.1\.2\.3:4000/);
  assert.match(checkOf(findings, 'port mapping').advice ?? '', /Turn on UPnP/);
});

test('a NAT with a port for each destination is told, with what to do', () => {
  const findings = found({ mapping: 'dependent', observed: [] });
  assert.equal([diagnose(findings).kind, pathsOf(findings)], ['symmetric', 'direct,either,relayed']);
  assert.is(checkOf(findings, 'nat').state, 'fair');
  assert.ok(checkOf(findings, 'nat').advice !== null);
});

test('a peer is open where it listens or where the gateway forwards, and not if somebody found strangers kept out', () => {
  const open = { openAt: '60.1.2.3:4000', listening: ['60.1.2.3:4000'] };
  assert.is(diagnose(found(open)).kind, 'open');
  assert.is(diagnose(found({ ...open, filtering: 'address-and-port' })).kind, 'cone');
  assert.match(checkOf(found({ ...open, filtering: 'address' }), 'nat').says, /firewall/);
  assert.is(diagnose(found({ openAt: '192.168.1.2:4000' })).kind, 'cone', 'others on the local network say so');
  const mapped = found({ openAt: '60.1.2.3:4000', filtering: 'address-and-port', portMapping: { state: 'confirmed', by: 'pcp', address: '60.1.2.3:4000', why: null } });
  assert.match(checkOf(mapped, 'nat').says, /router lets in/);
});

test('a mapping that is of no use, or not confirmed, is told as such', () => {
  const mapping = { by: 'upnp', address: '100.64.0.2:4000', why: null };
  assert.equal(checkOf(found({ portMapping: { ...mapping, state: 'contradicted', why: 'a second NAT' } }), 'port mapping').state, 'fair');
  assert.match(checkOf(found({ portMapping: { ...mapping, state: 'granted' } }), 'port mapping').says, /Nobody has confirmed/);
});

test('no network, and introducers that do not answer, are bad; that nobody was asked is not', () => {
  const alone = found({ listening: ['127.0.0.1:4000'], observed: [], mapping: 'unknown' }, { heard: [], introducerCount: 0 });
  assert.equal([diagnose(alone).kind, diagnose(alone).isWell], ['none', false]);
  const silent = found({ observed: [], mapping: 'unknown' }, { heard: [] });
  assert.equal([diagnose(silent).kind, diagnose(silent).isWell, checkOf(silent, 'udp').state], ['none', false, 'bad']);
  const unasked = found({ observed: [], mapping: 'unknown', clockAheadMs: null }, { heard: [], introducerCount: 0 });
  assert.equal([diagnose(unasked).kind, diagnose(unasked).isWell, pathsOf(unasked)], ['unknown', true, 'unknown,unknown,unknown']);
});

test('a clock is judged by what others refuse', () => {
  const saysOf = (clockAheadMs: number): string => `${checkOf(found({ clockAheadMs }), 'clock').state} ${checkOf(found({ clockAheadMs }), 'clock').says}`;
  assert.equal([saysOf(-400), saysOf(30_000), saysOf(-180_000)], ['good The clock is right to a second.', 'good The clock is 30 s ahead.', 'fair The clock is 3 min behind.']);
  assert.match(saysOf(86_400_000), /^bad The clock is 24 h ahead: others refuse/);
  assert.is(diagnose(found({ clockAheadMs: 86_400_000 })).isWell, false);
});

test('looks no longer than it learns something', () => {
  assert.is(isEnough(found(), 'all'), true);
  assert.is(isEnough(found({}, { tookMs: 1_000 }), 'all'), false, 'the local network may still answer');
  assert.is(isEnough(found({ portMapping: { state: 'asking' } }), 'off'), false);
  assert.is(isEnough(found({ mapping: 'unknown' }), 'off'), false);
  assert.is(isEnough(found({}, { isFilterTried: false }), 'off'), false, 'neighbours are still trying what is let in');
  assert.is(isEnough(found({ mapping: 'unknown' }, { introducerCount: 0, heard: [], tookMs: 100 }), 'off'), true, 'nobody will tell');
  assert.is(isEnough(found({ mapping: 'unknown' }, { heard: [], tookMs: 7_000 }), 'off'), false);
  assert.is(isEnough(found({ mapping: 'unknown' }, { heard: [], tookMs: 8_000 }), 'off'), true, 'they do not answer');
});

test('the report names every check for a person, and is one line for a program', () => {
  const findings = found();
  const diagnosis = diagnose(findings);
  const text = textOf(diagnosis, findings);
  for (const { name } of diagnosis.checks) assert.ok(text.includes(`  ${name}`), name);
  const json = jsonOf(diagnosis, findings);
  assert.not.match(json, /\n/);
  const { ok, kind, pairs } = JSON.parse(json) as { ok: boolean; kind: string; pairs: unknown[] };
  assert.equal([ok, kind, pairs.length], [true, 'cone', 3]);
});

test.run();
