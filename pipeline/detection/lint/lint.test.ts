import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../../platform/json.ts';
import { ManualClock } from '../../../platform/clock.ts';
import { loadRules } from '../loading/load.ts';
import { recordOf } from '../testing/rule-samples.ts';
import type { Finding } from './finding.ts';
import { lint, type LintOptions, type LintReport } from './lint.ts';

const NOW = Date.UTC(2026, 10, 20);
const OPTIONS: LintOptions = {
  logsources: [
    { product: 'aws', service: 'cloudtrail' },
    { product: 'azure', service: 'auditlogs' },
  ],
  read: (record) => recordOf(record),
  concerns: () => true,
  demands: () => false,
  now: NOW,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-lint-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Files {
  readonly rules: Readonly<Record<string, string>>;
  readonly exceptions?: string;
}

async function report({ rules, exceptions }: Files, options: Partial<LintOptions> = {}): Promise<LintReport> {
  const [ruleFolder, exceptionFolder] = [join(folder, 'rules'), join(folder, 'exceptions')];
  for (const made of [ruleFolder, exceptionFolder]) await mkdir(made, { recursive: true });
  for (const [name, text] of Object.entries(rules)) await writeFile(join(ruleFolder, name), text);
  if (exceptions !== undefined) await writeFile(join(exceptionFolder, 'e.yml'), exceptions);
  const set = await loadRules([ruleFolder], { exceptions: [exceptionFolder], clock: new ManualClock(NOW) });
  return lint(set, { ...OPTIONS, ...options });
}

/** The findings of files of rules, each as `file:line severity code: message`. */
async function findings(files: Files, options: Partial<LintOptions> = {}): Promise<string[]> {
  const { findings } = await report(files, options);
  return findings.map(shown);
}

function shown({ file, line, severity, code, message }: Finding): string {
  const name = relative(folder, file).replace('rules/', '');
  return `${name}${line === undefined ? '' : `:${line}`} ${severity} ${code}: ${message}`;
}

const rule = (...detection: string[]): string => `title: A rule
id: 00000000-0000-4000-8000-000000000001
logsource: { product: aws, service: cloudtrail }
detection:
${detection.map((line) => `  ${line}\n`).join('')}`;

const GOOD = rule('selection: { eventName: StopLogging }', 'condition: selection');

describe('lint', () => {
  it('finds nothing wrong with what is right', async () => {
    expect(await report({ rules: { 'a.yml': GOOD } })).toEqual({ findings: [], rules: 1, withoutContract: 1 });
  });

  it('names what cannot be used, with its line, and rules whose id is taken', async () => {
    const bad = rule('selection:', '  eventName|like: x', 'condition: selection');
    expect(await findings({ rules: { 'a.yml': GOOD, 'b.yml': GOOD, 'c.yml': bad, 'd.yml': 'title: [' } })).toEqual([
      expect.stringMatching(/^b\.yml:2 error unusable: the id 0{8}\S+ is taken by the rule at .*a\.yml:1/),
      expect.stringMatching(/^c\.yml:6 error unusable: unknown modifier 'like'/),
      expect.stringMatching(/^d\.yml:1 error unusable: not readable as YAML/),
    ]);
  });

  it('names rules that can never fire, the field, and the one that may be meant', async () => {
    const text = rule(
      'selection:',
      '  eventSource: cloudtrail.amazonaws.com',
      '  event_name|contains: Logging',
      'condition: selection',
    );
    expect(await findings({ rules: { 'a.yml': text } })).toEqual([
      "a.yml:7 error never-fires: it can never fire: no record of aws/cloudtrail has the field 'event_name' (did you mean eventName?)",
    ]);
  });

  it('names contradictions', async () => {
    const text = rule('a: { eventName: A }', 'b: { eventName: B }', 'condition: a and b');
    expect(await findings({ rules: { 'a.yml': text } })).toEqual([
      "a.yml:5 error never-fires: it can never fire: its condition asks for two values of 'eventName' at once, and records have one",
    ]);
  });

  it('warns of what says nothing', async () => {
    const text = rule(
      'selection:',
      '  - eventName|contains|all: Logging',
      '  - Image: x',
      'other: { eventName: y }',
      'condition: selection',
    );
    expect(await findings({ rules: { 'a.yml': text } })).toEqual([
      "a.yml:6 warning all-of-one: 'eventName|contains|all' has a single value; without 'all' it says the same",
      "a.yml:7 warning unknown-field: no record of aws/cloudtrail has the field 'Image'; this line does nothing",
      "a.yml:8 warning unused-selection: the condition does not name the selection 'other'; use it or take it away",
    ]);
  });

  it('warns of rules that always fire, of tags that ATT&CK does not have, and of groups that no record has', async () => {
    const text = rule('a: { Image: x }', 'condition: not a');
    const more = 'tags: [attack.t1537, attack.t9999]\ncrosstrail: { group: [principal, eventNam] }\n';
    const found = await findings({ rules: { 'a.yml': text + more } });
    expect(found).toContain(
      "a.yml:5 warning always-fires: it fires on every record: no record of aws/cloudtrail has the field 'Image'",
    );
    expect(found).toContain(
      'a.yml:7 warning attack-tag: attack.t9999: ATT&CK Enterprise v19 has no technique T9999; see attack.mitre.org',
    );
    expect(found).toContain(
      "a.yml:8 warning unknown-field: no record of aws/cloudtrail has the field 'eventNam' (did you mean eventName?), so that signals are not told apart by it",
    );
  });

  it('notes rules whose records no source gives, and not those of PIM', async () => {
    const other = GOOD.replace('aws, service: cloudtrail', 'okta, service: okta');
    const pim = GOOD.replace('aws, service: cloudtrail', 'azure, service: pim').replace('eventName', 'operationName');
    expect(await findings({ rules: { 'a.yml': other } })).toEqual([
      'a.yml:3 note no-source: no source gives records of okta/okta; the rule applies to logs read with --source json',
    ]);
    expect(await findings({ rules: { 'a.yml': pim } })).toEqual([]);
  });

  it('looks only at the files that concern it', async () => {
    const concerns = (file: string): boolean => file.endsWith('b.yml');
    const { findings, rules } = await report({ rules: { 'a.yml': 'title: [', 'b.yml': GOOD } }, { concerns });
    expect({ findings, rules }).toEqual({ findings: [], rules: 1 });
  });
});

it('takes time in proportion to a rule, however many fields it names in vain', async () => {
  const unknown = Array.from({ length: 2000 }, (_, at) => `  - unknown${at}: x`);
  const text = rule('selection:', '  - eventName: StopLogging', ...unknown, 'condition: selection');
  const started = performance.now();
  expect(await findings({ rules: { 'a.yml': text } })).toHaveLength(50);
  expect(performance.now() - started).toBeLessThan(10_000);
});

describe('filters and correlations', () => {
  const filter = (detection: string): string => `title: Not ours
id: f
logsource: { product: aws, service: cloudtrail }
filter:
  rules: any
${detection}`;

  it('are not named where they are as they should be', async () => {
    const good = filter("  ours: { 'userIdentity.arn|endswith': ':user/deploy' }\n  condition: not ours\n");
    const correlation = `title: Often
id: c
correlation:
  type: event_count
  rules: [00000000-0000-4000-8000-000000000001]
  group-by: [principal, recipientAccountId]
  timespan: 1h
  condition: { gte: 5 }
`;
    expect(await findings({ rules: { 'a.yml': GOOD, 'c.yml': correlation, 'f.yml': good } })).toEqual([]);
    const other = correlation.replace('recipientAccountId', 'accountId');
    expect(await findings({ rules: { 'c.yml': other } })).toEqual([
      "c.yml:6 warning unknown-field: no record of aws/cloudtrail has the field 'accountId' (did you mean userIdentity.accountId?), by which matches of 00000000-0000-4000-8000-000000000001 are to be grouped or measured",
    ]);
  });

  it('are told of where they stand, not at each rule that they apply to', async () => {
    const bare = filter(
      "  ours: { Image: x }\n  unused: { 'eventName|all': y }\n  condition: ours or eventless\n  eventless: { errorCode: null }\n",
    );
    expect(await findings({ rules: { 'a.yml': GOOD, 'f.yml': bare } })).toEqual([
      expect.stringMatching(/^f\.yml:8 warning bare-filter: the condition 'ours or eventless' has no 'not'/),
      "f.yml:8 warning unknown-field: no record of aws/cloudtrail has the field 'Image'",
    ]);
  });
});

describe('what the project asks of rules', () => {
  it('is asked of all where it is demanded', async () => {
    expect(await findings({ rules: { 'a.yml': GOOD } }, { demands: () => true })).toEqual([
      'a.yml error test: has no tests; write one that fires and one that does not',
      expect.stringMatching(
        /^a\.yml:1 error statement: it does not state description, level, tags .*falsepositives, crosstrail\.decision, crosstrail\.owner$/,
      ),
    ]);
  });

  it('is else asked, as a warning, of rules that say some of it', async () => {
    const tests = '- { name: one, fires: true, record: { eventName: StopLogging } }';
    const { findings, withoutContract } = await report({
      rules: {
        'a.yml': `${GOOD}crosstrail: { owner: identity }\n`,
        'a.tests.yml': tests,
        'b.yml': GOOD.replace('0001', '0002'),
      },
    });
    expect(findings.map(shown)).toEqual([
      expect.stringMatching(/^a\.tests\.yml.* warning test: no test on which the rule does not fire$/),
      expect.stringMatching(/^a\.yml:1 warning statement: it does not state description, .*crosstrail\.decision$/),
    ]);
    expect(withoutContract).toBe(1);
  });
});

describe('exceptions', () => {
  const exception = (more: JsonObject): string =>
    JSON.stringify({
      title: 'Ann moves trails',
      id: 'ann',
      rules: ['00000000-0000-4000-8000-000000000001'],
      detection: { selection: { 'userIdentity.arn|endswith': ':user/ann' }, condition: 'selection' },
      owner: 'cloud-security',
      reason: 'All trails move to the new account.',
      expires: '2027-01-01',
      review: '2026-12-01',
      ...more,
    });

  it('that are as they should be are not named', async () => {
    expect(await findings({ rules: { 'a.yml': GOOD }, exceptions: exception({}) })).toEqual([]);
  });

  it.each([
    ['error exception: there is no rule', { rules: ['unheard-of'] }],
    ['error exception: it would suppress all that', { detection: { a: { eventName: 'StopLogging' }, condition: 'a' } }],
    ['warning exception: it expired on 2026-11-01', { expires: '2026-11-01', review: '2026-10-01' }],
    ['warning exception: it was due for review on 2026-11-01', { review: '2026-11-01' }],
  ])('are named: %s', async (message, more) => {
    expect(isObject(more)).toBe(true);
    const found = await findings({ rules: { 'a.yml': GOOD }, exceptions: exception(more) });
    expect(found).toEqual([expect.stringContaining(message)]);
    expect(found[0]).toMatch(/^exceptions\/e\.yml:1 /);
  });

  it('are tried on the records of tests', async () => {
    const tests =
      '- { name: one, fires: true, record: { eventName: StopLogging, userIdentity: { arn: "arn:aws:iam::111122223333:user/ann" } } }\n- { name: two, fires: false, record: {} }';
    const found = await findings({ rules: { 'a.yml': GOOD, 'a.tests.yml': tests }, exceptions: exception({}) });
    expect(found).toEqual([expect.stringContaining('error exception: it would suppress all that')]);
    expect(found[0]).toContain('in its tests');
  });
});
