import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Matcher } from '../../pipeline/read-body.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import type { Place } from './read-file.ts';
import { scan, type ScanListener } from './scan.ts';

const HOUR = 3_600_000;
const SIGNAL: Omit<Signal, 'group'> = {
  rule: { id: '00000000-0000-4000-8000-000000000001', title: 'Trail stopped', level: 'high' },
  decision: 'warn',
  techniques: ['T1685.002'],
  window: HOUR,
};
const MATCHER: Matcher = {
  match: ({ event, fields }) =>
    fields['eventName'] === 'StopLogging' ? [{ ...SIGNAL, group: { principal: event.principal } }] : [],
};

const record = (id: number, eventName = 'StopLogging', minute = id) => ({
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', accountId: '111122223333' },
  eventTime: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
  eventSource: 'cloudtrail.amazonaws.com',
  eventName,
  awsRegion: 'eu-north-1',
  sourceIPAddress: '203.0.113.7',
  eventID: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  eventType: 'AwsApiCall',
});
const idOf = (id: number) => record(id).eventID;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-scan-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

function recorder() {
  const signals: Place[] = [];
  const rejected: (Place & { readonly reason: string })[] = [];
  const listener: ScanListener = {
    signal: (_signal, _event, place) => signals.push(place),
    rejected: (place, reason) => rejected.push({ ...place, reason }),
  };
  return { listener, signals, rejected };
}

it('counts records from 0 within their file, whatever form it has', async () => {
  const one = await file('one.json', JSON.stringify({ Records: [record(1, 'GetTrail'), 7, record(2)] }, undefined, 2));
  const lines = [record(3, 'GetTrail'), { Records: [] }, { Records: [record(4, 'GetTrail'), record(5)] }, {}];
  const two = await file('two.json.gz', gzipSync(lines.map((line) => JSON.stringify(line)).join('\n')));
  const { listener, signals, rejected } = recorder();
  const { counts } = await scan([one, two], MATCHER, listener);
  expect(signals).toEqual([
    { file: one, record: 2 },
    { file: two, record: 2 },
  ]);
  expect(rejected).toMatchObject([
    { file: one, record: 1, reason: 'a record must be a JSON object, found a number' },
    { file: two, record: 3 },
  ]);
  expect(counts).toEqual({ records: 7, events: 5, rejected: 2, signals: 2, suppressed: 0, alerts: 1, incidents: 1 });
});

it('reads reports of scanners, each thing found as a record of its own', async () => {
  const log = {
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'x' } }, results: [{ ruleId: 'a' }, { ruleId: 'b' }] }],
  };
  const report = {
    SchemaVersion: 2,
    ArtifactName: 'shop',
    Results: [{ Vulnerabilities: [{ VulnerabilityID: 'CVE-2026-10001' }] }],
  };
  const one = await file('results.sarif', JSON.stringify(log, undefined, 2));
  const two = await file('trivy.json', `${JSON.stringify(report)}\n`);
  const old = await file('old.sarif', JSON.stringify({ version: '1.0.0', runs: [] }));
  const events: [source: string, place: Place][] = [];
  const { listener, rejected } = recorder();
  await scan([one, two, old], MATCHER, { ...listener, event: ({ source }, place) => events.push([source, place]) });
  expect(events).toEqual([
    ['sarif', { file: one, record: 0 }],
    ['sarif', { file: one, record: 1 }],
    ['trivy', { file: two, record: 0 }],
  ]);
  expect(rejected).toEqual([
    { file: old, record: 0, reason: "version: expected version 2.1.0 of SARIF, found '1.0.0'" },
  ]);
});

it('gives the same alerts in any order of files, and a record met twice counts once', async () => {
  const one = await file('one.json', JSON.stringify([record(3), record(1)]));
  const two = await file('two.json', JSON.stringify([record(2), record(1)]));
  const there = await scan([one, two], MATCHER, {});
  const back = await scan([two, one, one], MATCHER, {});
  expect(back.alerts).toEqual(there.alerts);
  expect(there.alerts).toMatchObject([
    {
      rule: SIGNAL.rule,
      severity: 'high',
      count: 3,
      eventIds: [idOf(1), idOf(2), idOf(3)],
      firstSeen: Date.UTC(2026, 0, 1, 0, 1),
      lastSeen: Date.UTC(2026, 0, 1, 0, 3),
    },
  ]);
  expect([there.counts.signals, back.counts.signals]).toEqual([3, 3]);
});

it('tells of suppressed signals, each once, and raises no alert for them', async () => {
  const matcher: Matcher = {
    match: (read) =>
      MATCHER.match(read).map((signal) =>
        read.fields['eventID'] === idOf(2) ? signal : { ...signal, suppressed: { exception: 'drill' } },
      ),
  };
  const one = await file('one.json', JSON.stringify([record(1), record(2)]));
  const two = await file('two.json', JSON.stringify([record(3), record(1)]));
  const there = await scan([one, two], matcher, {});
  const { listener, signals } = recorder();
  const back = await scan([two, one, two], matcher, listener);
  expect(back.alerts).toEqual(there.alerts);
  expect(there.alerts).toMatchObject([{ count: 1, eventIds: [idOf(2)] }]);
  expect([there.suppressed, back.suppressed]).toEqual([new Map([['drill', 2]]), new Map([['drill', 2]])]);
  expect(back.counts).toMatchObject({ signals: 1, suppressed: 2, alerts: 1 });
  expect(signals).toHaveLength(3);
});

it('goes on after a file that cannot be opened, and names it', async () => {
  await symlink('nowhere.json', join(folder, 'lost.json'));
  const lost = join(folder, 'lost.json');
  const good = await file('good.json', JSON.stringify(record(1)));
  const { listener, rejected } = recorder();
  const { counts, unreadable } = await scan([lost, folder, good], MATCHER, listener);
  expect(unreadable).toEqual([lost, folder]);
  expect(rejected).toEqual([
    { file: lost, record: 0, reason: 'the file cannot be read: it is not there, or is a link that leads nowhere' },
    { file: folder, record: 0, reason: 'the file cannot be read: it is a directory' },
  ]);
  expect(counts).toMatchObject({ records: 3, events: 1, rejected: 2, alerts: 1 });
});

it.each([
  ['empty', '', 'the body is empty'],
  ['gzip cut off', gzipSync(JSON.stringify(record(1))).subarray(0, 40), 'damaged or cut off'],
  ['not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'not text in UTF-8'],
  ['nested beyond any stack', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), 'nested more than'],
])('a file that is %s is one rejection, and no unusable input', async (_name, content, reason) => {
  const path = await file('bad.json', content);
  const { listener, rejected } = recorder();
  const { counts, unreadable } = await scan([path], MATCHER, listener);
  expect(rejected).toMatchObject([{ file: path, record: 0 }]);
  expect(rejected[0]?.reason).toContain(reason);
  expect(counts).toMatchObject({ records: 1, events: 0, rejected: 1 });
  expect(unreadable).toEqual([]);
});
