import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpusFolder, jsonLines } from '../../../test/records.ts';
import { objectOf } from '../../../platform/json.ts';
import { findingOf } from '../../timeline/finding-of.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord } from '../source.ts';
import { github } from './index.ts';

const corpus = corpusFolder();

describe.skipIf(corpus === undefined)('public audit records (skipped where the corpus folder is absent)', () => {
  const lines = corpus === undefined ? [] : jsonLines(join(corpus, 'labelled', 'panther.jsonl'));

  it('reads those that say when they were written, and rejects the others for that alone', () => {
    const records = lines
      .filter((line) => line['log_type'] === 'GitHub.Audit')
      .map((line) => objectOf(line['event']) ?? {});
    const timed = records.filter((record) => record['created_at'] !== undefined);
    expect([records.length, timed.length]).toEqual([30, 25]);
    for (const record of timed) {
      expect(github.recognises(record)).toBe(true);
      expect(violations(github.read(record).event.ocsf)).toEqual([]);
    }
    for (const record of records) {
      if (!timed.includes(record)) expect(() => github.read(record)).toThrow(RejectedRecord);
    }
    const findings = timed.map((record) => findingOf(github.read(record).event)).filter((one) => one !== undefined);
    expect(findings.map(({ status }) => status)).toEqual(['suppressed']);
  });

  it('claims no record of another log', () => {
    const others = lines.filter((line) => line['log_type'] !== 'GitHub.Audit');
    expect(others.length).toBeGreaterThan(500);
    for (const line of others) expect(github.recognises(objectOf(line['event']) ?? {})).toBe(false);
  });
});
