import { describe, expect, it } from 'vitest';
import { builtinRules } from '../../pipeline/detection/builtin.ts';
import { loadRules } from '../../pipeline/detection/loading/load.ts';
import { readRecord, sourceOf } from '../../pipeline/sources/registry.ts';
import { UNKNOWN_PRINCIPAL } from '../../pipeline/timeline/event.ts';
import { benignDay, DAY, RECORDS } from './day.ts';

const day = benignDay();
const read = day.map(({ source, time, record }) => ({ source, time, read: readRecord(record), as: sourceOf(record) }));

describe('the benign day', () => {
  it('is of 5,000 records within 24 hours, in order of time, and the same again for its seed', () => {
    expect(day).toHaveLength(RECORDS);
    expect(day.every(({ time }, at) => time >= (day[at - 1]?.time ?? DAY) && time < DAY + 86_400_000)).toBe(true);
    expect(benignDay()).toEqual(day);
    expect(benignDay(2)).not.toEqual(day);
  });

  it('is read whole, each record as the source that it says, at the time that it says, and as an event of its own', () => {
    expect(read.filter(({ source, as }) => as?.id !== source)).toEqual([]);
    // CloudTrail writes whole seconds; Kubernetes writes when a request was answered.
    expect(read.filter(({ time, read: { event } }) => Math.abs(event.time - time) >= 1000)).toEqual([]);
    expect(new Set(read.map(({ read: { event } }) => event.id)).size).toBe(RECORDS);
  });

  it('has hundreds of records of every source, and many who act', () => {
    const counts = [...Map.groupBy(day, ({ source }) => source)].map(([source, { length }]) => [source, length]);
    expect(counts.map(([source]) => source).sort()).toEqual(['aks-audit', 'azure-activity', 'cloudtrail', 'entra']);
    expect(counts.filter(([, count]) => Number(count) < 500)).toEqual([]);
    const principals = new Set(read.map(({ read: { event } }) => event.principal));
    expect(principals.size).toBeGreaterThan(100);
    expect(read.filter(({ read: { event } }) => event.principal === UNKNOWN_PRINCIPAL)).toEqual([]);
  });

  it('sets off rules that good rules cannot help to set off, so that a day without incidents says something', async () => {
    const rules = await loadRules([builtinRules()]);
    const levels = Map.groupBy(
      read.flatMap(({ read: record }) => rules.match(record).map(({ rule }) => rule)),
      ({ level }) => level,
    );
    expect(new Set(levels.get('medium')?.map(({ id }) => id)).size).toBeGreaterThan(5);
    expect(new Set(levels.get('high')?.map(({ id }) => id)).size).toBeGreaterThan(1);
    expect(levels.get('critical')).toBeUndefined();
  });
});
