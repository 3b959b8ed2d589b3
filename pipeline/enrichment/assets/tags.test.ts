import { expect, it } from 'vitest';
import { saidByTags } from './tags.ts';

const NAMES = {
  owner: ['owner', 'team'],
  environment: ['env'],
  importance: ['criticality'],
  dataClass: ['data-class'],
};

it.each([
  [
    { Team: 'Shop ', OWNER: 'ada@contoso.example', env: 'PROD' },
    { owner: 'ada@contoso.example', environment: 'prod' },
  ],
  [{ team: 'Shop' }, { owner: 'Shop' }],
  [
    { criticality: 'Mission-Critical', 'data-class': 'Highly Confidential' },
    { importance: 1, dataClass: 'restricted' },
  ],
  [{ criticality: '0.25' }, { importance: 0.25 }],
  [{ criticality: 'tier 1', 'data-class': 'unknown', owner: '', env: 7 }, {}],
  [JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>, {}],
  [undefined, {}],
])('%j says %j', (tags, expected) => {
  expect(saidByTags(tags, NAMES)).toEqual(expected);
});
