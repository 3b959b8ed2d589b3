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
import { upnKey } from '../timeline/entity-keys.ts';
import type { Observation } from '../timeline/observation.ts';
import { Correlation } from './correlation.ts';
import { TakenOverError } from './journal.ts';
import { MINUTE, NOON, observation, signal } from './observation-samples.ts';

const RULES = correlated();
const EXPLOITED = sampleFacts({ assets: [sampleAsset()], findings: [sampleWeighed()] });

let storage: ReturnType<typeof memoryStorage>;
let clock: ManualClock;
/** What is known by now. */
let facts: IncidentFacts;
let version: number;
let answer: (budget: number) => Promise<IncidentFacts>;
let asked: number;
let askedOf: string[];
let shown: Incident[];
beforeEach(() => {
  storage = memoryStorage();
  clock = new ManualClock(NOON);
  facts = sampleFacts();
  version = 1;
  answer = () => Promise.resolve(facts);
  asked = 0;
  askedOf = [];
  shown = [];
});

function open(over: Pick<Storage, 'tables' | 'queues'> = storage) {
  const correlation = new Correlation('0', {
    ...{ tables: over.tables, queues: over.queues, metrics: new Metrics(), clock },
    showIncident: (incident) => shown.push(incident),
    facts: {
      factsOf: ({ id }, _conditions, budget) => {
        asked++;
        askedOf.push(id);
        return answer(budget);
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
/** So many incidents of so many people. */
const attacks = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const key = upnKey(`user-${at}@contoso.example`);
    const signals = [signal('r', 'high', { user: String(at) })];
    return observation(`u${at}`, 0, { principal: key, entities: [{ kind: 'user', key, part: 'actor' }], signals });
  });

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
    facts = sampleFacts({ assets: [sampleAsset()], missing: ['findings'] });
    version++;
    await handle(3);
    expect((await kept())[0]).toMatchObject({ score: 53, context: { missing: [] } });
    expect(shown).toHaveLength(1);
    facts = sampleFacts({ ...EXPLOITED, hits: [sampleHit()] });
    version++;
    await handle(5);
    expect((await kept())[0]?.context?.hits).toHaveLength(1);
  });

  it('is not taken back because nobody answers when another event comes, also after a restart', async () => {
    facts = EXPLOITED;
    await open()(1, [attack()]);
    facts = sampleFacts({ assets: [sampleAsset()], missing: ['findings'] });
    const handle = open();
    await handle(2, [observation('2', 1, { signals: [signal('other')] })]);
    const told = { headline: expect.stringContaining('CVE-2026-11111') as string, missing: ['findings'] };
    expect((await kept())[0]).toMatchObject({ alertIds: { length: 2 }, context: told });
    for (const minutes of [4, 8, 16]) await handle(minutes);
    expect((await kept())[0]).toMatchObject({ context: told });
    facts = sampleFacts({ assets: [sampleAsset()] });
    await handle(30);
    expect((await kept())[0]?.context).toMatchObject({ findings: [], missing: [] });
  });

  it('is asked ever more seldom where it stays missing, and of each incident in its turn', async () => {
    const handle = open();
    facts = sampleFacts({ missing: ['indicators of contoso-intel'] });
    await handle(1, attacks(120));
    expect(asked).toBe(120);
    for (let looks = 0; looks < 3; looks++) {
      version++;
      await handle(2 + looks / 2);
    }
    expect(new Set(askedOf.slice(120))).toHaveLength(120);
    const before = asked;
    for (let minutes = 20; minutes < 40; minutes += 0.5) await handle(minutes);
    expect(asked - before).toBeLessThan(120 * 6);
  });

  it('takes no more than a part of each minute, however many incidents wait for somebody who does not answer', async () => {
    const handle = open();
    const batch = attacks(200);
    facts = sampleFacts({ missing: ['findings'] });
    answer = (budget) => {
      clock.advance(budget);
      return Promise.resolve(facts);
    };
    const before = clock.now();
    await handle(1, batch);
    expect(clock.now() - before).toBeLessThanOrEqual(MINUTE + 10_000);
    expect(await kept()).toHaveLength(100);
    for (let minutes = 3; minutes < 8; minutes++) {
      const from = NOON + minutes * MINUTE;
      await handle(minutes);
      expect(clock.now() - from).toBeLessThanOrEqual(10_000);
    }
  });

  it('stops no incident where looking fails, and takes nothing back', async () => {
    const handle = open();
    answer = () => Promise.reject(new TypeError('a fault of ours'));
    await handle(1, [attack()]);
    expect((await kept())[0]).toMatchObject({ score: 35, context: { missing: { length: 3 } } });
    answer = () => Promise.resolve(EXPLOITED);
    await handle(2);
    answer = () => Promise.reject(new TypeError('a fault of ours'));
    await handle(3, [observation('2', 1, { signals: [signal('other')] })]);
    const [incident] = await kept();
    expect(incident?.alertIds).toHaveLength(2);
    expect(incident?.context).toMatchObject({ assets: EXPLOITED.assets, findings: [{ priority: 'act' }] });
  });

  it('that was gathered for a telling which failed is not told later', async () => {
    let refused = false;
    const refusing = faultyStorage(storage, ({ operation, target }) =>
      refused && operation === 'tables.commit' && target === 'correlation' ? 'before' : undefined,
    );
    const handle = open(refusing);
    await handle(1, [attack()]);
    facts = EXPLOITED;
    version++;
    refused = true;
    await expect(handle(3)).rejects.toThrow();
    refused = false;
    facts = sampleFacts();
    await handle(3.1, [observation('2', 1, { signals: [signal('other')] })]);
    expect(shown.map(({ context }) => context)).toEqual(shown.map(() => sampleFacts()));
    expect((await kept())[0]?.alertIds).toHaveLength(2);
  });

  it('that another instance told in between is compared with', async () => {
    const [one, other] = [open(), open()];
    facts = EXPLOITED;
    await one(1, [attack()]);
    facts = sampleFacts();
    await other(2, [observation('2', 1, { signals: [signal('other')] })]);
    expect((await kept())[0]?.context?.findings).toEqual([]);
    await other(2, [observation('entry', 1, { entry: true, principal: upnKey('ann@contoso.example'), entities: [] })]);
    facts = EXPLOITED;
    await expect(one(3, [observation('late', 2, { entry: true })])).rejects.toThrow(TakenOverError);
    await one(4);
    expect((await kept())[0]?.context?.findings).toHaveLength(1);
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
