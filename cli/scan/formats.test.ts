import { expect, it } from 'vitest';
import { compileExceptions } from '../../pipeline/detection/exceptions/compile-exceptions.ts';
import { compileRules } from '../../pipeline/detection/loading/load.ts';
import { ruleSet } from '../../pipeline/detection/matching/rule-set.ts';
import { readBody } from '../../pipeline/read-body.ts';
import { violations } from '../../pipeline/timeline/ocsf/validate.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import { ndjsonFormat, ocsfFormat, tableFormat } from './formats.ts';
import type { ScanAlert } from './raised-alerts.ts';
import type { ScanResult } from './scan.ts';

const RULE = { id: '00000000-0000-4000-8000-000000000001', title: 'Trail \x1b[31mstopped', level: 'high' } as const;
const EVENT_ID = '00000000-0000-4000-8000-0000000000e1';
const PRINCIPAL = 'aws:arn:aws:iam::111122223333:user/ann\u202e';
const SIGNAL: Signal = { rule: RULE, decision: 'warn', techniques: [], window: 1, group: { principal: PRINCIPAL } };
const ALERT: ScanAlert = {
  id: 'alert-1',
  rule: RULE,
  severity: 'high',
  decision: 'warn',
  principals: [PRINCIPAL],
  techniques: ['T1685.002'],
  group: { principal: PRINCIPAL },
  count: 1,
  firstSeen: Date.UTC(2026, 0, 1),
  lastSeen: Date.UTC(2026, 0, 2),
  eventIds: [EVENT_ID],
};
const RESULT: ScanResult = {
  alerts: [ALERT],
  incidents: [],
  weaknesses: [],
  counts: { records: 2, events: 1, rejected: 1, signals: 1, suppressed: 0, alerts: 1, incidents: 0 },
  suppressed: new Map(),
  untimed: 0,
  unreadable: [],
  seconds: 0.12345,
};
const EXCEPTION = JSON.stringify({
  title: 'Backup \x1b[31mreads',
  id: 'backup',
  rules: ['r'],
  detection: { selection: { f: 'backup' }, condition: 'selection' },
  owner: 'platform',
  reason: 'It reads all at night.',
  expires: '2027-03-01',
  review: '2027-01-01',
});
const NO_RULES = compileRules([]);
const [accepted] = readBody(
  new TextEncoder().encode(
    JSON.stringify({
      eventVersion: '1.08',
      userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', accountId: '111122223333' },
      eventTime: '2026-01-01T00:00:00Z',
      eventSource: 'cloudtrail.amazonaws.com',
      eventName: 'StopLogging',
      awsRegion: 'eu-north-1',
      eventID: EVENT_ID,
    }),
  ),
  NO_RULES,
).accepted;
if (accepted === undefined) throw new Error('the sample was not read');
const { event } = accepted;
const PLACE = { file: 'a\x1b[2J.json', record: 3 };

it('ndjson: one object a line, each as the contract has it, the summary last', () => {
  const lines: string[] = [];
  const { listener, finish } = ndjsonFormat((line) => lines.push(line));
  listener.signal?.(SIGNAL, event, PLACE);
  listener.rejected?.(PLACE, 'the body is empty');
  finish(RESULT, NO_RULES);
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      type: 'signal',
      rule: RULE,
      eventIds: [EVENT_ID],
      origin: [PLACE],
      time: '2026-01-01T00:00:00.000Z',
      group: { principal: PRINCIPAL },
    },
    { type: 'rejected', origin: PLACE, reason: 'the body is empty' },
    {
      type: 'alert',
      id: 'alert-1',
      rule: RULE,
      severity: 'high',
      decision: 'warn',
      principals: [PRINCIPAL],
      techniques: ['T1685.002'],
      eventIds: [EVENT_ID],
      count: 1,
      firstSeen: '2026-01-01T00:00:00.000Z',
      lastSeen: '2026-01-02T00:00:00.000Z',
    },
    {
      type: 'summary',
      records: 2,
      events: 1,
      rejected: 1,
      signals: 1,
      suppressed: 0,
      alerts: 1,
      incidents: 0,
      rules: { loaded: 0, rejected: 0 },
      seconds: 0.123,
    },
  ]);
});

it('tells which exception suppressed a signal, and how many each did', () => {
  const lines: string[] = [];
  const suppressed = new Map([
    ['backup', 1200],
    ['gone', 1],
  ]);
  const ndjson = ndjsonFormat((line) => lines.push(line));
  ndjson.listener.signal?.({ ...SIGNAL, suppressed: { exception: 'backup' } }, event, PLACE);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'signal', suppressed: { exception: 'backup' } });
  const [exception] = compileExceptions([{ file: 'e.yml', text: EXCEPTION }], Date.UTC(2026, 10, 20), {}).exceptions;
  if (exception === undefined) throw new Error('the exception was not read');
  const rules = ruleSet({ rules: [], rejected: [], exceptions: [exception] });
  const table = tableFormat((line) => lines.push(line));
  table.finish({ ...RESULT, counts: { ...RESULT.counts, suppressed: 1201 }, suppressed }, rules);
  const text = lines.join('\n');
  expect(text).toContain('1200 signals by backup (Backup ?[31mreads; platform, until 2027-03-01)');
  expect(text).toContain('1 signal by gone\n');
  expect(text).toContain('1 signal, 1201 suppressed, 1 alert');
});

it('ocsf: events and alerts, all valid', () => {
  const lines: string[] = [];
  const { listener, finish } = ocsfFormat((line) => lines.push(line));
  listener.event?.(event, PLACE);
  finish(RESULT, NO_RULES);
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects.map((object) => object['class_uid'])).toEqual([6003, 2004]);
  for (const object of objects) expect(violations(object)).toEqual([]);
});

it('table: worst first, the same reason once, and nothing that moves the cursor', () => {
  const lines: string[] = [];
  const { listener, finish } = tableFormat((line) => lines.push(line));
  for (let record = 0; record < 3; record++) listener.rejected?.({ ...PLACE, record }, 'category \x1b[31m');
  const low: ScanAlert = { ...ALERT, id: 'alert-2', severity: 'low', rule: { ...RULE, title: 'Lesser' }, firstSeen: 0 };
  const counted: ScanAlert = { ...low, id: 'alert-3', decision: 'monitor', escalate: { count: 5, decision: 'block' } };
  finish({ ...RESULT, alerts: [low, counted, ALERT] }, NO_RULES);
  const text = lines.join('\n');
  expect(text).not.toMatch(/[^\x20-\x7e\n…]/);
  expect(text).toContain('Trail ?[31mstopped');
  expect(text.indexOf('Trail')).toBeLessThan(text.indexOf('Lesser'));
  expect(text).toMatch(/^high .* warn  +1  Trail/m);
  expect(text).toMatch(/^low .* monitor, block at 5  +1  Lesser/m);
  expect(text).toContain('category ?[31m (3 times, first a?[2J.json record 0)');
});

it('table: who it is stays legible where a key is long', () => {
  const lines: string[] = [];
  const cluster = `/subscriptions/${EVENT_ID}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/aks-shop`;
  const principals = [`k8s-user:${cluster}:masterclient`, PRINCIPAL];
  tableFormat((line) => lines.push(line)).finish({ ...RESULT, alerts: [{ ...ALERT, principals }] }, NO_RULES);
  const cell = /k8s-user:….*aks-shop:masterclient and 1 more/.exec(lines.join('\n'))?.[0];
  expect(cell).toHaveLength(70);
});
