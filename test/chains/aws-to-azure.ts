import { iamUser } from './aws-identities.ts';
import { writeChain } from './chain-writer.ts';
import { federatedCredentialAdded } from './directory-changes.ts';
import { SIGN_IN, phishByProxy } from './moves.ts';

/** The other way round: a leaked key of AWS, tokens that AWS issues, and an application of Entra that is told to trust them. */
export const awsToAzure = writeChain(5, 'aws-to-azure', ['Ilse Brandt', 'telemetry'], (write, cast) => {
  const user = iamUser('ilse', cast.awsId('AIDA'), cast.awsId('AKIA'));
  const app = cast.workload('telemetry-export');
  const credential = cast.id(1);
  write.aws(user, 'sts:GetCallerIdentity', undefined, { agent: 'TruffleHog', readOnly: true });
  write.wait(8);
  write.aws(user, 'iam:EnableOutboundWebIdentityFederation', undefined, {
    response: { issuerIdentifier: `https://${cast.id(2)}.tokens.sts.global.api.aws` },
  });
  write.wait(15);
  phishByProxy(write);
  write.wait(3);
  write.directory(
    federatedCredentialAdded(app, {
      id: credential,
      issuer: `https://${cast.id(2)}.tokens.sts.global.api.aws`,
      subject: cast.iamArn('user/ilse'),
    }),
  );
  write.wait(2);
  write.aws(
    user,
    'sts:GetWebIdentityToken',
    { audience: ['api://AzureADTokenExchange'], signingAlgorithm: 'RS256', durationSeconds: 300 },
    { readOnly: true },
  );
  write.wait(1);
  write.workloadSignIn(app, { federated: credential });
  write.wait(3);
  write.azure(
    'Microsoft.Storage/storageAccounts/write',
    cast.armId('Microsoft.Storage/storageAccounts/sttelemetry'),
    { properties: { allowBlobPublicAccess: true } },
    { by: app },
  );
  write.wait(4);
  write.azure(
    'Microsoft.Compute/disks/beginGetAccess/action',
    cast.armId('Microsoft.Compute/disks/disk-telemetry-db'),
    { access: 'Read', durationInSeconds: 86400 },
    { by: app },
  );
  return {
    directory: {
      users: [
        {
          tenant: '00000000-0000-4000-8000-00000000c0de',
          objectId: cast.person.objectId,
          userPrincipalName: cast.person.upn,
          awsUsers: [cast.iamArn('user/ilse')],
        },
      ],
    },
    expected: {
      principals: [cast.person.upn],
      clouds: ['AWS', 'Microsoft Entra', 'Azure'],
      steps: [
        'GetCallerIdentity',
        'EnableOutboundWebIdentityFederation',
        SIGN_IN,
        'Update application',
        'GetWebIdentityToken',
        'Microsoft.Storage/storageAccounts/write',
        'Microsoft.Compute/disks/beginGetAccess/action',
      ],
      techniques: ['T1078.004', 'T1550.001', 'T1539', 'T1098.001', 'T1530', 'T1537'],
    },
  };
});
