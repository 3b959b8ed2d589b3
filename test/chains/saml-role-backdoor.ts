import { AWS_ACCOUNT } from '../../local/demo/tenant.ts';
import { webIdentity } from './aws-identities.ts';
import { writeChain } from './chain-writer.ts';
import { securityInfoRegistered } from './directory-changes.ts';
import { SIGN_IN, assumeBySaml, phishByProxy } from './moves.ts';

/** By SAML into AWS, and there a provider and a role of the attacker's own making, through which they come back without any account of the company. */
export const samlRoleBackdoor = writeChain(6, 'saml-role-backdoor', ['Petra Nyholm', 'invoices'], (write, cast) => {
  const issuer = 'oidc.fabrikam.example/aws';
  const role = { name: 'invoices-support', id: cast.awsId('AROA', 2) };
  const provider = cast.iamArn(`oidc-provider/${issuer}`);
  phishByProxy(write);
  write.wait(4);
  write.directory(securityInfoRegistered(cast.person));
  write.wait(6);
  const console = assumeBySaml(write, 'invoices-administrator', 1);
  write.wait(5);
  write.aws(
    console.identity,
    'iam:CreateOpenIDConnectProvider',
    { url: `https://${issuer}`, clientIDList: ['sts.amazonaws.com'] },
    { response: { openIDConnectProviderArn: provider } },
  );
  write.wait(3);
  write.aws(console.identity, 'iam:UpdateAssumeRolePolicy', {
    roleName: role.name,
    policyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Federated: provider }, Action: 'sts:AssumeRoleWithWebIdentity' }],
    }),
  });
  write.wait(41);
  const back = write.assume(
    webIdentity(issuer, 'sts.amazonaws.com', 'operator-1'),
    'AssumeRoleWithWebIdentity',
    role,
    { name: 'operator-1', accessKeyId: cast.awsId('ASIA', 2) },
    { response: { subjectFromWebIdentityToken: 'operator-1', audience: 'sts.amazonaws.com', provider } },
  );
  write.wait(2);
  write.aws(back.identity, 'cloudtrail:StopLogging', {
    name: `arn:aws:cloudtrail:eu-north-1:${AWS_ACCOUNT}:trail/invoices`,
  });
  write.wait(4);
  write.aws(back.identity, 'rds:ModifyDBClusterSnapshotAttribute', {
    dBClusterSnapshotIdentifier: 'invoices-nightly',
    attributeName: 'restore',
    valuesToAdd: ['999988887777'],
  });
  return {
    expected: {
      principals: [cast.person.upn],
      clouds: ['Microsoft Entra', 'AWS'],
      steps: [
        SIGN_IN,
        'CreateOpenIDConnectProvider',
        'UpdateAssumeRolePolicy',
        'StopLogging',
        'ModifyDBClusterSnapshotAttribute',
      ],
      techniques: ['T1539', 'T1484.002', 'T1098', 'T1685.002', 'T1537'],
    },
  };
});
