import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/clock.ts';
import type { HubMessage } from '../platform/hubs.ts';
import { parsePrefix } from '../platform/ip-prefix.ts';
import { Metrics } from '../platform/metrics.ts';
import { memoryStorage } from '../platform/storage/memory.ts';
import { builtinRules } from './detection/builtin.ts';
import { loadRules } from './detection/loading/load.ts';
import { correlationOf } from './detection/correlation/correlation-samples.ts';
import { ruleSet, type RuleSet } from './detection/matching/rule-set.ts';
import { knowledgeOf } from './enrichment/knowledge.ts';
import { IndicatorTable } from './enrichment/threat-intel/indicator-table.ts';
import { ThreatIntel } from './enrichment/threat-intel/threat-intel.ts';
import { lookBack } from './look-back.ts';
import { readBody } from './read-body.ts';
import { decodeEvent } from './timeline/codec.ts';
import { timelineStore } from './timeline/store.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FEED = 'intel/contoso';

/** A sign-in to the console of AWS that succeeded, so long before noon. */
const signIn = (ip: string, before: number) => ({
  eventVersion: '1.11',
  userIdentity: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLE0000000001',
    arn: 'arn:aws:iam::111122223333:user/mara',
    accountId: '111122223333',
    userName: 'mara',
  },
  eventTime: new Date(NOON - before).toISOString(),
  eventSource: 'signin.amazonaws.com',
  eventName: 'ConsoleLogin',
  awsRegion: 'eu-central-1',
  sourceIPAddress: ip,
  userAgent: 'Mozilla/5.0',
  responseElements: { ConsoleLogin: 'Success' },
  eventID: `00000000-0000-4000-8000-${String(before).padStart(12, '0')}`,
  eventType: 'AwsConsoleSignIn',
  recipientAccountId: '111122223333',
});

const rules: RuleSet = await loadRules([builtinRules()]);
let storage: ReturnType<typeof memoryStorage>;
let clock: ManualClock;
let sent: HubMessage[];
let asked: string[];

beforeEach(async () => {
  storage = memoryStorage();
  clock = new ManualClock(NOON);
  sent = [];
  asked = [];
  const records = [signIn('198.51.100.9', HOUR), signIn('198.51.100.9', 9 * DAY), signIn('198.51.100.10', 2 * HOUR)];
  const { accepted } = readBody(Buffer.from(JSON.stringify(records)), rules);
  expect(accepted.flatMap(({ event }) => event.signals)).toEqual([]);
  await timelineStore(storage.tables).insert(accepted.map(({ event }) => event));
});

/** One run, when the source names these addresses; it ends after so many pieces. */
async function run(
  addresses: readonly string[],
  more: { deadline?: number; matcher?: RuleSet; failing?: string } = {},
): Promise<void> {
  const table = new IndicatorTable('contoso', DAY);
  for (const address of addresses) {
    const prefix = parsePrefix(address);
    if (prefix !== undefined) table.addNetwork(prefix, { labels: [], confidence: 90 });
  }
  const timeline = timelineStore(storage.tables);
  await lookBack({
    sources: new Map([[FEED, table]]),
    knowledge: knowledgeOf({ intel: new ThreatIntel([{ table, confirmed: clock.now() }]) }),
    matcher: more.matcher ?? rules,
    timeline: {
      byEntity: (key, query) => {
        asked.push(key);
        if (key === more.failing) return Promise.reject(new Error('storage is away'));
        return timeline.byEntity(key, query);
      },
    },
    hubs: {
      send: (hub, messages) => {
        expect(hub).toBe('timeline');
        sent.push(...messages);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
    ...{ blobs: storage.blobs, metrics: new Metrics(), clock, span: 7 * DAY },
    deadline: more.deadline ?? Infinity,
  });
}

describe('looking back', () => {
  it('tells what happened before its address was known, once, within the last days', async () => {
    await run(['198.51.100.9', '192.0.2.0/24']);
    expect(sent.map(({ body }) => decodeEvent(body))).toMatchObject([
      {
        time: NOON - HOUR,
        signals: [{ rule: { title: 'Sign-in or call from an address that is held to be an attacker’s' } }],
        ocsf: { enrichments: [{ type: 'indicator', value: '198.51.100.9' }] },
      },
    ]);
    expect(asked).toEqual(['ip:198.51.100.9']);
    await run(['198.51.100.9', '192.0.2.0/24']);
    expect(sent).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  it('raises nothing by a rule that is there for a correlation alone, which gets its match', async () => {
    const call = '5b6a8a52-3f0b-4f57-9a86-0a6f1f6f2c31';
    const several = correlationOf({ type: 'event_count', rules: [call], timespan: '1h', condition: { gte: 3 } });
    await run(['198.51.100.9'], { matcher: ruleSet({ ...rules, correlations: [several] }) });
    expect(sent.map(({ body }) => decodeEvent(body))).toMatchObject([{ signals: [], matches: [{ rule: call }] }]);
  });

  it('looks only for what is new, and again for what was taken back and is said again', async () => {
    await run(['198.51.100.9']);
    await run(['198.51.100.9', '198.51.100.10']);
    expect(asked).toEqual(['ip:198.51.100.9', 'ip:198.51.100.10']);
    await run(['198.51.100.10']);
    await run(['198.51.100.9', '198.51.100.10']);
    expect(asked.at(-1)).toBe('ip:198.51.100.9');
    expect(sent).toHaveLength(3);
  });

  it('goes on in the next run where it failed', async () => {
    const many = Array.from({ length: 1200 }, (_, at) => `198.51.${100 + (at >> 8)}.${at & 255}`);
    await expect(run(many, { failing: 'ip:198.51.102.200' })).rejects.toThrow('storage is away');
    const before = asked.length;
    await run(many);
    expect(asked.length - before).toBe(700);
    expect(sent).toHaveLength(2);
  });

  it('goes on in the next run where time is up', async () => {
    const many = Array.from({ length: 1200 }, (_, at) => `198.51.${100 + (at >> 8)}.${at & 255}`);
    await run(many, { deadline: NOON });
    expect(asked).toHaveLength(0);
    await run(many);
    expect(asked).toHaveLength(1200);
    expect(sent).toHaveLength(2);
  });
});
