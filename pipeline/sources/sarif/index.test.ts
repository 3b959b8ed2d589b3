import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import { objectOf, type JsonObject } from '../../../platform/json.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { findingOf } from '../../timeline/finding-of.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { sarif } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));

function sample(name: string): JsonObject {
  const found = samples.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no sample ${name}`);
  return found.record;
}

const read = (name: string): ReadRecord => sarif.read(sample(name));
/** A record about one result. */
const of = (result: JsonObject, rule?: JsonObject, run: JsonObject = {}): JsonObject => ({
  sarif: '2.1.0',
  run: { invocations: [{ endTimeUtc: '2026-11-20T09:00:00Z' }], ...run },
  ...(rule !== undefined && { rule }),
  result,
});
const found = (result: JsonObject, rule?: JsonObject, run?: JsonObject) =>
  findingOf(sarif.read(of(result, rule, run)).event);

function expectPromises(record: JsonObject): void {
  sarif.recognises(record);
  let result: ReadRecord | undefined;
  try {
    result = sarif.read(record);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
  }
  expect(sarif.schema.safeParse(record).success).toBe(result !== undefined);
  if (result === undefined) return;
  const { event } = result;
  expect(violations(event.ocsf)).toEqual([]);
  expect(event.id).toMatch(/^sarif\/[\x21-\x7e]{1,250}$/);
  expect(event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
  expect(event.entities.map(({ key }) => key)).toContain(event.principal);
  expect(findingOf(event)?.asset).toBe(event.principal);
  expect(sarif.read(record).event).toEqual(event);
}

describe('every sample', () => {
  it.each(samples)('$name is recognised, read as valid OCSF, and not changed', ({ record }) => {
    expect(sarif.recognises(record)).toBe(true);
    expectPromises(frozen(structuredClone(record)));
    expect(JSON.stringify(record)).not.toMatch(/not-a-real-key|invented-token/);
  });

  it('is a finding of its own', () => {
    const findings = samples.map(({ record }) => findingOf(sarif.read(record).event));
    expect(new Set(findings.map((finding) => finding?.id)).size).toBe(samples.length);
  });
});

describe('results', () => {
  it.each([
    ['code-analysis.json[0]', 200701, 4, 'open', 'github-repo:contoso-example/shop', 'src/orders.js:42'],
    ['code-analysis.json[1]', 200702, 2, 'open', 'github-repo:contoso-example/shop', 'src/cart.js:7'],
    ['code-analysis.json[2]', 200703, 4, 'fixed', 'github-repo:contoso-example/shop', 'src/old.js:3'],
    ['code-analysis.json[3]', 200703, 4, 'suppressed', 'github-repo:contoso-example/shop', 'test/fixtures.js:9'],
    ['image-scan.json[0]', 200201, 5, 'open', 'image:registry.contoso.example/shop/checkout:1.4.2', 'shop/checkout:1'],
    ['image-scan.json[2]', 200301, 4, 'open', 'image:registry.contoso.example/shop/checkout:1.4.2', 'DS002'],
    ['image-scan.json[3]', 200701, 5, 'open', 'image:registry.contoso.example/shop/checkout:1.4.2', 'deploy/.env:3'],
    ['settings-and-secrets.json[0]', 200301, 4, 'open', 'scan-target:/builds/contoso/infrastructure', 'CKV_AZURE_59'],
    [
      'settings-and-secrets.json[1]',
      200303,
      1,
      'fixed',
      'scan-target:/builds/contoso/infrastructure',
      'CKV_AZURE_59/1',
    ],
    ['settings-and-secrets.json[2]', 200701, 4, 'open', 'scan-target:leaks', 'deploy/values.yaml:8'],
    ['settings-and-secrets.json[3]', 200701, 1, 'open', 'scan-target:unnamed', undefined],
    ['settings-and-secrets.json[4]', 200701, 3, 'open', 'scan-target:unnamed', undefined],
  ])('%s is of type %d and severity %d, %s, in %s, at %s', (name, type, severity, status, asset, subject) => {
    const { event } = read(name);
    expect([event.ocsf.type_uid, event.ocsf.severity_id]).toEqual([type, severity]);
    expect(findingOf(event)).toMatchObject({ status, asset, subject });
  });

  it('name the vulnerabilities that their rules are about', () => {
    expect(findingOf(read('image-scan.json[0]').event)?.cves).toEqual(['CVE-2026-10002']);
    expect(read('image-scan.json[1]').event.ocsf).toMatchObject({
      ...{ class_uid: 2002, vulnerabilities: [{ advisory: { uid: 'GHSA-2h3j-4x5m-6q7r' } }] },
    });
    expect(found({ ruleId: 'CVE-2026-10002-invented-ssl' })?.cves).toEqual(['CVE-2026-10002']);
  });

  it('name the kind of weakness that the tags of their rules say', () => {
    expect(read('code-analysis.json[0]').event.ocsf).toMatchObject({ vulnerabilities: [{ cwe: { uid: 'CWE-89' } }] });
    expect(read('image-scan.json[3]').event.ocsf).toMatchObject({ vulnerabilities: [{ cwe: { uid: 'CWE-798' } }] });
  });

  it.each([
    [{ level: 'error' }, undefined, 'high'],
    [{}, { defaultConfiguration: { level: 'note' } }, 'low'],
    [{}, undefined, 'medium'],
    [{ level: 'none' }, { properties: { 'security-severity': '9.0' } }, 'critical'],
    [{}, { properties: { 'security-severity': '6.9' } }, 'medium'],
    [{}, { properties: { 'security-severity': '0.0' } }, 'informational'],
    [{ level: 'error' }, { properties: { 'security-severity': '99' } }, 'high'],
    [{ properties: { 'security-severity': '3.9' } }, { properties: { 'security-severity': '9.0' } }, 'low'],
  ])('%j of a rule %j are %s', (result, rule, severity) => {
    expect(found(result, rule)?.severity).toBe(severity);
  });

  it.each([
    [[{ kind: 'external' }], 'suppressed'],
    [
      [
        { kind: 'external', status: 'accepted' },
        { kind: 'inSource', status: 'rejected' },
      ],
      'open',
    ],
    [[{ kind: 'external', status: 'underReview' }], 'open'],
    [[], 'open'],
  ])('with the suppressions %j are %s', (suppressions, status) => {
    expect(found({ suppressions })?.status).toBe(status);
  });

  it('are the same finding in the next log, though the code moved', () => {
    const at = (startLine: number) => [
      { physicalLocation: { artifactLocation: { uri: 'a.js' }, region: { startLine } } },
    ];
    const partialFingerprints = { primaryLocationLineHash: 'aa:1', primaryLocationStartColumnFingerprint: '3' };
    const first = found({ ruleId: 'r', locations: at(3), partialFingerprints });
    const moved = { ...partialFingerprints, primaryLocationStartColumnFingerprint: '9' };
    expect(found({ ruleId: 'r', locations: at(7), partialFingerprints: moved })?.id).toBe(first?.id);
    expect(found({ ruleId: 'r', locations: at(3) })?.id).not.toBe(found({ ruleId: 'r', locations: at(7) })?.id);
    expect(found({ ruleId: 'r', fingerprints: { v1: 'x' } })?.id).not.toBe(found({ ruleId: 'r' })?.id);
    expect(found({ ruleId: 'other', locations: at(3), partialFingerprints })?.id).not.toBe(first?.id);
  });

  it('are as old as the last run that ended, or else as the log', () => {
    const invocations = [{ endTimeUtc: '2026-11-20T09:00:00Z' }, { startTimeUtc: '2026-11-20T09:30:00Z' }];
    expect(sarif.read(of({}, undefined, { invocations })).event.time).toBe(Date.UTC(2026, 10, 20, 9));
    const late = { ...of({}, undefined, { invocations: [] }), received: '2026-11-21T00:00:00.000Z' };
    const { event } = sarif.read(late);
    expect(event.time).toBe(Date.UTC(2026, 10, 21));
    expect(event.ocsf.metadata).toMatchObject({ logged_time: event.time });
    expect(event.ocsf.metadata.original_time).toBeUndefined();
  });
});

describe('rejections', () => {
  it.each([
    [{ version: '2.0.0', runs: [] }, "version: expected version 2.1.0 of SARIF, found '2.0.0'"],
    [{ version: '2.1.0', runs: [] }, 'result: expected a result, found nothing'],
    [of({}, undefined, { invocations: [] }), 'run.invocations.endTimeUtc: expected a time, found nothing'],
    [
      of({}, undefined, { invocations: [{ endTimeUtc: 'late' }] }),
      "run.invocations.endTimeUtc: expected a time, found 'late'",
    ],
  ])('of %j name what is wrong', (record, reason) => {
    expect(sarif.recognises(record)).toBe(true);
    expect(() => sarif.read(record)).toThrow(new RejectedRecord(reason));
  });
});

describe('recognises', () => {
  it.each([[{ runs: [] }], [{ version: '1' }], [{ sarif: '2.1.0' }], [{ result: {} }], [{}]])(
    'leaves %j to others',
    (record) => {
      expect(sarif.recognises(record)).toBe(false);
    },
  );
});

it('makes of any object, and of any damaged record, a valid event or a named rejection, as the schema says', () => {
  const names = ['sarif', 'run', 'rule', 'result', 'received', 'version', 'message', 'locations', 'properties', 'kind'];
  const any = anyObject(names).map((record) => of(objectOf(record['result']) ?? record, objectOf(record['rule'])));
  fc.assert(fc.property(fc.oneof(anyObject(names), any, damaged(samples), damaged(samples)), expectPromises), {
    numRuns: 1000,
  });
});
