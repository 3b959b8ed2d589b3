import { TENANT } from '../../local/demo/tenant.ts';
import { webIdentity } from './aws-identities.ts';
import { writeChain } from './chain-writer.ts';

/** No person at all: a web server in a pod is broken into, and its service account is trusted by Entra and by AWS. */
export const podToThreeClouds = writeChain(14, 'pod-to-three-clouds', ['Marek Dovic', 'search'], (write, cast) => {
  const issuer = `swedencentral.oic.prod-aks.azure.com/${TENANT}/${cast.id(1)}/`;
  const account = 'system:serviceaccount:search:web';
  const app = cast.workload('search-web');
  const credential = cast.id(2);
  const pod = {
    user: account,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:search', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/pod-name': ['web-0'] },
    ip: '10.244.3.7',
    agent: 'curl/8.11.0',
  };
  write.cluster({
    ...pod,
    verb: 'get',
    uri: '/api/v1/namespaces/search/secrets/index-admin',
    object: { resource: 'secrets', namespace: 'search', name: 'index-admin', apiVersion: 'v1' },
  });
  write.wait(2);
  write.cluster({
    ...pod,
    verb: 'create',
    uri: '/apis/apps/v1/namespaces/search/daemonsets',
    object: { resource: 'daemonsets', namespace: 'search', name: 'node-metrics', apiGroup: 'apps', apiVersion: 'v1' },
    request: {
      kind: 'DaemonSet',
      metadata: { name: 'node-metrics', namespace: 'search' },
      spec: { template: { spec: { hostPID: true, containers: [{ name: 'm', image: 'busybox' }] } } },
    },
    code: 201,
  });
  write.wait(6);
  write.workloadSignIn(app, { federated: credential });
  write.wait(2);
  write.azure(
    'Microsoft.Insights/diagnosticSettings/delete',
    cast.armId('Microsoft.Search/searchServices/srch/providers/Microsoft.Insights/diagnosticSettings/hub'),
    {},
    { by: app },
  );
  write.wait(7);
  const session = write.assume(
    webIdentity(issuer, 'sts.amazonaws.com', account),
    'AssumeRoleWithWebIdentity',
    { name: 'search-web', id: cast.awsId('AROA') },
    { name: 'search-web', accessKeyId: cast.awsId('ASIA') },
    { response: { subjectFromWebIdentityToken: account, audience: 'sts.amazonaws.com' } },
  );
  write.wait(3);
  write.aws(session.identity, 'lambda:AddPermission20150331v2', {
    functionName: 'search-index',
    statementId: 'all',
    action: 'lambda:InvokeFunction',
    principal: '*',
  });
  write.wait(4);
  write.aws(session.identity, 'ec2:ModifyImageAttribute', {
    imageId: 'ami-0123456789abcde14',
    launchPermission: { add: { items: [{ userId: '999988887777' }] } },
    attributeType: 'launchPermission',
  });
  return {
    directory: {
      servicePrincipals: [
        {
          tenant: TENANT,
          objectId: app.objectId,
          appId: app.appId,
          federatedCredentials: [{ id: credential, issuer: `https://${issuer}`, subject: account }],
        },
      ],
      trusts: { oidc: [{ issuer: `https://${issuer}`, cluster: cast.cluster }] },
    },
    expected: {
      principals: ['search-web'],
      clouds: ['Kubernetes', 'Azure', 'AWS'],
      steps: [
        'get secrets',
        'create daemonsets',
        'Microsoft.Insights/diagnosticSettings/delete',
        'AddPermission20150331v2',
        'ModifyImageAttribute',
      ],
      techniques: ['T1552.007', 'T1611', 'T1685.002', 'T1098', 'T1537'],
    },
  };
});
