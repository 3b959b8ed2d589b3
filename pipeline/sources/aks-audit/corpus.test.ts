import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpusFolder, jsonLines } from '../../../test/records.ts';
import { isObject, objectOf, type JsonObject } from '../../../platform/json.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { aksAudit } from './index.ts';

const corpus = corpusFolder();

const TIMES = ['stageTimestamp', 'requestReceivedTimestamp', 'timestamp', 'time'];

/** Unit tests of public rules leave the time out more often than not. */
const hasTime = (record: JsonObject): boolean => TIMES.some((name) => record[name] !== undefined);

function expectEvent(record: JsonObject): ReadRecord {
  expect(aksAudit.recognises(record)).toBe(true);
  expect(aksAudit.schema.safeParse(record).success).toBe(true);
  const read = aksAudit.read(record);
  expect(violations(read.event.ocsf)).toEqual([]);
  return read;
}

/** A record without a time of its own is rejected for that alone: given one, it is an event. */
function expectNothingButTimeMissing(record: JsonObject, name: string): void {
  expect(aksAudit.recognises(record)).toBe(true);
  expect(() => aksAudit.read(record)).toThrow(new RejectedRecord('stageTimestamp: expected a time, found nothing'));
  expectEvent({ ...record, [name]: '2026-11-20T10:00:00Z' });
}

describe.skipIf(corpus === undefined)('public audit records (skipped where the corpus folder is absent)', () => {
  const folder = join(corpus ?? '', 'labelled');
  const eventsOf = (file: string, kind: (line: JsonObject) => boolean): JsonObject[] =>
    jsonLines(join(folder, file))
      .filter(kind)
      .map((line) => objectOf(line.event) ?? {});

  it('reads the audit events of a rule engine for Kubernetes', () => {
    const records = jsonLines(join(folder, 'falco-k8s.jsonl')).flatMap((line) =>
      Array.isArray(line.events) ? line.events : [],
    );
    expect(records).toHaveLength(45);
    for (const record of records) expect(expectEvent(isObject(record) ? record : {}).fields).toBe(record);
  });

  it('reads the unit tests of public rules for AKS', () => {
    const records = eventsOf('panther.jsonl', (line) => objectOf(line.event)?.category === 'kube-audit');
    expect(records).toHaveLength(14);
    for (const record of records) expectNothingButTimeMissing(record, 'time');
  });

  it('reads the unit tests of public rules for EKS', () => {
    const records = eventsOf('panther.jsonl', (line) => line.log_type === 'Amazon.EKS.Audit');
    const [timed, others] = [records.filter(hasTime), records.filter((record) => !hasTime(record))];
    expect([timed.length, others.length]).toEqual([17, 70]);
    for (const record of timed) expectEvent(record);
    for (const record of others) expectNothingButTimeMissing(record, 'stageTimestamp');
  });

  it('claims no record of another log', () => {
    const others = eventsOf(
      'panther.jsonl',
      ({ log_type, event }) => log_type !== 'Amazon.EKS.Audit' && objectOf(event)?.category !== 'kube-audit',
    );
    expect(others.length).toBeGreaterThan(500);
    for (const record of others) expect(aksAudit.recognises(record)).toBe(false);
  });
});
