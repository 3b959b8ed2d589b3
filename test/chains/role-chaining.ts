import { AWS_ACCOUNT, TENANT } from '../../local/demo/tenant.ts';
import { iamUser } from './aws-identities.ts';
import { writeChain } from './chain-writer.ts';
import { policyDisabled } from './directory-changes.ts';
import { SIGN_IN, signInAtHighRisk } from './moves.ts';

/** A developer's key found in a repository, one role after the other, and the data made unreadable; the same password opens Entra. */
export const roleChaining = writeChain(8, 'role-chaining', ['Tomas Varga', 'archive'], (write, cast) => {
  const user = iamUser('tomas', cast.awsId('AIDA'), cast.awsId('AKIA'));
  const hop = (caller: Parameters<typeof write.assume>[0], name: string, which: number) =>
    write.assume(
      caller,
      'AssumeRole',
      { name, id: cast.awsId('AROA', which) },
      { name: `session-${which}`, accessKeyId: cast.awsId('ASIA', which) },
    ).identity;
  write.aws(user, 'sts:GetCallerIdentity', undefined, { agent: 'TruffleHog', readOnly: true });
  write.wait(9);
  const first = hop(user, 'archive-developer', 1);
  write.wait(2);
  write.aws(first, 'ec2:GetPasswordData', { instanceId: 'i-0123456789abcde08' }, { readOnly: true });
  write.wait(4);
  const second = hop(first, 'archive-deploy', 2);
  write.wait(3);
  write.aws(second, 'iam:PutRolePolicy', {
    roleName: 'archive-operator',
    policyName: 'inline',
    policyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    }),
  });
  write.wait(2);
  const third = hop(second, 'archive-operator', 3);
  write.wait(2);
  write.aws(third, 'cloudtrail:DeleteTrail', {
    name: `arn:aws:cloudtrail:eu-north-1:${AWS_ACCOUNT}:trail/archive`,
  });
  write.wait(5);
  write.aws(third, 'kms:ScheduleKeyDeletion', {
    keyId: `arn:aws:kms:eu-north-1:${AWS_ACCOUNT}:key/${cast.id(1)}`,
    pendingWindowInDays: 7,
  });
  write.wait(18);
  signInAtHighRisk(write);
  write.wait(6);
  write.directory(policyDisabled(cast.id(2)));
  return {
    directory: {
      users: [
        {
          tenant: TENANT,
          objectId: cast.person.objectId,
          userPrincipalName: cast.person.upn,
          awsUsers: [cast.iamArn('user/tomas')],
        },
      ],
    },
    expected: {
      principals: [cast.person.upn],
      clouds: ['AWS', 'Microsoft Entra'],
      steps: [
        'GetCallerIdentity',
        'GetPasswordData',
        'PutRolePolicy',
        'DeleteTrail',
        'ScheduleKeyDeletion',
        SIGN_IN,
        'Update conditional access policy',
      ],
      techniques: ['T1552', 'T1098.003', 'T1685.002', 'T1485', 'T1078.004', 'T1556.009'],
    },
  };
});
