import type { EventRule, Json, RuleTools } from '../../pipeline/detection/event-rule.ts';

/** Where the policy stands in the request, by operation. */
const DOCUMENTS: ReadonlyMap<string, string> = new Map([
  ['CreatePolicy', 'policyDocument'],
  ['CreatePolicyVersion', 'policyDocument'],
  ['PutGroupPolicy', 'policyDocument'],
  ['PutRolePolicy', 'policyDocument'],
  ['PutUserPolicy', 'policyDocument'],
  ['PutInlinePolicyToPermissionSet', 'inlinePolicy'],
]);

/** Patterns that take in every action of IAM, whoever may do which comes to may do everything. Case does not count. */
const ALL_OF_IAM = /^(\*|\*:\*|i\*|ia\*|iam\*|iam:\*)$/;
/** Patterns that take in every resource, or every one of IAM. */
const EVERY_RESOURCE = /^(\*|arn:\*|arn:[^:]*:\*|arn:[^:]*:iam:[^:]*:[^:]*:\*)$/;

/** One statement must say all of it: that it allows, everything, on everything, under no condition. */
function allowsEverything(statement: Json, { values }: RuleTools): boolean {
  const some = (name: string, pattern: RegExp): boolean =>
    values(statement, name).some(
      (value) => typeof value === 'string' && pattern.test(value.toLowerCase().replace(/\*+/g, '*')),
    );
  const states = (name: string): boolean => values(statement, name).length > 0;
  const action = some('Action', ALL_OF_IAM) || (states('NotAction') && !some('NotAction', /^(\*|i\*|ia\*|iam)/));
  const resource = some('Resource', EVERY_RESOURCE) || states('NotResource');
  const condition = values(statement, 'Condition').some((value) => value !== null && Object.keys(value).length > 0);
  return some('Effect', /^allow$/) && action && resource && !condition;
}

export default {
  title: 'AWS policy written that allows everything',
  id: 'e1b6a9a4-1f0e-4b59-9a37-6c1df1c0a5d2',
  status: 'test',
  description:
    'A policy was written one statement of which allows every action, or every action of IAM, which comes to the same, on ' +
    'every resource and under no condition. The attacker turns a foothold into control of the account, by a policy whose ' +
    'name gives nothing away.',
  author: 'Crosstrail',
  date: '2026-11-21',
  references: ['https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html'],
  tags: ['attack.persistence', 'attack.privilege-escalation', 'attack.t1098.003'],
  falsepositives: [
    'The set-up of a new account, or a break-glass role, by the team that owns the landing zone.',
    'A policy that is created and attached to nobody; look for who gets it.',
  ],
  level: 'high',
  decision: 'warn',
  owner: 'identity',
  window: '1h',
  logsource: { product: 'aws', service: 'cloudtrail' },
  classes: [3001, 6003],
  matches({ ocsf }, record, tools) {
    const place = DOCUMENTS.get(ocsf.api?.operation ?? '');
    if (place === undefined || ocsf.status_id !== 1) return false;
    const { values, document } = tools;
    return values(record, `requestParameters.${place}`)
      .flatMap((text) => values(document(text), 'Statement'))
      .some((statement) => allowsEverything(statement, tools));
  },
} satisfies EventRule<3001 | 6003>;
