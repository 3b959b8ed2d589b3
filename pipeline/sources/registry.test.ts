import { describe, expect, it } from 'vitest';
import { samplesIn } from '../../test/records.ts';
import { SOURCES } from './registry.ts';

describe.each(SOURCES)('$id', (source) => {
  const records = samplesIn(new URL(`${source.id}/samples/`, import.meta.url))
    .map(({ record }) => record)
    .filter((record) => source.recognises(record));

  it('gives its records the log sources that it states, and each of them to some', () => {
    const given = new Set(records.map((record) => JSON.stringify(source.read(record).logsource)));
    expect(given).toEqual(new Set(source.logsources.map((logsource) => JSON.stringify(logsource))));
  });
});
