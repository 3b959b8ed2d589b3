import { TENANT } from '../../local/demo/tenant.ts';
import { webIdentity } from './aws-identities.ts';
import { writeChain } from './chain-writer.ts';
import {
  CLUSTER_ADMINISTRATOR,
  CLUSTER_ADMINISTRATOR_FETCHED,
  SIGN_IN,
  fetchClusterAdministrator,
  signInAtHighRisk,
} from './moves.ts';

/** A stolen password, the cluster's administrator, a token of a service account, and with it into AWS, which trusts the cluster. */
export const clusterTokenToAws = writeChain(3, 'cluster-token-to-aws', ['Paula Renner', 'payments'], (write, cast) => {
  const issuer = `swedencentral.oic.prod-aks.azure.com/${TENANT}/${cast.id(1)}/`;
  const account = 'system:serviceaccount:payments:settlement';
  signInAtHighRisk(write);
  write.wait(7);
  fetchClusterAdministrator(write);
  write.wait(3);
  write.cluster({
    ...CLUSTER_ADMINISTRATOR,
    verb: 'create',
    uri: '/api/v1/namespaces/payments/pods/settlement-0/exec?command=sh',
    object: { resource: 'pods', namespace: 'payments', name: 'settlement-0', subresource: 'exec', apiVersion: 'v1' },
    code: 101,
  });
  write.wait(2);
  write.cluster({
    ...CLUSTER_ADMINISTRATOR,
    verb: 'create',
    uri: '/api/v1/namespaces/payments/serviceaccounts/settlement/token',
    object: {
      resource: 'serviceaccounts',
      namespace: 'payments',
      name: 'settlement',
      subresource: 'token',
      apiVersion: 'v1',
    },
    request: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      spec: { audiences: ['sts.amazonaws.com'], expirationSeconds: 86400 },
    },
    code: 201,
  });
  write.wait(5);
  const session = write.assume(
    webIdentity(issuer, 'sts.amazonaws.com', account),
    'AssumeRoleWithWebIdentity',
    { name: 'settlement', id: cast.awsId('AROA') },
    { name: 'settlement-0', accessKeyId: cast.awsId('ASIA') },
    { response: { subjectFromWebIdentityToken: account, audience: 'sts.amazonaws.com' } },
  );
  write.wait(4);
  write.aws(session.identity, 'guardduty:DeleteDetector', { detectorId: '00000000000000000000000000000003' });
  write.wait(5);
  write.aws(session.identity, 'iam:AttachRolePolicy', {
    roleName: 'settlement',
    policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
  });
  write.wait(6);
  write.aws(session.identity, 'rds:ModifyDBSnapshotAttribute', {
    dBSnapshotIdentifier: 'payments-nightly',
    attributeName: 'restore',
    valuesToAdd: ['999988887777'],
  });
  return {
    directory: { trusts: { oidc: [{ issuer: `https://${issuer}`, cluster: cast.cluster }] } },
    expected: {
      principals: [cast.person.upn, account],
      clouds: ['Microsoft Entra', 'Azure', 'Kubernetes', 'AWS'],
      steps: [
        SIGN_IN,
        CLUSTER_ADMINISTRATOR_FETCHED,
        'create pods/exec',
        'create serviceaccounts/token',
        'DeleteDetector',
        'AttachRolePolicy',
        'ModifyDBSnapshotAttribute',
      ],
      techniques: ['T1078.004', 'T1552.007', 'T1609', 'T1528', 'T1685', 'T1098.003', 'T1537'],
    },
  };
});
