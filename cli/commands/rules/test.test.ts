import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../../test/command.ts';

const BASE = `
    base:
      eventVersion: '1.08'
      userIdentity: { type: IAMUser, arn: 'arn:aws:iam::111122223333:user/ann', accountId: '111122223333' }
      eventTime: '2026-01-01T00:00:00Z'
      eventSource: cloudtrail.amazonaws.com
      eventName: StopLogging
      awsRegion: eu-north-1
      sourceIPAddress: 203.0.113.7
      requestParameters: { name: main }
      eventID: 00000000-0000-4000-8000-0000000000e1
      eventType: AwsApiCall`;
const RULE = `title: "A trail <is> stopped \\e[2J"
id: stopped
level: high
logsource: { product: aws, service: cloudtrail }
detection: { selection: { eventName: StopLogging }, condition: selection }
`;
const TESTS = `- name: stopped${BASE}
    records: [{}]
    fires: true
- name: read${BASE}
    records: [{ eventName: GetTrail }]
    fires: FIRES
`.replaceAll('\n    ', '\n  ');

let folder: string;
const at = (name: string) => join(folder, name);
const write = (name: string, text: string) => writeFile(at(name), text);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-test-'));
  for (const name of ['good', 'failing', 'unusable', 'code', 'many']) await mkdir(at(name));
  await write('good/trail.yml', RULE);
  await write('good/trail.tests.yml', TESTS.replace('FIRES', 'false'));
  await write('good/untested.yml', RULE.replace('id: stopped', 'id: other'));
  await write('failing/trail.yml', RULE);
  await write('failing/trail.tests.yml', TESTS.replace('FIRES', 'true'));
  await write('unusable/trail.yml', RULE.replace('eventName:', 'eventName|like:'));
  await write('unusable/trail.tests.yml', '- name: x\n  fires: true');
  await write('unusable/lost.tests.yml', '[]');
  await write(
    'code/trail.rule.ts',
    "export default { id: 'ts', title: 'In code', classes: [], matches: ({ source }) => source === 'cloudtrail' };",
  );
  await write('code/trail.tests.yml', TESTS.split('- name: read')[0] ?? '');
  await write(
    'many/many.yml',
    'title: Many\nid: many\nlevel: high\ncorrelation: { type: event_count, rules: [0b7d3c52-1f7e-4c39-9d6b-5a0f6f1f2a01], timespan: 5m, group-by: [awsRegion], condition: { gte: 2 } }\n',
  );
  await write(
    'many/many.tests.yml',
    `- name: two trails${BASE}
    records: [{ eventTime: '2026-01-01T00:04:00Z' }, {}]
    signals: [{ rule: many, events: [0, 1], group: { awsRegion: eu-north-1 } }]
`.replaceAll('\n    ', '\n  '),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command in the folder, so that no configuration of the project counts. */
function test(...args: readonly string[]): Promise<Ended> {
  return runCommand(folder, ['rules', 'test', ...args]);
}
const lines = (out: string): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('crosstrail rules test', () => {
  it('0 where all pass; says what has no tests', async () => {
    const { code, out, errors } = await test('good');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toMatch(
      /^! no tests beside\n {4}good\/untested\.yml\n\n2 rules, 2 tests: 2 passed, 0 failed, 1 file without tests in \d+\.\d\d s\n$/,
    );
  });

  it('1 where one fails, with what was expected and found, safe to print', async () => {
    const { code, out } = await test('failing', '--junit', 'report.xml');
    expect(code).toBe(1);
    expect(out.replace(/ in .* s\n$/, '')).toBe(`✗ A trail <is> stopped ?[2J
    ✗ read  failing/trail.tests.yml:15
        does not fire, and should
        selection does not match (eventName)

1 rule, 2 tests: 1 passed, 1 failed`);
    const report = await readFile(at('report.xml'), 'utf8');
    expect(report).toContain('<testsuite name="failing/trail.yml" tests="2" failures="1" errors="0"');
    expect(report).toContain('<failure message="does not fire, and should" type="failure">');
  });

  it('2 where rules or tests cannot be used, or tests stand beside no rules', async () => {
    const { code, out } = await test('unusable', '--format', 'ndjson');
    expect(code).toBe(2);
    expect(lines(out)).toMatchObject([
      {
        type: 'problem',
        file: 'unusable/lost.tests.yml',
        reason: expect.stringContaining('no rules stand beside') as string,
      },
      { type: 'problem', file: 'unusable/trail.yml', line: 5, reason: expect.stringContaining("'like'") as string },
      { type: 'problem', file: 'unusable/trail.tests.yml', line: 1, reason: '0: expected one of record and records' },
      { type: 'summary', files: 1, rules: 0, tests: 0, passed: 0, failed: 0, problems: 3, untested: 0 },
    ]);
  });

  it('2 where a place cannot be read, has no rules, or the filter leaves none', async () => {
    expect(await test('absent')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('absent cannot be read') as string,
    });
    await mkdir(at('empty'));
    expect(await test('empty')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('there are no rules in empty') as string,
    });
    expect(await test('good', '--filter', 'nothing')).toMatchObject({
      code: 2,
      errors: expect.stringContaining("no test has 'nothing'") as string,
    });
  });

  it('runs the tests of all other rules, where a link leads nowhere', async () => {
    await mkdir(at('linked'));
    await write('linked/trail.yml', RULE);
    await write('linked/trail.tests.yml', TESTS.replace('FIRES', 'false'));
    await symlink(at('gone.yml'), at('linked/gone.yml'));
    const { code, out } = await test('linked');
    expect(code).toBe(2);
    expect(out).toContain('linked/gone.yml:1: not readable: ENOENT');
    expect(out).toContain('1 rule, 2 tests: 2 passed, 0 failed, 1 unusable');
  });

  it('runs the tests of the rules in use where none are named, those of the configuration too', async () => {
    await write('good.yaml', 'rules: { builtin: false, directories: [good] }');
    const { code, out } = await test('--config', 'good.yaml');
    expect(code).toBe(0);
    expect(out).toContain('2 rules, 2 tests: 2 passed');
    expect((await test('--no-builtin')).errors).toContain('no rules are in use; name a directory of rules');
  });

  it('takes files of rules and of tests, each once, and a filter of names, titles and files', async () => {
    const { out } = await test('good/trail.tests.yml', 'good/trail.yml', '--format', 'ndjson', '--filter', 'READ');
    expect(lines(out)).toMatchObject([
      { type: 'test', file: 'good/trail.tests.yml', rules: ['stopped'], name: 'read', line: 15, passed: true },
      { type: 'summary', rules: 1, tests: 1, passed: 1 },
    ]);
    const byTitle = await test('good', '--format', 'ndjson', '--filter', 'is> stopped');
    expect(lines(byTitle.out).at(-1)).toMatchObject({ rules: 2, tests: 2 });
  });

  it('runs rules that are code only where it is told to', async () => {
    const refused = await test('code');
    expect(refused.code).toBe(2);
    expect(refused.out).toContain('rules in TypeScript are code');
    const allowed = await test('code', '--typescript');
    expect(allowed).toMatchObject({ code: 0, errors: '' });
    await write('crosstrail.yaml', 'rules: { typescript: true }');
    expect((await test('code')).code).toBe(0);
    await rm(at('crosstrail.yaml'));
  });

  it('tests correlations of built-in rules, on records in any order', async () => {
    expect(await test('many')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 rule, 1 test: 1 passed/) as string,
    });
  });

  it('runs the built-in rules where none is named', async () => {
    const { code, out } = await test('--format', 'ndjson', '--filter', 'all of IAM, in other letters');
    expect(code).toBe(0);
    expect(lines(out).length).toBeGreaterThan(0);
  });
});
