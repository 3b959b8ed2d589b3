import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArmError, NO_ANSWER } from '../../platform/azure/arm-error.ts';
import { ManualClock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { MemoryTables } from '../../platform/storage/memory-tables.ts';
import { FakeSentinel, incidentId, WORKSPACE_ID } from '../../test/fakes/sentinel.ts';
import { sentinelArm } from '../../test/sentinel.ts';
import { EnrichedIncidents } from './enriched-incidents.ts';
import type { EnrichmentReport } from './enrich.ts';
import { parseIncidentId, parseWorkspaceId } from './incident-address.ts';
import { OWN_LABEL } from './incident.ts';
import { pollIncidents, type PollResult } from './poll.ts';
import type { WriteReport } from './writer.ts';

const NINE = Date.UTC(2026, 10, 20, 9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const name = (at: number): string => `73e01a99-0000-4000-8000-${String(at).padStart(12, '0')}`;

const WRITTEN: WriteReport = {
  incident: 'written',
  comment: 'written',
  tasks: { written: 0, unchanged: 0, leftOut: 0 },
  gone: false,
  again: false,
  notes: [],
};

let clock: ManualClock;
let sentinel: FakeSentinel;
let enriched: EnrichedIncidents;
/** Incidents in the order in which they were enriched, and what that gives. */
let asked: string[];
let missing: readonly string[];
/** Whether something could not be written in time. */
let again: boolean;
let outcome: EnrichmentReport['outcome'];
let notes: readonly string[];
let failure: (incident: string) => Error | undefined;

beforeEach(async () => {
  clock = new ManualClock(NINE);
  sentinel = await FakeSentinel.start(clock);
  enriched = new EnrichedIncidents(new MemoryTables());
  asked = [];
  missing = [];
  again = false;
  [outcome, notes] = ['written', []];
  failure = () => undefined;
});
afterEach(() => sentinel.close());

function add(at: number, properties: JsonObject = {}): void {
  const happened = new Date(clock.now() - 3 * HOUR).toISOString();
  sentinel.add(name(at), { firstActivityTimeUtc: happened, lastActivityTimeUtc: happened, ...properties });
}

async function poll({ limit = 10, lookback = 24 * HOUR } = {}): Promise<PollResult> {
  const workspace = parseWorkspaceId(WORKSPACE_ID);
  if (workspace === undefined) throw new Error('no workspace');
  return pollIncidents(
    {
      arm: await sentinelArm(sentinel, clock),
      enriched,
      clock,
      enrich: async (address) => {
        asked.push(address.incident);
        const error = failure(address.incident);
        if (error !== undefined) throw error;
        return { outcome, missing, written: { ...WRITTEN, again, notes }, calls: 1 };
      },
    },
    { workspace, limit, lookback, deadline: clock.now() + MINUTE },
  );
}

describe('a look at the incidents of a workspace', () => {
  it('enriches those that nobody has, the latest changed first, and each once', async () => {
    add(1);
    clock.advance(MINUTE);
    add(2);
    expect(await poll()).toEqual({ enriched: 2, problems: [] });
    expect(asked).toEqual([name(2), name(1)]);
    clock.advance(24 * HOUR - 2 * MINUTE);
    expect(await poll()).toEqual({ enriched: 0, problems: [] });
  });

  it('passes over what is closed, too old, or made by Crosstrail itself', async () => {
    add(1);
    clock.advance(25 * HOUR);
    add(2, { status: 'Closed' });
    add(3, { labels: [{ labelName: OWN_LABEL }] });
    expect(await poll()).toEqual({ enriched: 0, problems: [] });
  });

  it('enriches again what has other alerts, and not what has other comments and labels', async () => {
    add(1);
    await poll();
    sentinel.edit(name(1), {
      labels: [{ labelName: 'x' }],
      severity: 'High',
      additionalData: { alertsCount: 0, commentsCount: 1 },
    });
    expect((await poll()).enriched).toBe(0);
    sentinel.edit(name(1), { additionalData: { alertsCount: 2, commentsCount: 1 } });
    expect((await poll()).enriched).toBe(1);
  });

  it('looks again where something was missing, ever later, and gives up', async () => {
    add(1);
    missing = ['sign-ins: the workspace took too long'];
    const times: number[] = [];
    for (let minutes = 0; minutes < 20 * 60; minutes += 10) {
      if ((await poll()).enriched > 0) times.push(minutes);
      clock.advance(10 * MINUTE);
    }
    expect(times).toEqual([0, 30, 90, 210]);
  });

  it('looks again where something could not be written in time', async () => {
    add(1);
    again = true;
    await poll();
    clock.advance(31 * MINUTE);
    expect((await poll()).enriched).toBe(1);
  });

  it('says what Sentinel refused, and looks again', async () => {
    add(1);
    [outcome, notes] = ['refused', ['the comment: AuthorizationFailed']];
    expect(await poll()).toEqual({ enriched: 1, problems: [`incident ${name(1)}: the comment: AuthorizationFailed`] });
    clock.advance(31 * MINUTE);
    expect((await poll()).enriched).toBe(1);
  });

  it('looks again at what has just happened, for some of it comes late', async () => {
    const now = new Date(clock.now()).toISOString();
    add(1, { firstActivityTimeUtc: now, lastActivityTimeUtc: now });
    await poll();
    clock.advance(20 * MINUTE);
    expect((await poll()).enriched).toBe(0);
    clock.advance(20 * MINUTE);
    expect((await poll()).enriched).toBe(1);
  });

  it('enriches only so many at once, and goes on with the next', async () => {
    for (const at of [1, 2, 3]) add(at);
    await poll({ limit: 2 });
    expect(asked).toHaveLength(2);
    await poll({ limit: 2 });
    expect(new Set(asked).size).toBe(3);
  });

  it('goes on where one fails, and does not try that one at once again', async () => {
    add(1);
    clock.advance(MINUTE);
    add(2);
    failure = (incident) => (incident === name(2) ? new TypeError('broken') : undefined);
    expect(await poll()).toEqual({ enriched: 2, problems: [`incident ${name(2)}: broken`] });
    expect((await poll()).enriched).toBe(0);
  });

  it.each([{ status: 500 }, { code: NO_ANSWER }])(
    'goes on where one incident alone fails the service (%o)',
    async (fault) => {
      add(1);
      clock.advance(MINUTE);
      add(2);
      failure = (incident) => (incident === name(2) ? new ArmError('fault', fault) : undefined);
      expect((await poll()).enriched).toBe(2);
      expect((await poll()).enriched).toBe(0);
    },
  );

  it('stops where the service is busy, and tries again with the next run', async () => {
    add(1);
    add(2);
    failure = () => new ArmError('busy', { status: 429 });
    expect(await poll()).toEqual({ enriched: 1, problems: ['busy'] });
    failure = () => undefined;
    expect((await poll()).enriched).toBe(2);
  });

  it('knows nothing any more of incidents that were tried long ago', async () => {
    for (let at = 1; at <= 203; at++) {
      const address = parseIncidentId(incidentId(name(at)));
      if (address === undefined) throw new Error('no address');
      const [content, tries, complete] = ['c', 1, true];
      await enriched.note(address, { content, tries, complete, at: NINE + (at <= 201 ? 0 : HOUR) });
    }
    const workspace = parseWorkspaceId(WORKSPACE_ID.toUpperCase());
    if (workspace === undefined) throw new Error('no workspace');
    await enriched.dropBefore(workspace, NINE + HOUR);
    const left = async (at: number) => enriched.get({ ...workspace, incident: name(at) });
    expect(await Promise.all([1, 200, 201, 202, 203].map(async (at) => (await left(at)) !== undefined))).toEqual([
      ...[false, false, false],
      ...[true, true],
    ]);
  });

  it('says where there is nothing to be had', async () => {
    sentinel.failure = () => ({ status: 403, code: 'AuthorizationFailed' });
    const { enriched: done, problems } = await poll();
    expect(done).toBe(0);
    expect(problems[0]).toContain('AuthorizationFailed');
  });
});
