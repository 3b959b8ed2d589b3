import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileRules } from '../../pipeline/detection/loading/load.ts';
import { jsonSource } from '../../pipeline/sources/json/index.ts';
import { ndjsonFormat } from './formats.ts';
import { scan } from './scan.ts';

const RULES = `title: Console login failed
id: 00000000-0000-4000-8000-0000000000f1
name: login_failed
logsource: { product: aws, service: cloudtrail }
detection:
  selection: { eventName: ConsoleLogin, responseElements.ConsoleLogin: Failure }
  condition: selection
---
title: Many failed console logins
id: 00000000-0000-4000-8000-0000000000f2
level: high
tags: [attack.t1110]
correlation:
  type: value_count
  rules: [login_failed]
  group-by: [sourceIPAddress]
  timespan: 5m
  condition: { field: userIdentity.userName, gte: 3 }
`;

const idOf = (id: number): string => `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;

const login = (id: number, minute: number, user: string, address = '203.0.113.7') => ({
  eventVersion: '1.08',
  userIdentity: {
    type: 'IAMUser',
    arn: `arn:aws:iam::111122223333:user/${user}`,
    accountId: '111122223333',
    userName: user,
  },
  eventTime: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
  eventSource: 'signin.amazonaws.com',
  eventName: 'ConsoleLogin',
  awsRegion: 'us-east-1',
  sourceIPAddress: address,
  responseElements: { ConsoleLogin: 'Failure' },
  eventID: idOf(id),
  eventType: 'AwsConsoleSignIn',
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-scan-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, ...records: readonly object[]): Promise<string> {
  await writeFile(join(folder, name), records.map((record) => JSON.stringify(record)).join('\n'));
  return join(folder, name);
}

/** Lines of a scan as ndjson, the summary without its seconds. */
async function scanned(rules: string, files: readonly string[]): Promise<unknown[]> {
  const set = compileRules([{ file: 'rules.yml', text: rules }]);
  const lines: unknown[] = [];
  const { listener, finish } = ndjsonFormat((line) => lines.push(JSON.parse(line)));
  finish(await scan(files, set, listener), set);
  return lines;
}

it('tells of a correlation once, with the events of all files in order of time, and holds its rules back', async () => {
  const one = await file('one.ndjson', login(3, 4, 'carl'), login(1, 1, 'anna'), login(9, 1, 'dora', '198.51.100.9'));
  const two = await file('two.ndjson', login(2, 3, 'bert'), login(4, 30, 'anna'));
  const [signal, alert, incident, summary, ...others] = await scanned(RULES, [one, two]);
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ type: 'incident', severity: 'medium', techniques: ['T1110'] });
  expect(signal).toEqual({
    type: 'signal',
    rule: { id: '00000000-0000-4000-8000-0000000000f2', title: 'Many failed console logins', level: 'high' },
    eventIds: [idOf(1), idOf(2), idOf(3)],
    origin: [
      { file: one, record: 1 },
      { file: two, record: 0 },
      { file: one, record: 0 },
    ],
    time: '2026-01-01T00:04:00.000Z',
    group: { sourceIPAddress: '203.0.113.7' },
  });
  expect(alert).toMatchObject({
    type: 'alert',
    rule: { title: 'Many failed console logins' },
    decision: 'warn',
    techniques: ['T1110'],
    principals: ['anna', 'bert', 'carl'].map((user) => expect.stringContaining(user) as string),
    eventIds: [idOf(1), idOf(2), idOf(3)],
    count: 3,
    firstSeen: '2026-01-01T00:01:00.000Z',
    lastSeen: '2026-01-01T00:04:00.000Z',
  });
  expect(summary).toMatchObject({ signals: 1, alerts: 1, rules: { loaded: 2, rejected: 0 } });
  const signalsOnly = (lines: readonly unknown[]) => lines.slice(0, 2);
  const back = await scanned(RULES, [two, one, two]);
  expect(signalsOnly(back)).toEqual([signal, alert]);
});

it('raises the signals of its rules too where it says so', async () => {
  const path = await file('one.ndjson', login(1, 1, 'anna'), login(2, 2, 'bert'), login(3, 3, 'carl'));
  const lines = await scanned(`${RULES}generate: true\n`, [path]);
  expect(lines.at(-1)).toMatchObject({ signals: 4, alerts: 4 });
});

it('keeps what crosses the border of an alert window in the alert of the time at which it was first true', async () => {
  const near = (id: number, minute: number, user: string) => {
    const record = login(id, minute % 60, user);
    return minute < 60 ? record : { ...record, eventTime: record.eventTime.replace('T00', 'T01') };
  };
  const path = await file('one.ndjson', near(1, 58, 'anna'), near(2, 59, 'bert'), near(3, 61, 'carl'));
  const [, alert, , summary] = await scanned(RULES, [path]);
  expect(alert).toMatchObject({ count: 3, firstSeen: '2026-01-01T00:58:00.000Z' });
  expect(summary).toMatchObject({ signals: 1, alerts: 1 });
});

it('passes over records that say no time, and counts them', async () => {
  const rules = RULES.replace('logsource: { product: aws, service: cloudtrail }', 'logsource: { product: example }');
  const untimed = [1, 2, 3].map((id) => ({ ...login(id, id, `user${id}`), eventTime: undefined }));
  const path = await file('one.ndjson', ...untimed);
  const set = compileRules([{ file: 'rules.yml', text: rules }]);
  const { untimed: counted, counts } = await scan([path], set, {}, { source: jsonSource() });
  expect([counted, counts.signals]).toEqual([3, 0]);
});
