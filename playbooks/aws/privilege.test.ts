import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowsAll } from './privilege.ts';

const policy = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: statement });

describe('whether a policy allows all', () => {
  it.each([
    [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    [
      [
        { Effect: 'Deny', Action: 's3:*', Resource: '*' },
        { Effect: 'Allow', Action: ['s3:Get*', '*:*'], Resource: ['*'] },
      ],
    ],
    [{ Effect: 'Allow', Action: 'IAM:*', Resource: '*' }],
    [{ Effect: 'Allow', NotAction: ['iam:*'], Resource: '*' }],
    [{ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::logs.contoso.example' }],
  ])('is so of %j', (statement) => {
    expect(allowsAll(policy(statement))).toBe(true);
  });

  it.each([
    [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    [{ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::releases.contoso.example/*' }],
    [[]],
  ])('is not so of %j', (statement) => {
    expect(allowsAll(policy(statement))).toBe(false);
  });

  it('counts what cannot be read as one that does, and never throws', () => {
    expect(allowsAll('')).toBe(true);
    expect(allowsAll('['.repeat(5_000))).toBe(true);
    expect(allowsAll(`${'{"Statement":['.repeat(50)}${']}'.repeat(50)}`)).toBe(true);
    fc.assert(fc.property(fc.json(), (text) => typeof allowsAll(text) === 'boolean'));
  });
});
