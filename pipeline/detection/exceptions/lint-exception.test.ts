import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ReadRecord } from '../../timeline/read-record.ts';
import { builtinRules } from '../builtin.ts';
import { compileRules, loadRules } from '../loading/load.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';
import type { CompiledRule } from '../rule.ts';
import { detecting, exceptionOf, exceptionsOf } from './exception-samples.ts';
import { lintException } from './lint-exception.ts';

const RULE_DETECTION = detecting({
  eventSource: 'cloudtrail.amazonaws.com',
  eventName: ['StopLogging', 'DeleteTrail'],
  'requestParameters.name|contains': 'organization',
});
const ALL = 'it would suppress all that the rule snapshot-shared';

function rulesWith(detection: unknown, more: Readonly<Record<string, unknown>> = {}): readonly CompiledRule[] {
  const text = ruleText(detection, { id: 'snapshot-shared', name: 'by_name', ...more });
  const { rules, rejected } = compileRules([{ file: 'rule.yml', text }]);
  expect(rejected).toEqual([]);
  return rules;
}

function problems(
  more: Readonly<Record<string, unknown>>,
  detection: unknown = RULE_DETECTION,
  firing: readonly ReadRecord[] = [],
): string[] {
  return lintException(exceptionOf(more), rulesWith(detection), () => firing);
}

describe('lintException', () => {
  it('finds nothing wrong with one that is narrower than its rules', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ rules: ['by_name'] })).toEqual([]);
    expect(problems({ logsource: { product: 'aws' } })).toEqual([]);
  });

  it('names rules that do not exist', () => {
    expect(problems({ rules: ['snapshot-shared', 'snapshot-sharde'] })).toEqual([
      "there is no rule 'snapshot-sharde'; name rules by their id or name",
    ]);
  });

  it('names rules that never fire on its records', () => {
    expect(problems({ logsource: { product: 'azure' } })).toEqual([
      expect.stringContaining('the rule snapshot-shared (A rule; rule.yml:1) never fires on records of its logsource'),
    ]);
    const detection = detecting({ a: 'backup', b: 'restore' });
    expect(problems({ rules: 'any', logsource: { product: 'azure' }, detection })).toEqual([]);
  });

  it.each<[detection: unknown]>([
    [detecting({ eventName: ['StopLogging', 'DeleteTrail'] })],
    [detecting({ eventName: ['stoplogging', 'deletetrail', 'UpdateTrail'] })],
    [detecting([{ eventName: 'StopLogging' }, { eventName: 'DeleteTrail' }])],
    [detecting({ eventSource: 'cloudtrail.amazonaws.com' })],
    [detecting({ 'eventSource|endswith': '.amazonaws.com' })],
    [detecting({ eventSource: 'cloudtrail.amazonaws.com', 'errorCode|exists': false, readOnly: null })],
    [detecting({ 'requestParameters.name|contains': 'ORGANIZATION' })],
    [{ a: { eventSource: 'cloudtrail.amazonaws.com' }, b: { f: 'backup' }, condition: 'a or b' }],
    [{ a: { eventSource: 'cloudtrail.amazonaws.com' }, b: { f: 'backup' }, condition: 'a and not b' }],
  ])('refuses what the rule itself asks for: %j', (detection) => {
    expect(problems({ detection })).toEqual([expect.stringContaining(ALL)]);
  });

  it.each<[detection: unknown]>([
    [detecting({ eventName: 'StopLogging' })],
    [detecting({ eventSource: 'cloudtrail.amazonaws.com', 'userIdentity.arn|endswith': 'role/backup' })],
    [detecting({ 'requestParameters.name|contains': 'organization-test' })],
    [detecting({ eventSource: 'ec2.amazonaws.com' })],
    [detecting({ 'requestParameters.target': ['StopLogging', 'DeleteTrail'] })],
  ])('accepts what is only a part of it: %j', (detection) => {
    expect(problems({ detection })).toEqual([]);
  });

  it('does not take one of several alternatives of the rule for what it asks for', () => {
    const either = { a: { eventName: 'StopLogging' }, b: { f: 'backup' }, condition: 'a or b' };
    expect(problems({ detection: detecting({ eventName: 'StopLogging' }) }, either)).toEqual([]);
  });

  const choice = {
    trail: { eventSource: 'cloudtrail.amazonaws.com', eventName: 'StopLogging' },
    flow: { eventSource: 'ec2.amazonaws.com', eventName: 'DeleteFlowLogs' },
    failed: { errorCode: '?*' },
    condition: '(trail or flow) and not failed',
  };
  it.each<[refused: boolean, detection: unknown]>([
    [true, choice],
    [true, { ...choice, condition: 'trail or flow' }],
    [true, detecting({ eventName: ['StopLogging', 'DeleteFlowLogs'] })],
    [true, { ...choice, trail: { eventName: 'StopLogging' }, condition: 'flow or trail' }],
    [false, { ...choice, condition: 'trail' }],
    [false, { ...choice, trail: { ...choice.trail, f: 'backup' }, condition: 'trail or flow' }],
  ])('looks at each way in which a rule fires: %s for %j', (refused, detection) => {
    expect(problems({ detection }, choice)).toHaveLength(refused ? 1 : 0);
  });

  it('bears rules that fire in very many ways', () => {
    const pairs = Array.from({ length: 20 }, (_, n) => [{ [`f${n}`]: 'backup' }, { [`g${n}`]: 'restore' }]);
    const selections = Object.fromEntries(pairs.map((pair, n) => [`s${n}`, pair]));
    expect(problems({}, { ...selections, condition: 'all of them' })).toEqual([]);
    expect(problems({}, { ...selections, condition: `${'s0 and '.repeat(1400)}s1` })).toEqual([]);
  });

  it('refuses what would suppress every record on which the rule fires in its tests', () => {
    const records = ['one', 'two'].map((name) =>
      recordOf({ 'userIdentity.arn': `arn:aws:iam::111122223333:role/${name}`, region: 'eu-north-1' }),
    );
    const wide = { detection: detecting({ 'userIdentity.arn|startswith': 'arn:aws:iam::111122223333:role/' }) };
    expect(problems(wide, RULE_DETECTION, records)).toEqual([
      expect.stringContaining(`${ALL} (A rule; rule.yml:1) raises in its tests`),
    ]);
    const narrow = { detection: detecting({ 'userIdentity.arn|endswith': 'role/one' }) };
    expect(problems(narrow, RULE_DETECTION, records)).toEqual([]);
    expect(problems(wide, RULE_DETECTION, [])).toEqual([]);
  });
});

it('the example of the documentation has nothing wrong', async () => {
  const page = await readFile(new URL('../../../docs/exceptions.md', import.meta.url), 'utf8');
  const example = /```yaml\n(# exceptions\/.*?)```/s.exec(page)?.[1] ?? '';
  const { exceptions, rejected } = exceptionsOf(example);
  expect([exceptions.map(({ id }) => id), rejected]).toEqual([['snapshot-copies'], []]);
  const { rules } = await loadRules([builtinRules()]);
  expect(exceptions.flatMap((exception) => lintException(exception, rules, () => []))).toEqual([]);
});
