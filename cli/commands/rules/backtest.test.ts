import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../../test/command.ts';

const PRINCIPAL = 'aws:arn:aws:iam::111122223333:user/ann';
const record = (id: number, eventName: string, hour: number) => ({
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', accountId: '111122223333' },
  eventTime: `2026-01-01T${String(hour).padStart(2, '0')}:00:00Z`,
  eventSource: 'iam.amazonaws.com',
  eventName,
  awsRegion: 'eu-north-1',
  sourceIPAddress: '203.0.113.7',
  eventID: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  eventType: 'AwsApiCall',
});
const rule = (id: string, names: string, more = 'level: low') => `title: Rule ${id} \u001b[31m
id: ${id}
${more}
logsource: { product: aws, service: cloudtrail }
detection: { selection: { eventName: [${names}] }, condition: selection }
`;

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-backtest-'));
  for (const name of ['old', 'new', 'bad', 'empty', 'logs', 'many']) await mkdir(at(name));
  await writeFile(at('crosstrail.yaml'), 'rules: { builtin: false, directories: [old] }');
  await writeFile(at('old/a.yml'), rule('a', 'CreateUser'));
  await writeFile(at('old/b.yml'), rule('b', 'DeleteUser'));
  await writeFile(at('old/c.yml'), rule('c', 'GetUser'));
  await writeFile(at('new/a.yml'), rule('a', 'CreateUser, DeleteUser', 'level: high'));
  await writeFile(at('new/c.yml'), rule('c', 'GetUser'));
  await writeFile(at('new/d.yml'), rule('d', 'ListUsers'));
  await writeFile(
    at('many/many.yml'),
    'title: Many\nid: many\ncorrelation: { type: event_count, rules: [a], timespan: 1h, condition: { gte: 9 } }',
  );
  await writeFile(at('bad/a.yml'), 'title: [');
  const early = [record(1, 'CreateUser', 0), record(2, 'DeleteUser', 3), record(3, 'GetUser', 4), 'no record'];
  await writeFile(at('logs/early.json.gz'), gzipSync(JSON.stringify({ Records: early })));
  // The first of them again, as exports overlap.
  const late = [record(4, 'ListUsers', 11), record(1, 'CreateUser', 0), record(5, 'CreateUser', 12)];
  await writeFile(at('logs/late.ndjson'), late.map((one) => `${JSON.stringify(one)}\n`).join(''));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command in the folder, whose configuration counts. */
function backtest(args: readonly string[]): Promise<Ended> {
  return runCommand(folder, ['rules', 'backtest', ...args]);
}

const lines = ({ out }: Ended): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

describe('tells what a change of rules makes of logs', () => {
  it('of rules that take the place of those in use', async () => {
    const ended = await backtest(['new', 'logs', '--format', 'ndjson']);
    expect({ ...ended, out: '' }).toEqual({ code: 0, out: '', errors: '' });
    expect(lines(ended)).toMatchObject([
      {
        type: 'rule',
        rule: { id: 'd' },
        state: 'new',
        signals: { before: 0, after: 1, added: 1, gone: 0 },
        alerts: { before: 0, after: 1, added: 1, gone: 0, changed: 0, perDay: { before: 0, after: 2 } },
      },
      {
        type: 'alert',
        change: 'added',
        rule: { id: 'd' },
        principals: [PRINCIPAL],
        firstSeen: '2026-01-01T11:00:00.000Z',
        origin: { file: 'logs/late.ndjson', record: 0 },
      },
      {
        type: 'rule',
        rule: { id: 'a', level: 'high' },
        state: 'changed',
        changes: [
          { what: 'level', before: 'low', after: 'high' },
          { what: 'decision', before: 'monitor', after: 'warn' },
          { what: 'detection' },
        ],
        signals: { before: 2, after: 3, added: 1, gone: 0 },
        alerts: { before: 2, after: 3, added: 1, gone: 0, changed: 2 },
      },
      { type: 'alert', change: 'added', rule: { id: 'a' }, origin: { file: 'logs/early.json.gz', record: 1 } },
      {
        type: 'alert',
        change: 'changed',
        severity: 'high',
        before: { severity: 'low', decision: 'monitor', count: 1 },
      },
      { type: 'alert', change: 'changed', severity: 'high' },
      {
        type: 'summary',
        records: 7,
        events: 6,
        rejected: 1,
        rules: { new: 1, changed: 1, removed: 0, same: 2, rejected: { before: 0, after: 0 } },
        signals: { before: 4, after: 6, added: 2, gone: 0 },
        alerts: { before: 4, after: 6, added: 2, gone: 0, changed: 2, perDay: { before: 8, after: 12 } },
        span: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T12:00:00.000Z' },
      },
    ]);
  });

  it('of rules against others: what is missing is removed', async () => {
    const ended = await backtest(['new', 'logs', '--base', 'old', '--format', 'ndjson', '--fail-on-change']);
    expect(ended.code).toBe(1);
    const found = lines(ended);
    expect(found).toContainEqual(
      expect.objectContaining({
        type: 'rule',
        state: 'removed',
        rule: { id: 'b', title: 'Rule b \u001b[31m', level: 'low' },
      }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({ type: 'alert', change: 'gone', origin: { file: 'logs/early.json.gz', record: 1 } }),
    );
    expect(found.at(-1)).toMatchObject({ rules: { new: 1, changed: 1, removed: 1, same: 1 } });
  });

  it('as tables, in which names can move no cursor', async () => {
    const { code, out } = await backtest(['new', 'logs', '--base', 'old']);
    expect(code).toBe(0);
    expect(out).not.toContain('\u001b');
    expect(out).toMatch(/^new +low +Rule d \?\[31m +0 → 1 +0 → 1 +\+1 +0 → 2$/m);
    expect(out).toMatch(/^removed +low +Rule b \?\[31m +1 → 0 +1 → 0 +-1 +2 → 0$/m);
    expect(out).toContain('Rule a ?[31m: changed in level low → high; decision monitor → warn; detection');
    expect(out).toMatch(/Would be raised:\n.*\n.*\n.*logs\/late\.ndjson record 0\n/);
    expect(out).toMatch(/Would no longer be raised:\n.*\n.*logs\/early\.json\.gz record 1\n/);
    expect(out).toMatch(/Would be raised otherwise:\n.*\n.*low, monitor, 1 event/);
    expect(out).toContain('from 2026-01-01 00:00:00 to 2026-01-01 12:00:00 UTC');
    expect(out).toContain('alerts 4 → 5: 2 added, 1 gone, 2 raised otherwise; about 8 → 10 a day');
  });

  it('counts correlations as the rules that they are', async () => {
    expect((await backtest(['many', 'logs'])).out).toContain('3 rules before, 4 after, 2 of them the same');
  });

  it('2 where the rules in use and a base are both named', async () => {
    const { code, errors } = await backtest(['new', 'logs', '--base', 'old', '--no-builtin']);
    expect({ code, errors }).toMatchObject({ code: 2 });
    expect(errors).toContain("'--base <dir>' cannot be used with option '--no-builtin'");
  });

  it('0 with --fail-on-change where nothing changes, be it one file of those in use', async () => {
    const { code, out, errors } = await backtest(['old/c.yml', 'logs', '--fail-on-change']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toContain('3 rules before, 3 after, 3 of them the same\nalerts 4: 0 added');
  });
});

describe('2 with a clear message and no stack', () => {
  it.each([
    ['the directory of rules none cannot be read', ['none', 'logs']],
    ['there are no rules in empty; rules are files *.yml', ['empty', 'logs']],
    ['nologs: there is no such file or directory', ['new', 'nologs']],
    ['--time-field goes with --source json', ['new', 'logs', '--time-field', 'a']],
    ['the directory of rules nobase cannot be read', ['new', 'logs', '--base', 'nobase']],
  ])('%s', async (message, args) => {
    const { code, out, errors } = await backtest(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(errors).toContain(message);
    expect(errors).not.toMatch(/^\s+at /m);
  });

  it('where a rule is unusable, named once, after telling what the others make', async () => {
    const { code, out, errors } = await backtest(['bad', 'logs', '--format', 'ndjson']);
    expect(code).toBe(2);
    expect(errors.match(/rule not used: bad\/a\.yml:1: /g)).toHaveLength(1);
    expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      rules: { same: 3, rejected: { after: 1 } },
    });
  });
});
