import { AWS_ACCOUNT } from '../../local/demo/tenant.ts';
import { GITHUB_ISSUER, iamUser, webIdentity } from './aws-identities.ts';
import { writeChain } from './chain-writer.ts';
import type { Place } from './cast.ts';
import { OWNER_ASSIGNED, assignOwner } from './moves.ts';

const RUNNER: Place = { ip: '192.0.2.40', city: 'Amsterdam', country: 'NL' };

/** A poisoned build: the workflow's token opens AWS and Azure, and leaves administrators behind in both. */
export const buildServiceToClouds = writeChain(
  4,
  'build-service-to-clouds',
  ['Oskar Delgado', 'catalogue'],
  (write, cast) => {
    const app = cast.workload('deploy-catalogue');
    const credential = cast.id(1);
    const subject = 'repo:contoso-example/catalogue:ref:refs/heads/main';
    const session = write.assume(
      webIdentity(GITHUB_ISSUER, 'sts.amazonaws.com', subject),
      'AssumeRoleWithWebIdentity',
      { name: 'deploy-catalogue', id: cast.awsId('AROA') },
      { name: 'GitHubActions', accessKeyId: cast.awsId('ASIA') },
      { response: { subjectFromWebIdentityToken: subject, audience: 'sts.amazonaws.com' }, from: RUNNER },
    );
    write.wait(2);
    write.aws(session.identity, 'iam:CreateUser', { userName: 'catalogue-metrics' }, { from: RUNNER });
    write.wait(1);
    write.aws(
      session.identity,
      'iam:AttachUserPolicy',
      { userName: 'catalogue-metrics', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
      { from: RUNNER },
    );
    write.wait(1);
    write.aws(
      session.identity,
      'iam:CreateAccessKey',
      { userName: 'catalogue-metrics' },
      {
        response: {
          accessKey: { accessKeyId: cast.awsId('AKIA'), userName: 'catalogue-metrics', status: 'Active' },
        },
        from: RUNNER,
      },
    );
    write.wait(4);
    write.workloadSignIn(app, { federated: credential }, { from: RUNNER });
    write.wait(2);
    write.azure(
      'Microsoft.Compute/virtualMachines/runCommand/action',
      cast.armId('Microsoft.Compute/virtualMachines/vm-catalogue-1'),
      { commandId: 'RunShellScript', script: ['id'] },
      { by: app, from: RUNNER },
    );
    write.wait(3);
    assignOwner(write, app, app);
    write.wait(20);
    const user = iamUser('catalogue-metrics', cast.awsId('AIDA'), cast.awsId('AKIA'));
    write.aws(user, 'cloudtrail:DeleteTrail', {
      name: `arn:aws:cloudtrail:eu-north-1:${AWS_ACCOUNT}:trail/catalogue`,
    });
    write.wait(5);
    write.aws(user, 's3:PutBucketPolicy', {
      bucketName: 'contoso-catalogue-exports',
      bucketPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: 'arn:aws:iam::999988887777:root' },
            Action: 's3:GetObject',
            Resource: 'arn:aws:s3:::contoso-catalogue-exports/*',
          },
        ],
      },
    });
    return {
      directory: {
        servicePrincipals: [
          {
            tenant: '00000000-0000-4000-8000-00000000c0de',
            objectId: app.objectId,
            appId: app.appId,
            federatedCredentials: [{ id: credential, issuer: `https://${GITHUB_ISSUER}`, subject }],
          },
        ],
      },
      expected: {
        principals: ['deploy-catalogue'],
        clouds: ['AWS', 'Azure'],
        steps: [
          'AttachUserPolicy',
          'CreateAccessKey',
          'Microsoft.Compute/virtualMachines/runCommand/action',
          OWNER_ASSIGNED,
          'DeleteTrail',
          'PutBucketPolicy',
        ],
        techniques: ['T1098.003', 'T1098.001', 'T1651', 'T1685.002'],
      },
    };
  },
);
