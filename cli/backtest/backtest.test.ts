import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileRules } from '../../pipeline/detection/loading/load.ts';
import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import { jsonSource } from '../../pipeline/sources/json/index.ts';
import { backtest } from './backtest.ts';

const RULE = `title: Sign-in failed
id: failed
logsource: { product: aws, service: cloudtrail }
detection: { selection: { eventName: ConsoleLogin }, condition: selection }
`;
const CORRELATION = `title: Many failed sign-ins
id: many
correlation: { type: event_count, rules: [failed], group-by: [sourceIPAddress], timespan: 10m, condition: { gte: 3 } }
`;
const FILTER = `title: Scanner
id: scanner
logsource: { product: aws, service: cloudtrail }
filter: { rules: [failed], selection: { sourceIPAddress: 198.51.100.9 }, condition: not selection }
`;

const login = (id: number, minute: number, address = '203.0.113.7') => ({
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/u${id}`, accountId: '111122223333' },
  eventTime: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
  eventSource: 'signin.amazonaws.com',
  eventName: 'ConsoleLogin',
  awsRegion: 'us-east-1',
  sourceIPAddress: address,
  eventID: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  eventType: 'AwsConsoleSignIn',
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-backtest-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(...records: readonly object[]): Promise<string> {
  const path = join(folder, 'logs.ndjson');
  await writeFile(path, records.map((record) => JSON.stringify(record)).join('\n'));
  return path;
}

function rulesOf(...documents: readonly string[]): RuleSet {
  const set = compileRules(documents.map((text, at) => ({ file: `${at}.yml`, text })));
  expect(set.rejected).toEqual([]);
  return set;
}

it('counts a new correlation, and the rule that it holds back', async () => {
  const logs = await file(login(1, 1), login(2, 2), login(3, 3), login(1, 1), login(4, 4, '198.51.100.9'));
  const { changes, originOf } = await backtest([logs], { before: rulesOf(RULE), after: rulesOf(RULE, CORRELATION) });
  expect(changes).toMatchObject([
    {
      rule: { id: 'many' },
      state: 'new',
      signals: { before: 0, after: 1, added: 1, gone: 0 },
      added: [
        { rule: { id: 'many' }, count: 3, firstSeen: Date.UTC(2026, 0, 1, 0, 1), lastSeen: Date.UTC(2026, 0, 1, 0, 3) },
      ],
    },
    {
      rule: { id: 'failed' },
      state: 'changed',
      changes: [],
      signals: { before: 4, after: 0, added: 0, gone: 4 },
      alerts: { before: 4, after: 0 },
    },
  ]);
  expect(originOf(changes[0]?.added[0]?.id ?? '')).toEqual({ file: logs, record: 0 });
});

it('finds a correlation the same where its rule fires as before', async () => {
  const logs = await file(login(1, 1), login(2, 2), login(3, 3));
  const set = () => rulesOf(RULE, CORRELATION);
  const { changes } = await backtest([logs], { before: set(), after: set() });
  expect(changes).toMatchObject([
    { state: 'same', signals: { before: 0, after: 0 } },
    { state: 'same', signals: { before: 1, after: 1, added: 0, gone: 0 }, added: [], gone: [], changed: [] },
  ]);
});

it('tells what a filter takes away', async () => {
  const logs = await file(login(1, 1), login(2, 2, '198.51.100.9'));
  const { changes } = await backtest([logs], { before: rulesOf(RULE), after: rulesOf(RULE, FILTER) });
  expect(changes).toMatchObject([
    {
      rule: { id: 'failed' },
      state: 'changed',
      changes: [{ what: 'detection' }],
      signals: { before: 2, after: 1, gone: 1 },
      gone: [{ count: 1, firstSeen: Date.UTC(2026, 0, 1, 0, 2) }],
    },
  ]);
});

it('tells how often a rule failed, in each set', async () => {
  const failing = (count: number): RuleSet => ({
    ...rulesOf(RULE),
    errors: new Map([['failed', { count, first: 'undefined is no address' }]]),
    match: () => [],
  });
  const { changes } = await backtest([await file(login(1, 1))], { before: failing(2), after: failing(3) });
  expect(changes).toMatchObject([{ rule: { id: 'failed' }, errors: { before: 2, after: 3 } }]);
});

it('names files that cannot be read, counts what is rejected, and takes no time from what has none', async () => {
  const lost = join(folder, 'lost.json');
  await symlink('nowhere.json', lost);
  const logs = await file(login(1, 5), { eventVersion: '1.08', no: 'event' }, login(2, 1));
  const set = rulesOf(RULE);
  const result = await backtest([lost, logs], { before: set, after: set });
  expect(result).toMatchObject({
    unreadable: [lost],
    counts: { records: 4, events: 2, rejected: 2 },
    span: { from: Date.UTC(2026, 0, 1, 0, 1), to: Date.UTC(2026, 0, 1, 0, 5) },
  });
  const timeless = await file({ kind: 'x' });
  const options = { source: jsonSource() };
  expect((await backtest([timeless], { before: set, after: set }, options)).span).toBeUndefined();
});

it('remembers of an alert no more than a thousand events', async () => {
  const same = Array.from({ length: 1500 }, (_, index) => ({
    ...login(index, 1),
    userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', accountId: '111122223333' },
  }));
  const logs = await file(...same, ...same);
  const set = rulesOf(RULE);
  const { changes } = await backtest([logs], { before: set, after: set });
  expect(changes).toMatchObject([{ state: 'same', signals: { before: 2000, after: 2000 }, alerts: { after: 1 } }]);
});
