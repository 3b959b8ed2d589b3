import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import { objectOf, type JsonObject } from '../../../platform/json.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { findingOf } from '../../timeline/finding-of.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { trivy } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const IMAGE = 'image:registry.contoso.example/shop/checkout:1.4.2';
const REPOSITORY = 'github-repo:contoso-example/infrastructure';

function sample(name: string): JsonObject {
  const found = samples.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no sample ${name}`);
  return found.record;
}

const read = (name: string): ReadRecord => trivy.read(sample(name));
const finding = (record: JsonObject) => findingOf(trivy.read(record).event);
const vulnerability = (changes: JsonObject): JsonObject => {
  const record = sample('image.json[0]');
  return { ...record, Vulnerability: { ...objectOf(record['Vulnerability']), ...changes } };
};

function expectPromises(record: JsonObject): void {
  trivy.recognises(record);
  let result: ReadRecord | undefined;
  try {
    result = trivy.read(record);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
  }
  expect(trivy.schema.safeParse(record).success).toBe(result !== undefined);
  if (result === undefined) return;
  const { event } = result;
  expect(violations(event.ocsf)).toEqual([]);
  expect(event.id).toMatch(/^trivy\/[\x21-\x7e]{1,250}$/);
  expect(event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
  expect(event.entities.map(({ key }) => key)).toContain(event.principal);
  expect(findingOf(event)?.asset).toBe(event.principal);
  expect(trivy.read(record).event).toEqual(event);
}

describe('every sample', () => {
  it.each(samples)('$name is recognised, read as valid OCSF, and not changed', ({ record }) => {
    expect(trivy.recognises(record)).toBe(true);
    expectPromises(frozen(structuredClone(record)));
    expect(JSON.stringify(record)).not.toMatch(/not-a-real-key|invented-token/);
  });

  it('is a finding of its own', () => {
    expect(new Set(samples.map(({ record }) => finding(record)?.id)).size).toBe(samples.length);
  });
});

describe('findings', () => {
  it.each([
    ['image.json[0]', 200201, 'critical', 'open', IMAGE, 'invented-ssl 3.0.1-r0', '3.0.2-r0'],
    ['image.json[1]', 200203, 'high', 'suppressed', IMAGE, 'invented-tar 1.35-r2', undefined],
    ['image.json[2]', 200201, 'medium', 'open', IMAGE, 'invented-parser 3.3.0', '3.4.1'],
    ['image.json[3]', 200201, 'medium', 'open', IMAGE, 'invented-archiver 1.0.0', undefined],
    ['repository.json[0]', 200301, 'critical', 'open', REPOSITORY, 'AVD-AZU-0012', 'Set the default action to Deny.'],
    ['repository.json[1]', 200303, 'high', 'fixed', REPOSITORY, 'AVD-AZU-0013', 'Require HTTPS.'],
    ['repository.json[2]', 200303, 'low', 'suppressed', REPOSITORY, 'AVD-AZU-0014', undefined],
    ['file-system.json', 200201, 'high', 'open', 'scan-target:/builds/contoso/shop', 'invented-parser 3.3.0', '3.4.1'],
  ])('%s is of type %d, %s, %s, in %s: %s, mended by %s', (name, type, severity, status, asset, subject, fix) => {
    const { event } = read(name);
    expect(event.ocsf.type_uid).toBe(type);
    expect(findingOf(event)).toMatchObject({ severity, status, asset, subject });
    expect(findingOf(event)?.fix).toBe(fix);
  });

  it('name their vulnerability by its CVE, else as Trivy does, with the scores of all who gave one', () => {
    expect(finding(sample('image.json[0]'))).toMatchObject({ cves: ['CVE-2026-10002'], cvss: 9.1 });
    expect(read('image.json[0]').event.ocsf).toMatchObject({
      vulnerabilities: [
        { cve: { cvss: [{ version: '3.1' }, { base_score: 7.4 }, { version: '4.0', vendor_name: 'ghsa' }] } },
      ],
    });
    expect(read('image.json[3]').event.ocsf).toMatchObject({
      vulnerabilities: [{ advisory: { uid: 'TEMP-0290435-0B57B5' } }],
    });
  });

  it('of secrets say where one stands, and what kind it is', () => {
    const { event } = read('image.json[4]');
    expect(event.ocsf.type_uid).toBe(200701);
    expect(findingOf(event)).toMatchObject({ title: 'Secret in code: AWS Access Key ID', subject: 'deploy/.env:3' });
  });

  it('are the same in the next report, and others for another version or image', () => {
    const first = finding(sample('image.json[0]'));
    const next = { ...sample('image.json[0]'), CreatedAt: '2026-11-21T09:00:00Z', ReportID: 'another' };
    expect(finding(next)?.id).toBe(first?.id);
    expect(trivy.read(next).event.id).not.toBe(read('image.json[0]').event.id);
    expect(finding(vulnerability({ InstalledVersion: '3.0.2-r0' }))?.id).not.toBe(first?.id);
    expect(finding({ ...next, ArtifactName: 'registry.contoso.example/shop/cart:1' })?.id).not.toBe(first?.id);
  });

  it('are as old as the report, to the millisecond, or as its coming where it does not say', () => {
    expect(read('image.json[0]').event.time).toBe(Date.parse('2026-11-20T09:00:00.123Z'));
    const { CreatedAt: _, ...record } = sample('image.json[0]');
    const { event } = trivy.read({ ...record, received: '2026-11-21T00:00:00.000Z' });
    expect([event.time, event.ocsf.metadata.logged_time]).toEqual([Date.UTC(2026, 10, 21), Date.UTC(2026, 10, 21)]);
  });

  it.each([
    ['container_image', 'shop@sha256:00ff', {}, 'image:shop'],
    ['container_image', 'shop.tar', { RepoTags: ['shop:1'] }, 'image:shop:1'],
    ['repository', 'github.com/contoso-example/shop', {}, 'github-repo:contoso-example/shop'],
    ['repository', './shop', {}, 'scan-target:./shop'],
    ['filesystem', '/src', { RepoURL: 'git@github.com:contoso-example/shop.git' }, 'github-repo:contoso-example/shop'],
    ['vm', 'ami:ami-0123456789abcdef0', {}, 'scan-target:ami:ami-0123456789abcdef0'],
  ])('of the %s %s with %j are of %s', (ArtifactType, ArtifactName, Metadata, asset) => {
    expect(finding({ ...sample('image.json[0]'), ArtifactType, ArtifactName, Metadata })?.asset).toBe(asset);
  });
});

describe('rejections', () => {
  const { CreatedAt: _, ...timeless } = sample('file-system.json');

  it.each([
    [
      'an older version',
      { SchemaVersion: 1, ArtifactName: 'x' },
      'SchemaVersion: expected version 2 of Trivy’s report, found 1',
    ],
    [
      'no name',
      { ...timeless, ArtifactName: '' },
      'ArtifactName: expected the name of what was scanned, found an empty text',
    ],
    [
      'no finding',
      { SchemaVersion: 2, ArtifactName: 'x' },
      'Vulnerability or Misconfiguration or Secret: expected a finding, found nothing',
    ],
    ['no time', timeless, 'CreatedAt: expected a time, found nothing'],
  ])('for %s say what is wrong', (_name, record: JsonObject, reason) => {
    expect(trivy.recognises(record)).toBe(true);
    expect(() => trivy.read(record)).toThrow(new RejectedRecord(reason));
  });
});

it.each([[{ SchemaVersion: '2018-10-08', ProductName: 'Inspector' }], [{ ArtifactName: 'x' }], [{}]])(
  'leaves %j to others',
  (record) => {
    expect(trivy.recognises(record)).toBe(false);
  },
);

it('makes of any object, and of any damaged record, a valid event or a named rejection, as the schema says', () => {
  const names = ['SchemaVersion', 'ArtifactName', 'CreatedAt', 'Result', 'Vulnerability', 'Misconfiguration', 'Secret'];
  const any = anyObject([...names, 'CVSS', 'Title', 'Status']).map((record) => ({
    ...record,
    ...{ SchemaVersion: 2, ArtifactName: 'shop', CreatedAt: '2026-11-20T09:00:00Z' },
  }));
  fc.assert(fc.property(fc.oneof(anyObject(names), any, damaged(samples), damaged(samples)), expectPromises), {
    numRuns: 1000,
  });
});
