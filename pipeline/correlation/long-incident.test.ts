import { describe, expect, it } from 'vitest';
import { Metrics } from '../../platform/metrics.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import type { Incident } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { Correlation } from './correlation.ts';
import { CorrelationEngine } from './engine.ts';
import { Journal } from './journal.ts';
import { MINUTE, NOON, observation, signal } from './observation-samples.ts';
import { observationPage } from './pages.ts';

const RULES = { rules: [], correlations: [] };
const HOUR = 60 * MINUTE;

const signIn = (id: string, minutes: number): Observation =>
  observation(id, minutes, {
    source: 'entra',
    entry: true,
    action: { operation: 'Sign-in activity', classUid: 3002, activityId: 1, outcome: 'success' },
  });

/** Somebody signs in, twice within the hour, and does something twenty hours later, and again and again for five days; another signs in and does nothing. */
const story: readonly Observation[] = [
  signIn('sign-in', 0),
  signIn('sign-in again', 40),
  { ...signIn('idle', 30), principal: 'upn:noor@contoso.example', entities: [] },
  ...Array.from({ length: 7 }, (_, n) => observation(`act ${n}`, (n + 1) * 20 * 60, { signals: [signal('r')] })),
];

/** What is kept where the state is read anew each so many hours, and what is held in the end. */
async function kept(hoursALife: number): Promise<{ incidents: Incident[]; held: string[] }> {
  const storage = memoryStorage();
  const open = () => new Correlation('0', { ...storage, metrics: new Metrics() });
  let correlation = open();
  for (let hour = 0; hour <= 150; hour++) {
    const due = story.filter(({ time }) => Math.ceil((time - NOON) / HOUR) === hour);
    await correlation.handle(due, RULES, NOON + hour * HOUR);
    if ((hour + 1) % hoursALife === 0) correlation = open();
  }
  const incidents = await Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 10 }));
  const entries = await new Journal(storage.tables, '0').entries();
  const pages = (entries.get('observations') ?? []).map((page) => observationPage.parse(page));
  const held = pages.flatMap(({ observations }) => observations.map(({ recordId }) => recordId)).sort();
  return { incidents: incidents.map(({ incident }) => incident), held };
}

describe('an incident that goes on for longer than the horizon', () => {
  it('tells how it began for as long as it goes on, also over restarts', async () => {
    const engine = new CorrelationEngine({ rules: RULES });
    for (const one of story) engine.take(one);
    const expected = engine.settle().incidents;
    expect(expected.map(({ eventIds }) => eventIds)).toEqual([
      ['sign-in', ...Array.from({ length: 7 }, (_, n) => `act ${n}`)],
    ]);
    const without = await kept(Infinity);
    expect(without.incidents).toEqual(expected);
    expect(await kept(7)).toEqual(without);
    expect(await kept(1)).toEqual(without);
    // The sign-in that is like the first, and that of the one who did nothing, are held no longer.
    expect(without.held).toEqual(expected[0]?.eventIds.toSorted());
  });
});
