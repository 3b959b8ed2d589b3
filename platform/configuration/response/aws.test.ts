import { describe, expect, it } from 'vitest';
import { awsSection } from './aws.ts';

const ACCOUNT = { account: '111122223333' };
const ROLE = { ...ACCOUNT, roleArn: 'arn:aws:iam::111122223333:role/crosstrail-responder' };

describe('response.aws', () => {
  it('names no account unless told, and asks in us-east-1', () => {
    expect(awsSection.parse(undefined)).toEqual({ accounts: [] });
    expect(awsSection.parse({ accounts: [ACCOUNT] })).toEqual({ accounts: [{ ...ACCOUNT, region: 'us-east-1' }] });
  });

  it('takes a role by web identity', () => {
    const account = { ...ROLE, region: 'eu-central-1', webIdentity: { audience: 'api://crosstrail-aws' } };
    expect(awsSection.parse({ accounts: [account] })).toEqual({ accounts: [account] });
  });

  it.each([
    [{ account: '1234' }, '12 digits'],
    [{ ...ACCOUNT, region: 'somewhere' }, 'eu-central-1'],
    [{ ...ACCOUNT, roleArn: 'arn:aws:iam::444455556666:role/crosstrail' }, 'a role of the account 111122223333'],
    [{ ...ACCOUNT, webIdentity: { audience: 'api://crosstrail' } }, 'expected a roleArn'],
    [{ ...ROLE, profile: 'ops', webIdentity: { audience: 'api://crosstrail' } }, 'not both'],
    [{ ...ROLE, externalId: 'abc', webIdentity: { audience: 'api://crosstrail' } }, 'without webIdentity'],
    [{ ...ROLE, webIdentity: { audience: 'crosstrail' } }, 'Application ID URI'],
    [{ ...ACCOUNT, secret: 'x' }, 'secret'],
  ])('refuses %j', (account, message) => {
    const result = awsSection.safeParse({ accounts: [account] });
    expect(result.error?.issues.map((issue) => issue.message).join()).toContain(message);
  });

  it('refuses an account that is named twice', () => {
    expect(awsSection.safeParse({ accounts: [ACCOUNT, ROLE] }).success).toBe(false);
  });
});
