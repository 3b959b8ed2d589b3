import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { faultyStorage } from '../../platform/storage/faults.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import { correlated } from '../detection/correlation/correlation-samples.ts';
import { sampleAsset, sampleFacts, sampleHit, sampleWeighed } from '../incidents/facts-samples.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import type { IncidentFacts } from '../timeline/context.ts';
import type { Incident } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { Correlation } from './correlation.ts';
import { MINUTE, NOON, observation, signal } from './observation-samples.ts';

const RULES = correlated();
const EXPLOITED = sampleFacts({ assets: [sampleAsset()], findings: [sampleWeighed()] });

let storage: ReturnType<typeof memoryStorage>;
let clock: ManualClock;
/** What is known by now. */
let facts: IncidentFacts;
let version: number;
let asked: number;
let shown: Incident[];
beforeEach(() => {
  storage = memoryStorage();
  clock = new ManualClock(NOON);
  facts = sampleFacts();
  version = 1;
  asked = 0;
  shown = [];
});

function open(over: Pick<Storage, 'tables' | 'queues'> = storage) {
  const correlation = new Correlation('0', {
    ...{ tables: over.tables, queues: over.queues, metrics: new Metrics(), clock },
    showIncident: (incident) => shown.push(incident),
    facts: {
      factsOf: () => {
        asked++;
        return Promise.resolve(facts);
      },
      get version() {
        return String(version);
      },
    },
  });
  /** Lets time pass to so many minutes after noon, then takes a batch. */
  return async (minutes: number, batch: readonly Observation[] = []) => {
    clock.advance(NOON + minutes * MINUTE - clock.now());
    await correlation.handle(batch, RULES);
  };
}

const kept = async () =>
  (await Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 100 }))).map(({ incident }) => incident);
const attack = () => observation('1', 0, { signals: [signal('r')] });

describe('what is known beside the logs', () => {
  it('is in an incident when it is told', async () => {
    facts = EXPLOITED;
    await open()(1, [attack()]);
    const [incident] = await kept();
    expect(incident?.context?.headline).toContain('CVE-2026-11111');
    expect(incident?.score).toBe(35 + 15 + 3);
    expect(shown).toEqual([incident]);
  });

  it('comes into an incident that stands when it is known later, without a new event', async () => {
    const handle = open();
    await handle(1, [attack()]);
    expect((await kept())[0]?.score).toBe(35);
    facts = EXPLOITED;
    version++;
    await handle(3);
    expect((await kept())[0]).toMatchObject({ score: 53, context: { findings: [{ priority: 'act' }] } });
    facts = sampleFacts();
    await handle(9);
    expect((await kept())[0]?.score).toBe(35);
  });

  it('is asked again where it was missing, and not much otherwise', async () => {
    const handle = open();
    facts = sampleFacts({ missing: ['findings'] });
    await handle(1, [attack()]);
    expect((await kept())[0]?.context?.missing).toEqual(['findings']);
    facts = EXPLOITED;
    await handle(2);
    expect((await kept())[0]).toMatchObject({ score: 53, context: { missing: [] } });
    const before = asked;
    for (const minutes of [2.1, 2.2, 3, 4]) await handle(minutes);
    expect(asked).toBe(before);
    await handle(8);
    expect(asked).toBe(before + 1);
    expect(shown).toHaveLength(2);
  });

  it('is not taken back because nobody answers', async () => {
    const handle = open();
    facts = EXPLOITED;
    await handle(1, [attack()]);
    facts = sampleFacts({ missing: ['findings'] });
    version++;
    await handle(3);
    expect((await kept())[0]).toMatchObject({ score: 53, context: { missing: [] } });
    facts = sampleFacts({ ...EXPLOITED, hits: [sampleHit()] });
    version++;
    await handle(5);
    expect((await kept())[0]?.context?.hits).toHaveLength(1);
  });

  it('is told after a restart where a crash came between', async () => {
    facts = EXPLOITED;
    await open()(1, [attack()]);
    facts = sampleFacts({ ...EXPLOITED, hits: [sampleHit()] });
    const dying = faultyStorage(storage, ({ operation, target }) =>
      operation === 'tables.commit' && target !== 'correlation' ? 'before' : undefined,
    );
    await expect(open(dying)(8)).rejects.toThrow();
    expect((await kept())[0]?.context?.hits).toEqual([]);
    await open()(9);
    expect((await kept())[0]?.context?.hits).toHaveLength(1);
  });
});
