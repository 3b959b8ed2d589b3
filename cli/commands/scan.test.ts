import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../test/command.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const STOPPED = {
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', accountId: '111122223333' },
  eventTime: '2026-01-01T00:00:00Z',
  eventSource: 'cloudtrail.amazonaws.com',
  eventName: 'StopLogging',
  awsRegion: 'eu-north-1',
  sourceIPAddress: '203.0.113.7',
  requestParameters: { name: 'main' },
  eventID: '00000000-0000-4000-8000-0000000000e1',
  eventType: 'AwsApiCall',
};
const RULE = `title: Any
id: 00000000-0000-4000-8000-000000000001
status: test
level: low
logsource: { product: gcp }
detection: { selection: { kind: bad }, condition: selection }
`;

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-command-'));
  await writeFile(at('trail.json'), JSON.stringify({ Records: [STOPPED] }));
  await writeFile(at('other.ndjson'), '{"kind":"bad","at":{"t":"2026-02-01T00:00:00Z"}}\n{"kind":"bad"}\n');
  await writeFile(at('rule.yml'), RULE);
  await writeFile(at('broken.yaml'), 'rules: { builtin: 3 }');
  await symlink('nowhere.json', at('lost.json'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command in the folder, so that no configuration of the project counts. */
function crosstrail(args: readonly string[], input: string | Uint8Array = ''): Promise<Ended> {
  return runCommand(folder, args, input);
}
const summary = ({ out }: Ended): unknown => JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');

describe('exit status', () => {
  it.each([
    [0, ['trail.json']],
    [1, ['trail.json', '--fail-on', 'high']],
    [0, ['trail.json', '--fail-on', 'critical']],
    [0, ['trail.json', '--fail-on', 'informational', '--no-builtin']],
  ])('%i without a word of error: %j', async (code, args) => {
    expect(await crosstrail(['scan', ...args])).toMatchObject({ code, errors: '' });
  });

  it.each([
    ['there is no such file or directory', ['none.json']],
    ['there is no such file or directory', ['lost.json']],
    ['the directory of rules none cannot be read', ['trail.json', '--rules', 'none']],
    ['rules.builtin', ['trail.json', '--config', 'broken.yaml']],
    ['--time-field goes with --source json', ['trail.json', '--time-field', 'a']],
    ['not the KEV catalogue', ['trail.json', '--kev', 'trail.json']],
    ['not EPSS scores', ['trail.json', '--epss', 'trail.json']],
    ['Allowed choices are table, ndjson, ocsf', ['trail.json', '--format', 'xml']],
    ['lost.json could not be read', ['.']],
  ])('2 with a clear message and no stack: %s', async (message, args) => {
    const { code, errors } = await crosstrail(['scan', ...args]);
    expect(code).toBe(2);
    expect(errors).toContain(message);
    expect(errors).not.toMatch(/^\s+at /m);
  });

  it('2 where a rule is unusable, after telling what the others found', async () => {
    const rules = await mkdtemp(at('rules-'));
    await writeFile(join(rules, 'bad.yml'), 'title: [\n');
    const ended = await crosstrail(['scan', 'trail.json', '--rules', rules, '--format', 'ndjson']);
    expect(ended.code).toBe(2);
    expect(ended.errors).toContain('rule not used: ');
    expect(summary(ended)).toMatchObject({ alerts: 1, rules: { rejected: 1 } });
  });
});

it('tells of rules that fail, by their first failure, and of what the others find', async () => {
  const rules = await mkdtemp(at('rules-'));
  await writeFile(
    join(rules, 'fails.rule.ts'),
    `export default {
      id: 'fails', title: 'Fails', classes: [],
      matches() { throw new Error('no such \\u001b[31m\\nthing'); },
    };`,
  );
  const ended = await crosstrail(['scan', 'trail.json', '--rules', rules, '--typescript', '--format', 'ndjson']);
  expect(ended.code).toBe(0);
  expect(ended.errors).toMatch(
    /^crosstrail: rule fails \(.*fails\.rule\.ts\) failed on \S+ records?, which it may have missed; first: Error: no such +\[31m thing\n$/,
  );
  expect(summary(ended)).toMatchObject({ alerts: 1, rules: { rejected: 0 } });
});

describe('exceptions', () => {
  const now = Date.now();
  const day = (days: number) => new Date(now + days * 86_400_000).toISOString().slice(0, 10);
  const exception = (more: object): string =>
    JSON.stringify({
      title: 'Trails are moved',
      id: 'trails-moved',
      rules: ['0b7d3c52-1f7e-4c39-9d6b-5a0f6f1f2a01'],
      detection: { selection: { 'userIdentity.arn|endswith': ':user/ann' }, condition: 'selection' },
      owner: 'cloud-security',
      reason: 'Ann moves all trails to the new account.',
      expires: day(30),
      review: day(20),
      ...more,
    });
  async function scanWith(more: object, format = 'ndjson'): Promise<Ended> {
    const exceptions = await mkdtemp(at('exceptions-'));
    await writeFile(join(exceptions, 'trails.yml'), exception(more));
    return crosstrail(['scan', 'trail.json', '--exceptions', exceptions, '--format', format, '--fail-on', 'high']);
  }

  it('suppress signals, which are told of and raise no alert', async () => {
    const ended = await scanWith({});
    expect(ended).toMatchObject({ code: 0, errors: '' });
    expect(JSON.parse(ended.out.split('\n')[0] ?? '')).toMatchObject({
      type: 'signal',
      suppressed: { exception: 'trails-moved' },
    });
    expect(summary(ended)).toMatchObject({ signals: 0, suppressed: 1, alerts: 0, rules: { rejected: 0 } });
    expect((await scanWith({}, 'table')).out).toContain('1 signal by trails-moved (Trails are moved; cloud-security');
  });

  it('that have expired suppress nothing, and are reported', async () => {
    const ended = await scanWith({ expires: day(-1), review: day(-2) });
    expect(ended.code).toBe(1);
    expect(ended.errors).toContain(`the exception trails-moved (Trails are moved; `);
    expect(ended.errors).toContain(`expired on ${day(-1)}`);
    expect(summary(ended)).toMatchObject({ signals: 1, suppressed: 0, alerts: 1 });
  });

  it('that would suppress everything are refused, as unusable input', async () => {
    const ended = await scanWith({ detection: { selection: { eventName: '*' }, condition: 'selection' } });
    expect(ended.code).toBe(2);
    expect(ended.errors).toContain('trails.yml:1: it would suppress everything');
    expect(summary(ended)).toMatchObject({ signals: 1, suppressed: 0, alerts: 1 });
  });
});

it.each([
  ['plain', JSON.stringify(STOPPED, undefined, 2)],
  ['lines', `${JSON.stringify(STOPPED)}\n`],
  ['gzip', gzipSync(JSON.stringify(STOPPED))],
])('reads standard input: %s', async (_name, input) => {
  const ended = await crosstrail(['scan', '-', '--format', 'ndjson'], input);
  expect(JSON.parse(ended.out.split('\n')[0] ?? '')).toMatchObject({
    type: 'signal',
    eventIds: [STOPPED.eventID],
    origin: [{ file: '-', record: 0 }],
  });
  expect(summary(ended)).toMatchObject({ type: 'summary', records: 1, events: 1, alerts: 1 });
});

it('json: every rule applies, whatever its log source, at the time that is named', async () => {
  const rules = await mkdtemp(at('own-'));
  await writeFile(join(rules, 'rule.yml'), RULE);
  const args = ['scan', 'other.ndjson', '--source', 'json', '--time-field', 'at.t', '--rules', rules, '--no-builtin'];
  const { out } = await crosstrail([...args, '--format', 'ndjson']);
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toMatchObject([
    { type: 'signal', time: '2026-02-01T00:00:00.000Z' },
    { type: 'rejected', origin: { file: 'other.ndjson', record: 1 } },
    { type: 'alert', count: 1, firstSeen: '2026-02-01T00:00:00.000Z' },
    { type: 'summary', records: 2, events: 1, rejected: 1, rules: { loaded: 1, rejected: 0 } },
  ]);
});

it('ends in silence where its reader goes away', async () => {
  const lines = Array.from({ length: 5000 }, () => JSON.stringify(STOPPED)).join('\n');
  const child = spawn(process.execPath, [MAIN, 'scan', '-', '--format', 'ocsf'], { cwd: folder });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdout.once('data', () => child.stdout.destroy());
  child.stdin.end(lines);
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
});
