import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { UNKNOWN_PRINCIPAL } from '../../timeline/event.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { formatOf } from './formats.ts';
import { securityHub } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const names = [...new Set(samples.flatMap(({ record }) => namesIn(record)))];

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(namesIn);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}

/** What makes a record one of each format, and lets it be read. */
const FORMATS: readonly JsonObject[] = [
  { ProductArn: 'arn:x', GeneratorId: 'x', Id: 'x', Title: 'x', UpdatedAt: '2026-11-20T10:00:00Z' },
  { findingArn: 'arn:x', title: 'x', updatedAt: 'Fri Nov 20 10:00:00.000 UTC 2026' },
  {
    category_uid: 2,
    class_uid: 2004,
    time: 1795168800000,
    finding_info: { uid: 'x', title: 'x' },
    metadata: { product: { uid: 'arn:aws:securityhub:x' } },
  },
];
const anyFinding = fc
  .tuple(anyObject(names), fc.constantFrom(...FORMATS), fc.constantFrom(2002, 2003, 2004))
  .map(([record, format, uid]) => ({ ...record, ...format, ...('class_uid' in format ? { class_uid: uid } : {}) }));

function attempt(record: JsonObject): ReadRecord | undefined {
  try {
    return securityHub.read(record);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
    return undefined;
  }
}

function expectPromises(record: JsonObject): void {
  const isRecognised = securityHub.recognises(record);
  const result = attempt(record);
  expect(securityHub.schema.safeParse(record).success).toBe(result !== undefined);
  if (result === undefined) return;
  expect(isRecognised).toBe(true);
  const { event } = result;
  expect(violations(event.ocsf)).toEqual([]);
  expect(event.id).toMatch(/^security-hub\/[\x21-\x7e]{1,243}$/);
  expect(event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
  const keys = event.entities.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect([...keys, UNKNOWN_PRINCIPAL]).toContain(event.principal);
  expect(securityHub.read(record).event).toEqual(event);
}

describe('every sample', () => {
  it.each(samples)('$name is read as valid OCSF, and not changed', ({ record }) => {
    expect(securityHub.recognises(record)).toBe(true);
    expectPromises(frozen(structuredClone(record)));
    const { event, logsource } = securityHub.read(record);
    expect(event.source).toBe('security-hub');
    expect(event.principal).not.toBe(UNKNOWN_PRINCIPAL);
    expect(event.ocsf).toMatchObject({ cloud: { provider: 'AWS', account: { uid: '111122223333' } } });
    expect(logsource).toEqual({ product: 'aws', service: 'securityhub' });
  });

  it('has an event of its own, but for what two formats say of one finding at one time', () => {
    const ids = samples.map(({ record }) => securityHub.read(record).event.id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    const [inspector] = samples.filter(({ name }) => name === 'inspector-instance.json');
    expect(twice).toEqual([inspector === undefined ? '' : securityHub.read(inspector.record).event.id]);
  });

  it('shows each format with findings that are open and that are not, and each class', () => {
    const shown = new Set<string>();
    for (const { record } of samples) {
      const { class_uid, activity_id } = securityHub.read(record).event.ocsf;
      shown.add(`${formatOf(record) ?? ''} ${activity_id === 3 ? 'closed' : 'open'}`).add(String(class_uid));
    }
    const formats = ['asff', 'inspector', 'ocsf'].flatMap((format) => [`${format} closed`, `${format} open`]);
    expect([...shown].sort()).toEqual(['2002', '2003', '2004', ...formats]);
  });
});

describe('hostile input', () => {
  it('is read as valid OCSF or rejected by name, as the schema says, whatever the object', () => {
    fc.assert(fc.property(fc.oneof(anyFinding, anyObject(names)), expectPromises), { numRuns: 500 });
  });

  it('is read as valid OCSF or rejected by name where a record is damaged', () => {
    fc.assert(fc.property(damaged(samples), expectPromises), { numRuns: 1000 });
  });

  it('cannot reach the prototypes of objects', () => {
    const record = JSON.parse(
      '{"ProductArn":"arn:x","GeneratorId":"constructor","Id":"__proto__","Title":"x","UpdatedAt":"2026-11-20T10:00:00Z","__proto__":{"Title":"y"},"ProductFields":{"__proto__":{"x":1}}}',
    ) as JsonObject;
    expectPromises(record);
    const { ocsf } = securityHub.read(record).event;
    expect(ocsf).toMatchObject({ finding_info: { title: 'x', uid: 'arn:x/__proto__' } });
    expect(Object.getPrototypeOf(ocsf.unmapped)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('Title');
  });

  it('with more resources and vulnerabilities than an event may name takes no time over the rest', () => {
    const [asff] = FORMATS;
    const record = {
      ...asff,
      Resources: Array.from({ length: 100_000 }, (_, at) => ({ Id: `arn:aws:s3:::bucket-${at}` })),
      Vulnerabilities: Array.from({ length: 100_000 }, (_, at) => ({ Id: `CVE-2099-${at + 1000}` })),
    };
    const start = performance.now();
    for (let i = 0; i < 100; i++) {
      const { entities } = securityHub.read(record).event;
      expect(entities).toHaveLength(MAX_ENTITIES);
      expect(entities.filter(({ kind }) => kind === 'vulnerability')).toHaveLength(MAX_ENTITIES / 2);
    }
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('rejections', () => {
  const [asff, inspector, ocsf] = FORMATS;
  it.each([
    [{ ...asff, Id: '' }, 'Id: expected the id of a finding, found an empty text'],
    [{ ...asff, Title: 7 }, 'Title: expected the title of a finding, found 7'],
    [{ ...asff, UpdatedAt: 'soon' }, "UpdatedAt: expected a time, found 'soon'"],
    [{ ...inspector, title: null }, 'title: expected the title of a finding, found null'],
    [{ ...inspector, updatedAt: 'Fri Foo 20 10:00:00.000 UTC 2026' }, /^updatedAt: expected a time, found 'Fri Foo/],
    [
      { ...ocsf, class_uid: 2005 },
      'class_uid: expected a class of findings that is read (2002, 2003, 2004), found 2005',
    ],
    [{ ...ocsf, finding_info: { title: 'x' } }, 'finding_info.uid: expected the id of a finding, found nothing'],
    [{ ...ocsf, time: undefined }, 'time: expected a time, found nothing'],
    [{}, 'expected a finding of Security Hub (ASFF or OCSF) or Inspector'],
  ])('of %j name what is wrong', (record, reason) => {
    expect(() => securityHub.read(record)).toThrow(RejectedRecord);
    expect(() => securityHub.read(record)).toThrow(reason);
  });
});

describe('recognises', () => {
  it.each([
    ['a finding of another product in ASFF', { ProductArn: 'arn:aws:securityhub:x', GeneratorId: 1 }, true],
    ['a finding of another scanner in OCSF', { ...FORMATS[2], metadata: { product: { uid: 'scanner' } } }, false],
    ['an event of another category in OCSF', { ...FORMATS[2], category_uid: 6 }, false],
    ['results of an insight', { insightArn: 'arn:aws:securityhub:::insight/x', insightResults: [] }, false],
    ['a CloudTrail record', { eventSource: 'securityhub.amazonaws.com', eventName: 'GetFindings' }, false],
    ['nothing', {}, false],
  ])('%s', (_, record, expected) => {
    expect(securityHub.recognises(record)).toBe(expected);
  });
});
