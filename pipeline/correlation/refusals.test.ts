import { describe, expect, it } from 'vitest';
import { Metrics } from '../../platform/metrics.ts';
import { StorageLimitError } from '../../platform/storage/limits.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Tables } from '../../platform/storage/ports.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import { Correlation } from './correlation.ts';
import { Journal } from './journal.ts';
import { observation, signal } from './observation-samples.ts';

const RULES = { rules: [], correlations: [] };
const other = { principal: 'upn:noor@contoso.example', entities: [] };

/** Tables as given, of which some commits fail. */
const refusing = (tables: Tables, errorOf: (table: string, partition: string) => Error | undefined): Tables => ({
  get: (...all) => tables.get(...all),
  query: (...all) => tables.query(...all),
  list: (...all) => tables.list(...all),
  drop: (...all) => tables.drop(...all),
  commit: (table, partition, writes) => {
    const error = errorOf(table, partition);
    return error === undefined ? tables.commit(table, partition, writes) : Promise.reject(error);
  },
});

describe('Correlation, where something cannot be done', () => {
  it('passes over an incident that storage refuses for good, counts it, and tells of all others', async () => {
    const storage = memoryStorage();
    const metrics = new Metrics();
    let refused: string | undefined;
    const tables = refusing(storage.tables, (table, partition) => {
      if (table !== 'incidents') return undefined;
      refused ??= partition;
      return partition === refused ? new StorageLimitError('too large') : undefined;
    });
    const correlation = new Correlation('0', { ...storage, tables, metrics });
    await correlation.handle([observation('a', 0, { signals: [signal('one')] })], RULES);
    await correlation.handle([observation('b', 1, { signals: [signal('two')], ...other })], RULES);
    expect(metrics.total('untellable')).toBe(1);
    const kept = await Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 10 }));
    expect(kept.map(({ incident }) => incident.eventIds)).toEqual([['b']]);
  });

  it('waits where storage is away', async () => {
    const storage = memoryStorage();
    const metrics = new Metrics();
    let away = true;
    const tables = refusing(storage.tables, (table) =>
      away && table === 'incidents' ? Object.assign(new Error('busy'), { statusCode: 503 }) : undefined,
    );
    const correlation = new Correlation('0', { ...storage, tables, metrics });
    const batch = [observation('a', 0, { signals: [signal('one')] })];
    await expect(correlation.handle(batch, RULES)).rejects.toThrow('busy');
    away = false;
    await correlation.handle([], RULES);
    expect(await Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 10 }))).toHaveLength(1);
    expect(metrics.total('untellable')).toBe(0);
  });

  it('commits what it took with something that failed before it was committed, when it is given again', async () => {
    const storage = memoryStorage();
    const correlation = new Correlation('0', { ...storage, metrics: new Metrics() });
    const good = observation('good', 0, { signals: [signal('one')] });
    const bad = { ...observation('bad', 1), entry: true as const, entities: [], toJSON: () => 'bad' };
    Object.defineProperty(bad, 'entities', {
      get: () => {
        throw new TypeError('a fault of the program');
      },
    });
    const failing = correlation.handle([good, bad], RULES);
    await expect(failing).rejects.toThrow(TypeError);
    await correlation.handle([good], RULES);
    const { entries } = await new Journal(storage.tables, '0').claim();
    expect(JSON.stringify(entries.get('observations'))).toContain('"cloudtrail/good"');
    expect(await Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 10 }))).toHaveLength(1);
  });
});
