import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpusFolder, csvRows, jsonLines } from '../../../test/records.ts';
import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { decode } from '../decode.ts';
import { azureActivity } from './index.ts';

const corpus = corpusFolder();

/** Kinds of log that stand in the file of Activity records beside them. */
const OTHER_KINDS = new Set(['kube-audit', 'StorageWrite', 'storage without category']);

function expectEvent(record: JsonObject): void {
  expect(azureActivity.recognises(record)).toBe(true);
  expect(azureActivity.schema.safeParse(record).success).toBe(true);
  const { event } = azureActivity.read(record);
  expect(violations(event.ocsf)).toEqual([]);
  expect(event.entities.length).toBeGreaterThan(0);
}

describe.skipIf(corpus === undefined)(
  'public records of the Activity log (skipped where the corpus folder is absent)',
  () => {
    const folder = corpus ?? '';

    it('reads the unit tests of public rules', () => {
      const records = jsonLines(join(folder, 'labelled', 'panther.jsonl'))
        .filter((line) => line.log_type === 'Azure.MonitorActivity')
        .map((line) => objectOf(line.event) ?? {});
      let events = 0;
      for (const record of records) {
        const kind =
          textOf(record.category) ??
          (objectOf(record.properties)?.accountName === undefined ? '' : 'storage without category');
        if (OTHER_KINDS.has(kind)) expect(azureActivity.recognises(record)).toBe(false);
        else if (record.time === undefined)
          expect(() => azureActivity.read(record)).toThrow('time: expected a time, found nothing');
        else {
          expectEvent(record);
          events++;
        }
      }
      expect(events).toBe(120);
    });

    it('claims no record of another log', () => {
      for (const line of jsonLines(join(folder, 'labelled', 'panther.jsonl'))) {
        if (line.log_type !== 'Azure.MonitorActivity')
          expect(azureActivity.recognises(objectOf(line.event) ?? {})).toBe(false);
      }
    });

    it.each(['otel-administrative_valid_1.trimmed.json', 'sumologic-activity-log.json'])(
      'reads the body %s',
      (file) => {
        for (const item of decode(readFileSync(join(folder, 'envelopes', file))))
          expectEvent('record' in item ? item.record : {});
      },
    );

    it.each([
      ['azureActivity_adele.csv', 23, 11, 1],
      ['azure_activity.csv', 325, 160, 2],
    ])('reads the rows of %s', (file, rows, operations, unfinished) => {
      const records = csvRows(readFileSync(join(folder, 'azure-sentinel-lab', file), 'utf8'));
      expect(records).toHaveLength(rows);
      for (const record of records) expectEvent(record);
      const events = records.map((record) => azureActivity.read(record).event);
      expect(new Set(events.map(({ id }) => id)).size).toBe(rows);
      expect(new Set(events.map(({ operation }) => operation)).size).toBe(operations);
      // Every operation that has begun has ended too, but for those that the export cut off.
      const begun = events.filter(({ ocsf }) => ocsf.status?.startsWith('Start')).map(({ operation }) => operation);
      const ended = new Set(events.filter(({ ocsf }) => ocsf.status_id !== 99).map(({ operation }) => operation));
      expect(begun.filter((operation) => !ended.has(operation))).toHaveLength(unfinished);
      expect(events.every(({ principal }) => /^(entra-user|entra-sp|upn):/.test(principal))).toBe(true);
    });
  },
);
