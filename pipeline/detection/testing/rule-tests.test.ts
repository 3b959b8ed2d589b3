import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RejectedRecord, type ReadRecord } from '../../sources/source.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { loadRules } from '../loading/load.ts';
import { recordOf } from './rule-samples.ts';
import { RuleTester, testProblems, type RuleTestReport } from './rule-tests.ts';

const RULE = `title: A trail is stopped
id: stopped
level: high
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: StopLogging}, condition: selection}
crosstrail: {group: [name]}
`;
const DELETED = RULE.replace('is stopped', 'is deleted')
  .replace('id: stopped', 'id: deleted')
  .replace('StopL', 'DeleteL');
const FIRES = '- {name: stopped, fires: true, record: {eventName: StopLogging}}\n';
const SILENT = '- {name: read, fires: false, record: {eventName: GetTrail}}\n';

/** Reads any record that has an event name, which happened at a `second`. */
function read(record: JsonObject): ReadRecord {
  if (record['eventName'] === undefined) throw new RejectedRecord('eventName: expected text, found nothing');
  const service = record['eventName'] === 'Lookup' ? 'other' : 'cloudtrail';
  const { event, ...others } = recordOf(record, { product: 'aws', service });
  return { ...others, event: { ...event, time: event.time + 1000 * Number(record['second'] ?? 0) } };
}

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crosstrail-rule-tests-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});
const at = (name: string) => join(directory, name);

/** What comes of a rule and its tests. */
async function run(
  tests?: string,
  rule = RULE,
  name = 'rule.yml',
  wanted?: (name: string) => boolean,
): Promise<RuleTestReport> {
  await writeFile(at(name), rule);
  if (tests !== undefined) await writeFile(at('rule.tests.yml'), tests);
  const rules = await loadRules([directory], { typescript: true });
  return new RuleTester(rules, read).run(at(name), wanted);
}

/** Why the one test fails: the reason, what explains it, and the difference, a line each. */
async function failureOf(tests: string, rule?: string, name?: string): Promise<string[]> {
  const report = await run(tests, rule, name);
  expect(report.problems).toEqual([]);
  expect(report.tests).toHaveLength(1);
  const { failure } = report.tests[0] ?? {};
  if (failure === undefined) return [];
  return [failure.reason, ...failure.details, ...failure.diff.map(({ sign, text }) => `${sign} ${text}`)];
}

describe('RuleTester', () => {
  it('passes a rule whose tests hold', async () => {
    const report = await run(FIRES + SILENT);
    expect(report).toMatchObject({
      file: at('rule.yml'),
      testFile: at('rule.tests.yml'),
      rules: [{ id: 'stopped', title: 'A trail is stopped', level: 'high' }],
      problems: [],
      tests: [
        { name: 'stopped', line: 1, passed: true },
        { name: 'read', line: 2, passed: true },
      ],
    });
    expect(report.tests[0]?.milliseconds).toBeGreaterThan(0);
  });

  it.each<[what: string, test: string, lines: string[]]>([
    [
      'silent, and should fire',
      '- {name: x, fires: true, record: {eventName: GetTrail}}',
      ['does not fire, and should', 'selection does not match (eventName)'],
    ],
    [
      'silent on several records',
      '- {name: x, fires: true, records: [{eventName: GetTrail}, {eventName: Lookup}]}',
      [
        'does not fire, and should',
        'record 0: selection does not match (eventName)',
        "record 1: the record's log source (aws/other) is not the rule's (aws/cloudtrail)",
      ],
    ],
    [
      'loud, and should be silent',
      '- {name: x, fires: false, record: {eventName: StopLogging, name: main}}',
      ['fires, and should not', '+ high  A trail is stopped  name=main  record 0'],
    ],
    [
      'not as expected',
      '- {name: x, records: [{eventName: StopLogging}, {eventName: StopLogging, name: a}], signals: [{group: {name: a}}, {group: {name: b}, events: [0]}]}',
      [
        'gives other signals (+) than expected (-)',
        '- any rule  name=b  record 0',
        '+ high  A trail is stopped  name=  record 0',
        '  high  A trail is stopped  name=a  record 1',
      ],
    ],
    [
      'unreadable',
      '- {name: x, fires: false, record: {other: 1}}',
      ['the record is rejected: eventName: expected text, found nothing'],
    ],
    [
      'unreadable among others',
      '- {name: x, fires: false, records: [{eventName: a}, {other: 1}]}',
      ['record 1 is rejected: eventName: expected text, found nothing'],
    ],
  ])('says why a test fails that is %s', async (_, test, lines) => {
    expect(await failureOf(test)).toEqual(lines);
  });

  it('compares all signals of a file with those expected, by rule', async () => {
    const both = `${RULE}---\n${DELETED}`;
    const records = 'records: [{eventName: StopLogging}, {eventName: DeleteLogging}]';
    expect(
      await failureOf(
        `- {name: x, ${records}, signals: [{rule: deleted, events: [1]}, {rule: A trail is stopped}]}`,
        both,
      ),
    ).toEqual([]);
    expect(await failureOf(`- {name: x, ${records}, signals: [{rule: deleted}]}`, both)).toEqual([
      'gives other signals (+) than expected (-)',
      '+ high  A trail is stopped  name=  record 0',
      '  high  A trail is deleted  name=  record 1',
    ]);
  });

  it('leaves the rules of other files out', async () => {
    await writeFile(at('other.yml'), DELETED.replace('DeleteLogging', 'GetTrail'));
    const report = await run(FIRES + SILENT);
    expect(report.tests.map(({ passed }) => passed)).toEqual([true, true]);
  });

  it('runs the tests beside rules in TypeScript', async () => {
    const rule = (matches: string) =>
      `export default { id: 'ts', title: 'In TypeScript', classes: [0], matches: ${matches} };`;
    const stopped = "(event, record) => record.eventName === 'StopLogging'";
    expect((await run(FIRES + SILENT, rule(stopped), 'rule.rule.ts')).tests.map(({ passed }) => passed)).toEqual([
      true,
      true,
    ]);
    expect(await failureOf(FIRES, rule('() => false'), 'rule.rule.ts')).toEqual([
      'does not fire, and should',
      'matches answers false',
    ]);
    expect(await failureOf(FIRES, rule('() => false').replace('[0]', '[6003]'), 'rule.rule.ts')).toEqual([
      'does not fire, and should',
      "the event's class (0) is none that the rule reads (6003)",
    ]);
    expect(await failureOf(SILENT, rule("() => { throw new Error('no'); }"), 'rule.rule.ts')).toEqual([
      'the evaluation of the rule failed',
      'Error: no',
    ]);
  });

  it('fails a rule that gives other signals in another order of the records', async () => {
    const remembers = `let last = '';
export default { id: 'ts', title: 'T', classes: [], matches(event, record) {
  const fires = last === 'a' && record.eventName === 'b';
  last = record.eventName;
  return fires;
} };`;
    const tests = '- {name: x, records: [{eventName: a}, {eventName: b}], signals: [{events: [1]}]}';
    expect(await failureOf(tests, remembers, 'rule.rule.ts')).toEqual([
      'gives other signals (+) where the records come reversed',
      '- medium  ts  principal=aws:arn:aws:iam::111122223333:user/deploy  record 1',
    ]);
  });

  describe('with correlations', () => {
    const MANY = `title: Many trails are stopped
id: many
level: critical
correlation: {type: event_count, rules: [stopped], group-by: [name], timespan: 1m, condition: {gte: 3}}
`;
    const BASE = 'base: {eventName: StopLogging, name: main}';

    it('evaluates them on event time, in any order, with the rules that they name in their file or another', async () => {
      const tests = `- name: three within a minute, and one elsewhere
  ${BASE}
  records: [{second: 50}, {second: 0}, {second: 20}, {second: 30, name: other}]
  signals: [{rule: many, level: critical, group: {name: main}, events: [0, 1, 2]}]
- name: three in more than a minute
  ${BASE}
  records: [{second: 0}, {second: 30}, {second: 70}]
  signals: []
`;
      const together = await run(tests, `${RULE}---\n${MANY}`);
      expect(together.rules.map(({ id }) => id)).toEqual(['stopped', 'many']);
      expect(together.tests.map(({ failure }) => failure)).toEqual([undefined, undefined]);
      await rm(at('rule.yml'));
      await writeFile(at('base.yml'), RULE);
      const apart = await run(tests, MANY, 'rule.yml');
      expect(apart).toMatchObject({
        problems: [],
        rules: [{ id: 'many' }],
        tests: [{ passed: true }, { passed: true }],
      });
    });

    it('counts signals of rules that are there for correlations only where these say so', async () => {
      const test = `- {name: x, ${BASE}, records: [{}, {}, {}], signals: [{rule: many}]}`;
      expect(await failureOf(test, `${RULE}---\n${MANY}`)).toEqual([]);
      const generating = MANY.replace('condition:', 'generate: true, condition:');
      expect((await failureOf(test, `${RULE}---\n${generating}`)).filter((line) => line.startsWith('+'))).toEqual(
        [0, 1, 2].map((record) => `+ high  A trail is stopped  name=main  record ${record}`),
      );
    });

    it('leaves the rule of a file loud, though a correlation elsewhere is built on it', async () => {
      await writeFile(at('many.yml'), MANY);
      expect(await failureOf(FIRES)).toEqual([]);
    });

    it('says what an expected signal lacks', async () => {
      const test = `- {name: x, ${BASE}, records: [{}, {}], fires: true}`;
      expect(await failureOf(test, `${RULE}---\n${MANY}`)).toEqual(['does not fire, and should']);
    });
  });

  it('runs those tests only that are wanted', async () => {
    const { tests } = await run(FIRES + SILENT, RULE, 'rule.yml', (name) => name === 'read');
    expect(tests.map(({ name }) => name)).toEqual(['read']);
  });

  it('names rules and files of tests that cannot be used, and runs what can be', async () => {
    const bad = RULE.replace('eventName:', 'eventName|like:').replace('id: stopped', 'id: bad');
    const half = await run(FIRES, `${RULE}---\n${bad}`);
    expect(half.problems).toEqual([
      { file: at('rule.yml'), line: 12, reason: expect.stringContaining("unknown modifier 'like'") as string },
    ]);
    expect(half.tests.map(({ passed }) => passed)).toEqual([true]);
    // Not even a test on which nothing is to fire passes where there is nothing to test.
    const none = await run(FIRES.replace('fires: true', 'fires: false'), bad);
    expect(none.tests).toMatchObject([{ passed: false, failure: { reason: 'the file has no rule that can be used' } }]);
    const unusable = await run('- [');
    expect(unusable.problems).toEqual([
      { file: at('rule.tests.yml'), line: 1, reason: expect.stringContaining('not readable as YAML') as string },
    ]);
    expect(unusable.tests).toEqual([]);
  });

  it('says that there are no tests', async () => {
    const report = await run();
    expect(report).toMatchObject({ testFile: undefined, problems: [], tests: [] });
  });
});

describe('testProblems', () => {
  it.each<[what: string, tests: string | undefined, problems: [file: string, reason: RegExp][]]>([
    ['all there is', FIRES + SILENT, []],
    ['signals for firing', '- {name: x, record: {}, signals: [{}]}\n- {name: y, record: {}, signals: []}', []],
    ['no firing test', SILENT, [['rule.tests.yml', /^no test on which the rule fires$/]]],
    ['no silent test', FIRES, [['rule.tests.yml', /^no test on which the rule does not fire$/]]],
    ['nothing', undefined, [['rule.yml', /^has no tests; write one that fires and one that does not$/]]],
    ['an unusable file', 'name: x', [['rule.tests.yml', /^expected a list of tests$/]]],
  ])('finds %s', async (_, tests, problems) => {
    await writeFile(at('rule.yml'), RULE);
    if (tests !== undefined) await writeFile(at('rule.tests.yml'), tests);
    expect(await testProblems(at('rule.yml'))).toEqual(
      problems.map(
        ([file, reason]) =>
          expect.objectContaining({ file: at(file), reason: expect.stringMatching(reason) as string }) as unknown,
      ),
    );
  });
});
