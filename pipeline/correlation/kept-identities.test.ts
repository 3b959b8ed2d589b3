import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { Correlation } from './correlation.ts';
import { Journal } from './journal.ts';
import { keptIdentities } from './kept-identities.ts';
import { KEY, linkBetween, MARA, NOON, observation, SESSION, signal } from './observation-samples.ts';
import { Metrics } from '../../platform/metrics.ts';

const RULES = { rules: [], correlations: [] };

describe('keptIdentities', () => {
  it('gives the links that were learned, and whom the observations name', async () => {
    const { tables, queues } = memoryStorage();
    expect(await keptIdentities(tables)).toEqual({ links: [], entities: [] });
    const links = [linkBetween('issued-credential', MARA, KEY), linkBetween('session', MARA, SESSION)];
    const named = observation('1', 0, { signals: [signal('r')], links: links.slice(0, 1) });
    const ofLinksAlone = observation('2', 1, { links: links.slice(1) });
    await new Correlation('0', { tables, queues, metrics: new Metrics() }).handle([named, ofLinksAlone], RULES, NOON);
    const kept = await keptIdentities(tables);
    expect(kept.links).toEqual(links);
    expect(kept.entities).toEqual(named.entities);
  });

  it('takes the state from nobody', async () => {
    const { tables, queues } = memoryStorage();
    const owner = new Correlation('0', { tables, queues, metrics: new Metrics() });
    await owner.handle([observation('1', 0, { signals: [signal('r')] })], RULES, NOON);
    await keptIdentities(tables);
    await expect(owner.handle([observation('2', 1, { signals: [signal('r')] })], RULES, NOON)).resolves.toBeUndefined();
  });

  it('refuses what is no link', async () => {
    const { tables } = memoryStorage();
    const journal = new Journal(tables, '0');
    await journal.claim();
    await journal.commit([{ kind: 'links', id: '1', value: { links: [{ kind: 'rumour' }] } }], {
      decided: 0,
      forgotten: 0,
      pending: [],
      heard: 0,
    });
    await expect(keptIdentities(tables)).rejects.toThrow('kind');
  });
});
