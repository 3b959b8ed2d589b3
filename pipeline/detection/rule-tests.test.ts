import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RejectedRecord, type ReadRecord } from '../sources/source.ts';
import type { JsonObject } from '../../platform/json.ts';
import { recordOf } from './rule-samples.ts';
import { runRuleTests, type RuleTestReport } from './rule-tests.ts';

const RULE = `title: A trail is stopped
id: 00000000-0000-4000-8000-000000000001
description: What it finds.
tags: [attack.t1685.002]
falsepositives: [Administrators]
level: high
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: StopLogging}, condition: selection}
crosstrail: {decision: warn, owner: cloud-security}
`;
const TESTS = `- {name: stopped, fires: true, record: {eventName: StopLogging}}
- {name: read, fires: false, record: {eventName: GetTrail}}
`;

/** Reads any record that has an event name. */
function read(record: JsonObject): ReadRecord {
  if (record['eventName'] === undefined) throw new RejectedRecord('eventName: expected text, found nothing');
  return recordOf(record, { product: 'aws', service: record['eventName'] === 'Lookup' ? 'other' : 'cloudtrail' });
}

describe('runRuleTests', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crosstrail-rule-tests-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  /** What comes of a rule and its tests. */
  async function run(rule: string, tests?: string): Promise<Omit<RuleTestReport, 'file'>> {
    const file = join(directory, 'rule.yml');
    await writeFile(file, rule);
    if (tests !== undefined) await writeFile(join(directory, 'rule.tests.yml'), tests);
    const [report] = await runRuleTests([file], read);
    expect(report?.file).toBe(file);
    return { problems: report?.problems ?? [], tests: report?.tests ?? [] };
  }

  it('passes a rule whose tests hold', async () => {
    expect(await run(RULE, TESTS)).toEqual({
      problems: [],
      tests: [
        { name: 'stopped', passed: true },
        { name: 'read', passed: true },
      ],
    });
  });

  it('says why a test fails', async () => {
    const { problems, tests } = await run(
      RULE,
      `- {name: silent, fires: true, record: {eventName: GetTrail}}
- {name: loud, fires: false, record: {eventName: StopLogging}}
- {name: elsewhere, fires: true, record: {eventName: Lookup}}
- {name: unreadable, fires: false, record: {other: 1}}
`,
    );
    expect(problems).toEqual([]);
    expect(tests).toEqual([
      { name: 'silent', passed: false, reason: 'does not fire, and should' },
      { name: 'loud', passed: false, reason: 'fires, and should not' },
      {
        name: 'elsewhere',
        passed: false,
        reason: "does not fire: the record's log source (product aws, service other) is not the rule's",
      },
      { name: 'unreadable', passed: false, reason: 'the record is rejected: eventName: expected text, found nothing' },
    ]);
  });

  it.each([
    ['level: high\n', 'level'],
    ['description: What it finds.\n', 'description'],
    ['id: 00000000-0000-4000-8000-000000000001\n', 'id'],
    ['falsepositives: [Administrators]\n', 'falsepositives'],
    ['tags: [attack.t1685.002]\n', 'tags with an ATT&CK technique, such as attack.t1078.004'],
    ['decision: warn, ', 'crosstrail.decision'],
    [', owner: cloud-security', 'crosstrail.owner'],
  ])('asks of a rule for what it leaves out: %j', async (left, statement) => {
    expect((await run(RULE.replace(left, ''), TESTS)).problems).toEqual([`the rule does not state: ${statement}`]);
  });

  it.each<[what: string, tests: string | undefined, problem: RegExp]>([
    ['no firing test', TESTS.split('\n').slice(1).join('\n'), /^no test on which the rule fires$/],
    ['no silent test', TESTS.split('\n').slice(0, 1).join('\n'), /^no test on which the rule does not fire$/],
    ['no tests at all', undefined, /no such file.*rule\.tests\.yml/],
    ['tests that are no list', 'name: x', /rule\.tests\.yml:1: expected a list of tests/],
    [
      'an unknown key',
      `${TESTS}- {name: x, fires: true, expect: 1, record: {}}`,
      /rule\.tests\.yml:3: Unrecognized key: "expect"/,
    ],
    [
      'a record that is none',
      `${TESTS}- name: x\n  fires: true\n  record: [1]`,
      /rule\.tests\.yml:5: expected a record: a map/,
    ],
    ['no YAML', '- [', /rule\.tests\.yml:\d+: not readable as YAML/],
  ])('names %s', async (_, tests, problem) => {
    expect((await run(RULE, tests)).problems).toEqual([expect.stringMatching(problem)]);
  });

  it('names a rule that cannot be used', async () => {
    const { problems } = await run(RULE.replace('eventName:', 'eventName|like:'), TESTS);
    expect(problems).toEqual([expect.stringMatching(/^line 8: unknown modifier 'like'/)]);
  });
});
