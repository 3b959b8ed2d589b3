import { describe, expect, it } from 'vitest';
import { corpusRecords } from '../../../test/corpus-records.ts';
import { CORPUS, corpus } from '../../../test/corpus.ts';
import { samplesIn } from '../../../test/records.ts';
import { arrayOf, isObject, type Json, type JsonObject } from '../../../platform/json.ts';
import type { ReadRecord } from '../../timeline/read-record.ts';
import { readRecord } from '../../sources/registry.ts';
import { fieldNamesOf } from './field-names.ts';

/** The fields of records that the known fields of their log source leave out, each as `service: path`. */
function unknownFields(records: readonly JsonObject[]): { unknown: string[]; read: number } {
  const unknown = new Set<string>();
  const found = records
    .map(tryRead)
    .filter((record) => record !== undefined)
    .filter(isStated);
  for (const { fields, logsource } of found) {
    const names = fieldNamesOf(logsource);
    for (const path of pathsOf(fields))
      if (names.isKnown(path) !== true) unknown.add(`${logsource.service ?? ''}: ${path}`);
  }
  return { unknown: [...unknown].sort(), read: found.length };
}

/** Each of the hundreds of actions in GitHub's audit log has fields of its own: they are stated nowhere here. */
const isStated = ({ logsource }: ReadRecord): boolean => logsource.product !== 'github';

/** Undefined of records of other logs, and of those that no source can read: the tests of the sources tell which. */
function tryRead(record: JsonObject): ReadRecord | undefined {
  try {
    return readRecord(record);
  } catch {
    return undefined;
  }
}

/** What a CSV export puts behind the name of a column. */
const SUFFIX = / \[UTC\]$|_(?:dynamic|string)$/;

/** The paths of a record's values; empty cells of tables are none. */
function pathsOf(fields: JsonObject): Set<string> {
  const paths = new Set<string>();
  const collect = (value: Json, path: readonly string[]): void => {
    for (const member of arrayOf(value) ?? [value]) {
      if (!isObject(member)) {
        if (member !== '' && member !== null) paths.add(path.join('.'));
        continue;
      }
      for (const [name, inner] of Object.entries(member)) {
        if (inner !== undefined) collect(inner, [...path, name.replace(SUFFIX, '')]);
      }
    }
  };
  collect(fields, []);
  return paths;
}

describe('the known fields of log sources', () => {
  it.each(['cloudtrail', 'azure-activity', 'aks-audit', 'defender', 'security-hub'])(
    'hold every field of the samples of %s',
    (source) => {
      const samples = samplesIn(new URL(`../../sources/${source}/samples/`, import.meta.url));
      expect(unknownFields(samples.map(({ record }) => record))).toEqual({ unknown: [], read: samples.length });
    },
  );

  it('hold every field of the samples of entra, but for the hostile ones', () => {
    const samples = samplesIn(new URL('../../sources/entra/samples/', import.meta.url));
    expect(unknownFields(samples.map(({ record }) => record))).toEqual({
      unknown: ['auditlogs: __proto__.polluted', 'auditlogs: properties.constructor.prototype'],
      read: samples.length,
    });
  });

  it.skipIf(corpus('') === undefined)(`hold every field of public records (skipped where ${CORPUS} is absent)`, () => {
    const { unknown, read } = unknownFields(corpusRecords());
    expect(read).toBeGreaterThan(4000);
    // `p_…` is added by the engine for which the records were written.
    expect(unknown.filter((field) => !/: p_\w/.test(field))).toEqual([
      'cloudtrail: userIdentity.accesKeyId',
      'cloudtrail: userIdentity.session_name',
    ]);
  });
});
