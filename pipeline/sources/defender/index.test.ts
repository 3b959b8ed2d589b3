import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { UNKNOWN_PRINCIPAL } from '../../timeline/event.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { defender } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const names = [...new Set(samples.flatMap(({ record }) => namesIn(record)))];

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(namesIn);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}

const anyAlert = anyObject(names).map((record) => ({
  AlertType: 'X',
  TimeGenerated: '2026-11-20T10:00:00Z',
  ...record,
  SystemAlertId: 'a',
}));
const anyAssessment = fc
  .tuple(anyObject(names), anyObject(names), anyObject(names), fc.boolean())
  .map(([record, properties, additionalData, isSub]) => ({
    id: '/subscriptions/s/providers/Microsoft.Security/assessments/a',
    ...record,
    type: `Microsoft.Security/assessments${isSub ? '/subAssessments' : ''}`,
    properties: {
      displayName: 'Title',
      timeGenerated: '2026-11-20T10:00:00Z',
      status: { code: 'Unhealthy' },
      ...properties,
      additionalData,
    },
  }));

function attempt(record: JsonObject): ReadRecord | undefined {
  try {
    return defender.read(record);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
    return undefined;
  }
}

function expectPromises(record: JsonObject): void {
  const isRecognised = defender.recognises(record);
  const result = attempt(record);
  expect(defender.schema.safeParse(record).success).toBe(result !== undefined);
  if (result === undefined) return;
  expect(isRecognised).toBe(true);
  const { event } = result;
  expect(violations(event.ocsf)).toEqual([]);
  expect(event.id).toMatch(/^defender\/[\x21-\x7e]{1,250}$/);
  expect(event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
  const keys = event.entities.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect([...keys, UNKNOWN_PRINCIPAL]).toContain(event.principal);
  expect(defender.read(record).event).toEqual(event);
}

describe('every sample', () => {
  it.each(samples)('$name is read as valid OCSF, and not changed', ({ record }) => {
    expect(defender.recognises(record)).toBe(true);
    expectPromises(frozen(structuredClone(record)));
    const { event, logsource } = defender.read(record);
    expect(event.source).toBe('defender');
    expect(event.principal).not.toBe(UNKNOWN_PRINCIPAL);
    expect(logsource).toEqual({ product: 'azure', service: 'defenderforcloud' });
  });

  it('has an event of its own', () => {
    expect(new Set(samples.map(({ record }) => defender.read(record).event.id)).size).toBe(samples.length);
  });

  it('shows each class with findings that are open and that are not', () => {
    const shown = new Set(
      samples.map(({ record }) => {
        const { class_uid, activity_id } = defender.read(record).event.ocsf;
        return `${class_uid} ${activity_id === 3 ? 'closed' : 'open'}`;
      }),
    );
    expect([...shown].sort()).toEqual(['2002', '2003', '2004'].flatMap((uid) => [`${uid} closed`, `${uid} open`]));
  });
});

describe('hostile input', () => {
  it('is read as valid OCSF or rejected by name, as the schema says, whatever the object', () => {
    fc.assert(fc.property(fc.oneof(anyAlert, anyAssessment, anyObject(names)), expectPromises), { numRuns: 500 });
  });

  it('is read as valid OCSF or rejected by name where a record is damaged', () => {
    fc.assert(fc.property(damaged(samples), expectPromises), { numRuns: 1000 });
  });

  it('cannot reach the prototypes of objects', () => {
    const record = JSON.parse(
      '{"Type":"Microsoft.Security/assessments","__proto__":{"x":1},"Id":"/subscriptions/s/providers/Microsoft.Security/assessments/a","Properties":{"__proto__":{"displayName":"x"},"DisplayName":"y","TimeGenerated":"2026-11-20T10:00:00Z","Status":{"Code":"constructor"},"AdditionalData":{"Data":{"__proto__":{"cve":["CVE-2099-1000"]}}}}}',
    ) as JsonObject;
    expectPromises(record);
    const { ocsf } = defender.read(record).event;
    expect(ocsf).toMatchObject({ class_uid: 2003, finding_info: { title: 'y' } });
    expect(Object.getPrototypeOf(ocsf.unmapped)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('x');
  });

  it('with more entities and ids than an event may name takes no time over the rest', () => {
    const Entities = Array.from({ length: 200_000 }, (_, at) => ({ Type: 'ip', Address: `203.0.113.${at % 256}` }));
    const alert = { SystemAlertId: 'a', AlertType: 'X', TimeGenerated: '2026-11-20T10:00:00Z', Entities };
    const cve = Array.from({ length: 200_000 }, (_, at) => ({ title: `CVE-2099-${at + 1000}` }));
    const assessment = {
      id: '/subscriptions/s/providers/Microsoft.Security/assessments/a/subAssessments/b',
      type: 'Microsoft.Security/assessments/subAssessments',
      properties: {
        displayName: 'x',
        timeGenerated: '2026-11-20T10:00:00Z',
        status: { code: 'Unhealthy' },
        additionalData: { cve },
      },
    };
    const start = performance.now();
    for (let i = 0; i < 100; i++) {
      expect(defender.read(alert).event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
      expect(defender.read(assessment).event.entities).toHaveLength(21);
    }
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('rejections', () => {
  it.each([
    [{ SystemAlertId: '', AlertType: 'X' }, 'SystemAlertId: expected the id of an alert, found an empty text'],
    [{ SystemAlertId: 'a', AlertType: 7 }, 'AlertDisplayName: expected the title of an alert, found nothing'],
    [{ SystemAlertId: 'a', AlertType: 'X' }, 'TimeGenerated: expected a time, found nothing'],
    [
      { type: 'Microsoft.Security/secureScores', id: '/subscriptions/s', properties: {} },
      "type: expected an alert, an assessment or a sub-assessment, found 'Microsoft.Security/secureScores': other kinds are no findings, leave them out of the continuous export",
    ],
    [{ type: 'microsoft.security/assessments' }, 'properties: expected an object, found nothing'],
    [{ type: 'microsoft.security/assessments', properties: {} }, 'id: expected the id of an assessment, found nothing'],
    [
      { type: 'microsoft.security/assessments', id: '/x', properties: { status: 'Unhealthy' } },
      'properties.status.code: expected the code of a status, found nothing',
    ],
    [
      { type: 'microsoft.security/assessments', id: '/x', properties: { status: { code: 'Unhealthy' } } },
      'properties.displayName: expected the title of an assessment, found nothing',
    ],
    [
      {
        type: 'microsoft.security/assessments',
        id: '/x',
        properties: { status: { code: 'Unhealthy' }, displayName: 'x', timeGenerated: 'soon' },
      },
      "properties.timeGenerated or properties.status.statusChangeDate: expected a time, found 'soon'",
    ],
  ])('of %j name what is wrong', (record, reason) => {
    expect(() => defender.read(record)).toThrow(new RejectedRecord(reason));
  });
});

describe('recognises', () => {
  it.each([
    ['an alert of the export', { SystemAlertId: 'x', AlertDisplayName: 'y' }, true],
    ['an assessment in any case', { type: 'MICROSOFT.SECURITY/ASSESSMENTS' }, true],
    ['what the export sends beside findings', { type: 'Microsoft.Security/secureScores/secureScoreControls' }, true],
    ['a row of the table SecurityAlert', { SystemAlertId: 'x', AlertName: 'y', Type: 'SecurityAlert' }, false],
    ['a resource of another provider', { type: 'Microsoft.Compute/virtualMachines', id: '/x' }, false],
    ['nothing', {}, false],
  ])('%s', (_, record, expected) => {
    expect(defender.recognises(record)).toBe(expected);
  });
});
