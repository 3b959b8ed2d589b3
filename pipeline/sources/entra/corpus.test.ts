import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { corpusFolder, csvRows, jsonLines } from '../../../test/records.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { decode } from '../decode.ts';
import { RejectedRecord } from '../source.ts';
import { entra } from './index.ts';

const corpus = corpusFolder();

const validityOf = (record: JsonObject): string[] => {
  expect(entra.schema.safeParse(record).success).toBe(true);
  return violations(entra.read(record).event.ocsf);
};

describe.skipIf(corpus === undefined)('public records (skipped where the corpus folder is absent)', () => {
  const folder = corpus ?? '';
  const rowsOf = (file: string) => csvRows(readFileSync(join(folder, 'azure-sentinel-lab', file), 'utf8'));

  it('reads every Entra record of the labelled files, and takes no other for its own', () => {
    let count = 0;
    for (const file of ['panther.jsonl', 'stratus.jsonl', 'falco-k8s.jsonl']) {
      for (const line of jsonLines(join(folder, 'labelled', file))) {
        const record = objectOf(line.event);
        if (record === undefined) continue;
        const isEntra = textOf(line.log_type) === 'Azure.Audit';
        expect(entra.recognises(record), JSON.stringify(record).slice(0, 300)).toBe(isEntra);
        if (isEntra) expect(validityOf(record)).toEqual([]);
        count += Number(isEntra);
      }
    }
    expect(count).toBe(13);
  });

  it('takes none of the bodies of other sources for its own', () => {
    let count = 0;
    for (const file of readdirSync(join(folder, 'envelopes')).filter((name) =>
      /^(?:otel|sumologic|dynatrace)/.test(name),
    )) {
      for (const item of decode(readFileSync(join(folder, 'envelopes', file)))) {
        if (!('record' in item)) continue;
        expect(entra.recognises(item.record)).toBe(false);
        count++;
      }
    }
    expect(count).toBeGreaterThan(5);
  });

  it('reads rows of the sign-in table', () => {
    const rows = rowsOf('sign-in_adelete.csv');
    expect(rows.length).toBeGreaterThan(50);
    for (const row of rows) expect(validityOf(row)).toEqual([]);
    const { ocsf, principal } = entra.read(rows[0] ?? {}).event;
    expect(principal).toMatch(/^entra-user:[0-9a-f-]{36}\/[0-9a-f-]{36}$/);
    expect(ocsf).toMatchObject({ class_uid: 3002, status_id: 1, src_endpoint: { location: { country: 'IL' } } });
  });

  it('rejects by name rows that were exported without their time', () => {
    for (const file of ['disable_accounts.csv', 'AuditLogs_Hunting.csv']) {
      const rows = rowsOf(file);
      expect(rows.length).toBeGreaterThan(3);
      for (const row of rows) {
        expect(entra.recognises(row)).toBe(true);
        expect(() => entra.read(row)).toThrow(RejectedRecord);
        expect(() => entra.read(row)).toThrow(/^time or properties\.\w+DateTime: expected a time, found nothing$/);
        expect(violations(entra.read({ ...row, TimeGenerated: '2021-08-14T10:00:00Z' }).event.ocsf)).toEqual([]);
      }
    }
  });
});
