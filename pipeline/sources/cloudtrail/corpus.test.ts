import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CORPUS } from '../../../test/corpus.ts';
import { isObject, parseJson, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { decode } from '../decode.ts';
import { RejectedRecord } from '../source.ts';
import { cloudtrail } from './index.ts';

const absent = !existsSync(CORPUS);

interface Line {
  readonly line: number;
  readonly value: JsonObject;
}

function lines(file: string): Line[] {
  const rows = readFileSync(join(CORPUS, file), 'utf8').trim().split('\n');
  return rows.map((row, at) => {
    const value = parseJson(row);
    if (!isObject(value)) throw new Error(`${file}:${at + 1} is no object`);
    return { line: at + 1, value };
  });
}

const listOf = (value: Json | undefined): JsonObject[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => isObject(item));

/** Reads a record and holds it to OCSF; gives the reason where it is rejected. */
function problem(record: JsonObject): string | undefined {
  try {
    const { event } = cloudtrail.read(record);
    expect(violations(event.ocsf)).toEqual([]);
    expect(event.entities.length).toBeGreaterThan(0);
    return undefined;
  } catch (error) {
    if (error instanceof RejectedRecord) return error.message;
    throw error;
  }
}

describe.skipIf(absent)(`records of ${CORPUS}${absent ? ' (skipped: the folder is absent)' : ''}`, () => {
  it('reads every record of the emulated attacks', () => {
    const folder = join(CORPUS, 'cloudtrail/invictus');
    const records = readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => decode(readFileSync(join(folder, file))));
    expect(records).toHaveLength(2900);
    for (const decoded of records) {
      if ('rejected' in decoded) throw new Error(decoded.rejected);
      expect(cloudtrail.recognises(decoded.record)).toBe(true);
      expect(problem(decoded.record)).toBeUndefined();
    }
  });

  it('reads an example of every API call used in attacks', () => {
    const records = lines('cloudtrail/traildiscover.jsonl').flatMap(({ value }) => listOf(value['event']));
    expect(records.length).toBeGreaterThan(500);
    for (const record of records) {
      expect(cloudtrail.recognises(record)).toBe(true);
      expect(problem(record)).toBeUndefined();
    }
  });

  it.each([
    {
      file: 'labelled/stratus.jsonl',
      isOurs: (line: JsonObject) => textOf(line['technique'])?.startsWith('aws.') === true,
      // An event that was never recorded, and an IAM policy.
      noRecord: [152, 160],
      noTime: [153],
    },
    {
      file: 'labelled/panther.jsonl',
      isOurs: (line: JsonObject) => line['log_type'] === 'AWS.CloudTrail',
      // The enrichment of an alert.
      noRecord: [616],
      // Cut down by their authors to a few fields; one has `redacted` in the place of its time.
      noTime: [21, 22, 23, 24, 51, 188, 194, 195, 223, 224, 225, 244, 247],
    },
  ])('reads the labelled records of $file, but for those that say no time', ({ file, isOurs, noRecord, noTime }) => {
    const without = { record: new Set<number>(), time: new Set<number>() };
    for (const { line, value } of lines(file).filter((row) => isOurs(row.value))) {
      const records = listOf(value['event']).filter((record) => cloudtrail.recognises(record));
      if (records.length === 0) without.record.add(line);
      for (const record of records) {
        const reason = problem(record);
        if (reason === undefined) continue;
        expect(reason).toMatch(/^eventTime: expected a time/);
        without.time.add(line);
      }
    }
    expect({ noRecord: [...without.record], noTime: [...without.time] }).toEqual({ noRecord, noTime });
  });
});
