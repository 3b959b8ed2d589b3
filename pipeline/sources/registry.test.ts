import { describe, expect, it } from 'vitest';
import { samplesIn } from '../../test/records.ts';
import { isOfLog } from './log-record.ts';
import { SOURCES, sourceOf } from './registry.ts';

const FINDERS = new Set(['defender', 'security-hub', 'github', 'sarif', 'trivy']);

describe.each(SOURCES)('$id', (source) => {
  const records = samplesIn(new URL(`${source.id}/samples/`, import.meta.url)).map(({ record }) => record);

  it('is the one that records are given to which are its own', () => {
    expect(records.map((record) => sourceOf(record)?.id)).toEqual(records.map(() => source.id));
  });

  it('has no records that are taken for a log and are findings', () => {
    if (FINDERS.has(source.id)) expect(records.filter(isOfLog)).toEqual([]);
    else expect(records.filter(isOfLog)).not.toEqual([]);
  });

  it('gives its records the log sources that it states, and each of them to some', () => {
    const given = new Set(records.map((record) => JSON.stringify(source.read(record).logsource)));
    expect(given).toEqual(new Set(source.logsources.map((logsource) => JSON.stringify(logsource))));
  });
});
