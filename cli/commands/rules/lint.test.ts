import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type Ended } from '../../../test/command.ts';

const DETECTIONS = fileURLToPath(new URL('../../../detections', import.meta.url));
/** The id of a built-in rule. */
const TAKEN = '0b7d3c52-1f7e-4c39-9d6b-5a0f6f1f2a01';

const rule = (selection: object, more: object = {}): string =>
  JSON.stringify({
    title: 'A rule',
    id: '00000000-0000-4000-8000-000000000001',
    logsource: { product: 'aws', service: 'cloudtrail' },
    detection: { selection, condition: 'selection' },
    ...more,
  });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-lint-'));
  const files = {
    'good/rule.yml': rule({ eventName: 'StopLogging' }),
    'never/rule.yml': rule({ event_name: 'Stop\u001b[2JLogging' }),
    'warned/rule.yml': rule({ 'eventName|all': 'StopLogging' }),
    'taken/rule.yml': rule({ eventName: 'StopLogging' }, { id: TAKEN }),
    'other/a.yml': rule({ eventType: 'a' }, { id: 'a', logsource: { product: 'okta' } }),
    'other/b.yml': rule({ eventType: 'a' }, { id: 'b', logsource: { product: 'okta' } }),
    'broken/rule.yml': 'title: "\\e[2J',
    'unowned/exception.yml': 'title: x',
    'mine.yaml': 'rules: { builtin: false, directories: [never] }',
    'code/rule.rule.ts': "export default { id: 'ts', title: 'In code', classes: [], matches: () => false };",
    'code.yaml': 'rules: { typescript: true }',
    'missing.yaml': 'rules: { directories: [nowhere] }',
  };
  for (const name of ['good', 'never', 'warned', 'taken', 'other', 'broken', 'unowned', 'code'])
    await mkdir(join(folder, name));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command in the folder, so that no configuration of the project counts. */
function lint(...args: readonly string[]): Promise<Ended> {
  return runCommand(folder, ['rules', 'lint', ...args]);
}

const objects = ({ out }: Ended): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

describe('rules lint', () => {
  it('finds nothing wrong with the built-in rules, which it looks at unless told otherwise', async () => {
    const ended = await lint();
    expect(ended).toMatchObject({ code: 0, errors: '' });
    expect(ended.out).toMatch(/^\d+ rules: 0 errors, 0 warnings, 0 notes\n$/);
    expect(await lint(DETECTIONS, '--strict')).toMatchObject({ code: 0, out: ended.out });
  });

  it('looks at the rules of the configuration', async () => {
    const { code, out } = await lint('--config', 'mine.yaml');
    expect(code).toBe(1);
    expect(out).toContain('1 rule: 1 error, 0 warnings, 0 notes');
  });

  it('counts no exception as a rule', async () => {
    const { code, out } = await lint('good', '--exceptions', 'unowned');
    expect(code).toBe(1);
    expect(out).toContain('unowned/exception.yml');
    expect(out).toContain('\n1 rule: 1 error, 0 warnings, 0 notes');
  });

  it('lets code run where the configuration allows it, be its directory named or not', async () => {
    expect((await lint('code')).code).toBe(1);
    expect((await lint('code', '--config', 'code.yaml')).code).toBe(0);
  });

  it('takes a directory without rules for a mistake', async () => {
    expect(await lint('unowned/..', '--config', 'missing.yaml')).toMatchObject({ code: 2 });
    const { code, errors } = await lint('logs');
    expect({ code, errors }).toMatchObject({ code: 2 });
    expect(errors).toContain('the directory of rules logs cannot be read');
  });

  it('tells what is wrong by file, with nothing that a rule wrote left to move the cursor', async () => {
    const { code, out, errors } = await lint('never', 'broken');
    expect({ code, errors }).toEqual({ code: 1, errors: '' });
    const lines = out.split('\n');
    expect(lines[0]).toBe('broken/rule.yml');
    expect(lines[1]).toMatch(/^ {2}1 {2}error {4}not readable as YAML: .* {2}unusable$/);
    expect(lines[3]).toBe('never/rule.yml');
    expect(lines[4]).toBe(
      "  1  error    it can never fire: no record of aws/cloudtrail has the field 'event_name' (did you mean eventName?)  never-fires",
    );
    expect(lines).toContain('1 rule without crosstrail: (decision, owner, tests); what they raise goes by their level');
    expect(lines).toContain('2 rules: 2 errors, 0 warnings, 0 notes');
    expect(out).not.toContain('\u001b');
  });

  it('sums up rules that get no records', async () => {
    const { code, out } = await lint('other');
    expect(code).toBe(0);
    expect(out).toMatch(/^2 rules for log sources that no source gives: they apply to logs read with --source json\n/);
    expect(out).toContain('2 rules: 0 errors, 0 warnings, 2 notes');
  });

  it('takes an id that a built-in rule has for taken, unless these are left out', async () => {
    const ended = await lint('taken');
    expect(ended.code).toBe(1);
    expect(ended.out).toContain(`the id ${TAKEN} is taken by the rule at`);
    expect(await lint('taken', '--no-builtin')).toMatchObject({ code: 0 });
  });

  it('fails for warnings only where it is to be strict, which asks for statements and tests too', async () => {
    expect(await lint('warned')).toMatchObject({ code: 0 });
    const { code, out } = await lint('warned', '--strict');
    expect(code).toBe(1);
    expect(out).toMatch(/ {2}error {4}has no tests; .* {2}test\n/);
    expect(out).toMatch(/ {2}error {4}it does not state description, .* {2}statement\n/);
    expect(out).toMatch(/ {2}warning {2}'eventName\|all' has a single value; .* {2}all-of-one\n/);
  });

  it('says the same for machines', async () => {
    const ended = await lint('never', '--format', 'ndjson');
    expect(ended.code).toBe(1);
    expect(objects(ended)).toEqual([
      {
        type: 'finding',
        file: 'never/rule.yml',
        line: 1,
        rule: '00000000-0000-4000-8000-000000000001',
        severity: 'error',
        code: 'never-fires',
        message: expect.stringContaining('it can never fire') as unknown,
      },
      { type: 'summary', rules: 1, errors: 1, warnings: 0, notes: 0, withoutContract: 1 },
    ]);
  });

  it.each([
    ['the directory of rules none cannot be read', ['none']],
    ['nowhere cannot be read', ['--config', 'missing.yaml']],
    ['Allowed choices are table, ndjson', ['good', '--format', 'xml']],
  ])('ends with 2 and a clear message: %s', async (message, args) => {
    const { code, errors } = await lint(...args);
    expect(code).toBe(2);
    expect(errors).toContain(message);
    expect(errors).not.toContain('    at ');
  });
});
