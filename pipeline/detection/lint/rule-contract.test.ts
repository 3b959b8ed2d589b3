import { describe, expect, it } from 'vitest';
import { missingStatements } from './rule-contract.ts';

const WHOLE = {
  title: 'A rule',
  id: '00000000-0000-4000-8000-000000000001',
  description: 'What it finds.',
  level: 'high',
  tags: ['attack.persistence', 'attack.t1098.001'],
  falsepositives: ['Administrators'],
  crosstrail: { decision: 'warn', owner: 'identity' },
};

const missing = (value: unknown): string[] => missingStatements({ file: 'rule.yml', line: 1, value, lineOf: () => 1 });

describe('what a rule of the project must state', () => {
  it('is stated by a whole one, whatever it decides', () => {
    const escalate = { count: 5, decision: 'warn' };
    expect(missing(WHOLE)).toEqual([]);
    expect(missing({ ...WHOLE, crosstrail: { decision: 'monitor', owner: 'identity', escalate } })).toEqual([]);
  });

  it('asks of what is only there for other rules for no escalation', () => {
    const crosstrail = { decision: 'monitor', owner: 'identity' };
    expect(missing({ ...WHOLE, level: 'informational', crosstrail })).toEqual([]);
  });

  it.each([
    ['id', { id: undefined }],
    ['description', { description: ' ' }],
    ['level', { level: undefined }],
    ['tags with an ATT&CK technique', { tags: ['attack.persistence', 'attack.t1098.1'] }],
    ['falsepositives', { falsepositives: [''] }],
    ['crosstrail.decision', { crosstrail: { owner: 'identity' } }],
    ['crosstrail.owner', { crosstrail: { decision: 'warn' } }],
    ['crosstrail.escalate', { crosstrail: { decision: 'monitor', owner: 'identity' } }],
  ])('names %s where it is missing', (statement, change) => {
    expect(missing({ ...WHOLE, ...change })).toEqual([expect.stringContaining(statement)]);
  });

  it.each([[null], ['text'], [[]]])('names all where the document is %j', (value) => {
    expect(missing(value)).toHaveLength(7);
  });
});
