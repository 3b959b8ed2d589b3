import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { filterWarnings } from './filter-rule.ts';
import { compileRules, type LoadOptions } from '../loading/load.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';
import type { RuleSet } from '../matching/rule-set.ts';

const RULE = ruleText(
  { selection: { eventName: 'StopLogging' }, condition: 'selection' },
  { id: 'stop', name: 'stopped' },
);
const OTHER = ruleText({ selection: { eventName: 'DeleteTrail' }, condition: 'selection' }, { id: 'delete' });

const filterText = (filter: unknown, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ title: 'Deployments', id: 'deployments', logsource: { product: 'aws' }, filter, ...more });

const EXCEPT_DEPLOY = { rules: ['stop'], deploy: { 'userIdentity.arn|endswith': '/deploy' }, condition: 'not deploy' };

function setOf(texts: readonly string[], options: LoadOptions = {}): RuleSet {
  return compileRules(
    texts.map((text, at) => ({ file: `${at}.yml`, text })),
    options,
  );
}

const fired = (set: RuleSet, fields: JsonObject): string[] => set.match(recordOf(fields)).map(({ rule }) => rule.id);

const by = (name: string, eventName: string): JsonObject => ({
  eventName,
  userIdentity: { arn: `arn:aws:iam::111122223333:user/${name}` },
});

describe('a filter', () => {
  it('is added to the rules that it names, as it is written', () => {
    const set = setOf([RULE, OTHER, filterText(EXCEPT_DEPLOY)]);
    expect(set.rejected).toEqual([]);
    expect(fired(set, by('mara', 'StopLogging'))).toEqual(['stop']);
    expect(fired(set, by('deploy', 'StopLogging'))).toEqual([]);
    expect(fired(set, by('deploy', 'DeleteTrail'))).toEqual(['delete']);
    const [rule] = set.rules;
    expect(rule?.matches(recordOf(by('deploy', 'StopLogging')))).toBe(false);
  });

  it('may stand before the rules, and name them by name', () => {
    const set = setOf([filterText({ ...EXCEPT_DEPLOY, rules: 'stopped' }), RULE]);
    expect(set.rejected).toEqual([]);
    expect(set.filters).toMatchObject([{ id: 'deployments', rules: ['stop'] }]);
    expect(fired(set, by('deploy', 'StopLogging'))).toEqual([]);
  });

  it.each<[rules: unknown]>([['any'], ['Any'], ['all'], [[]]])(
    'of %j applies to all rules of its log source',
    (rules) => {
      const windows = ruleText(
        { selection: { eventName: 'x' }, condition: 'selection' },
        { id: 'windows', logsource: { product: 'windows' } },
      );
      const set = setOf([RULE, OTHER, windows, filterText({ ...EXCEPT_DEPLOY, rules })]);
      expect(set.rejected).toEqual([]);
      expect(fired(set, by('deploy', 'DeleteTrail'))).toEqual([]);
      expect(fired(set, by('mara', 'DeleteTrail'))).toEqual(['delete']);
      const found = set.match(recordOf(by('deploy', 'x'), { product: 'windows' }));
      expect(found.map(({ rule }) => rule.id)).toEqual(['windows']);
    },
  );

  it('without not keeps only what it selects, and a warning says so', () => {
    const bare = filterText({ ...EXCEPT_DEPLOY, condition: 'deploy' });
    const set = setOf([RULE, bare]);
    expect(fired(set, by('mara', 'StopLogging'))).toEqual([]);
    expect(fired(set, by('deploy', 'StopLogging'))).toEqual(['stop']);
    expect(set.filters.flatMap(filterWarnings)).toEqual([
      "the condition 'deploy' has no 'not': the rules fire only where it holds; to suppress what it selects, write 'not (deploy)'",
    ]);
    expect(setOf([RULE, filterText(EXCEPT_DEPLOY)]).filters.flatMap(filterWarnings)).toEqual([]);
  });

  it('is told apart from the rule by the names of its selections, and adds to other filters', () => {
    const one = filterText({
      rules: 'any',
      selection: { 'userIdentity.arn|endswith': '/deploy' },
      condition: 'not selection',
    });
    const two = filterText(
      { rules: 'any', selection: { recipientAccountId: '444455556666' }, condition: 'not selection' },
      { id: 'two', title: 'Sandbox' },
    );
    const set = setOf([RULE, one, two]);
    expect(fired(set, by('mara', 'StopLogging'))).toEqual(['stop']);
    expect(fired(set, by('deploy', 'StopLogging'))).toEqual([]);
    expect(fired(set, { ...by('mara', 'StopLogging'), recipientAccountId: '444455556666' })).toEqual([]);
    const [rule] = set.rules;
    if (rule?.kind !== 'sigma') throw new Error('no rule');
    expect([...rule.detection.selections.keys()]).toEqual([
      'selection',
      'Deployments: selection',
      'Sandbox: selection',
    ]);
    expect(rule.detection.written).toEqual(['((selection) and (not selection)) and (not selection)']);
  });

  it('applies to each of a list of conditions, and takes placeholders', () => {
    const listed = ruleText({ a: { eventName: 'a' }, b: { eventName: 'b' }, condition: ['a', 'b'] }, { id: 'listed' });
    const text = filterText({
      rules: ['listed'],
      known: { 'userIdentity.arn|expand|endswith': '/%Deployers%' },
      condition: 'not known',
    });
    const set = setOf([listed, text], { placeholders: new Map([['Deployers', ['deploy', 'ci-*']]]) });
    expect(set.rejected).toEqual([]);
    expect(fired(set, by('ci-7', 'a'))).toEqual([]);
    expect(fired(set, by('deploy', 'b'))).toEqual([]);
    expect(fired(set, by('mara', 'b'))).toEqual(['listed']);
  });

  it('finds fields as the log source of each rule has them', () => {
    const rule = ruleText(
      { selection: { operationName: 'x' }, condition: 'selection' },
      { id: 'activity', logsource: { product: 'azure', service: 'activitylogs' } },
    );
    const text = filterText(
      { rules: 'any', known: { OperationName: 'x', Level: 'known' }, condition: 'not known' },
      { logsource: { product: 'azure' } },
    );
    const set = setOf([rule, text]);
    const match = (fields: JsonObject) => set.match(recordOf(fields, { product: 'azure', service: 'activitylogs' }));
    expect(match({ operationName: 'x', Level: 'other' })).toHaveLength(1);
    expect(match({ operationName: 'x', Level: 'known' })).toHaveLength(0);
  });
});

describe('what is rejected', () => {
  const CORRELATION = JSON.stringify({
    title: 'Many',
    id: 'many',
    correlation: { type: 'event_count', rules: ['stop'], timespan: '5m', condition: { gte: 2 } },
  });

  it.each<[what: string, text: string, reason: RegExp]>([
    ['no title', filterText(EXCEPT_DEPLOY, { title: undefined }), /^title: /],
    ['no log source', filterText(EXCEPT_DEPLOY, { logsource: undefined }), /^logsource: expected a category/],
    ['no map', filterText('not deploy'), /^filter: expected a map of rules, selections and a condition/],
    [
      'no rules',
      filterText({ ...EXCEPT_DEPLOY, rules: undefined }),
      /^filter\.rules: expected the ids or names of rules, or 'any'/,
    ],
    [
      'rules that are no texts',
      filterText({ ...EXCEPT_DEPLOY, rules: ['stop', 5] }),
      /^filter\.rules: expected the ids/,
    ],
    ['too many rules', filterText({ ...EXCEPT_DEPLOY, rules: Array(1001).fill('stop') }), /at most 1000/],
    [
      'no condition',
      filterText({ ...EXCEPT_DEPLOY, condition: undefined }),
      /^filter\.condition: expected a text, and no list/,
    ],
    [
      'a list of conditions',
      filterText({ ...EXCEPT_DEPLOY, condition: ['not deploy'] }),
      /^filter\.condition: expected a text, and no list/,
    ],
    [
      'an unknown selection',
      filterText({ ...EXCEPT_DEPLOY, condition: 'not selection' }),
      /^condition: there is no selection 'selection'/,
    ],
    ['a bad selection', filterText({ ...EXCEPT_DEPLOY, deploy: { 'f|like': 'x' } }), /^unknown modifier 'like'/],
    ['a detection beside it', filterText(EXCEPT_DEPLOY, { detection: {} }), /^detection: a filter has none/],
    [
      'a rule that is not there',
      filterText({ ...EXCEPT_DEPLOY, rules: ['nobody'] }),
      /^no rule with the id or the name 'nobody' is loaded/,
    ],
    [
      'a correlation',
      filterText({ ...EXCEPT_DEPLOY, rules: ['many'] }),
      /^filters do not apply to correlations; name a rule that 'many' is made of/,
    ],
    [
      'a rule of another log source',
      filterText(EXCEPT_DEPLOY, { logsource: { product: 'azure' } }),
      /^the filter's logsource does not take in that of 'stop'/,
    ],
  ])('%s', (_, text, reason) => {
    const set = setOf([RULE, CORRELATION, text]);
    expect(set.rejected).toMatchObject([{ file: '2.yml', reason: expect.stringMatching(reason) as string }]);
    expect(set.filters).toEqual([]);
    expect(fired(set, by('deploy', 'StopLogging'))).toEqual(['stop']);
  });

  it('names the line of the rule that is not there', () => {
    const text = `title: Deployments
logsource: { product: aws }
filter:
  rules:
    - stop
    - nobody
  deploy: { f: a }
  condition: not deploy
`;
    expect(setOf([RULE, text]).rejected).toMatchObject([{ file: '1.yml', line: 6 }]);
  });

  it('is a filter of a rejected rule too', () => {
    const broken = ruleText({ selection: { 'f|like': 'a' }, condition: 'selection' }, { id: 'stop' });
    const { rejected } = setOf([broken, filterText(EXCEPT_DEPLOY)]);
    expect(rejected[1]?.reason).toMatch(
      /^needs the rule 'stop', which is rejected \(0\.yml:1: unknown modifier 'like'/,
    );
  });
});
