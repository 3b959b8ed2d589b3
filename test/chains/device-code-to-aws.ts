import { AWS_ACCOUNT } from '../../local/demo/tenant.ts';
import { writeChain } from './chain-writer.ts';
import { secretAdded } from './directory-changes.ts';
import {
  CLUSTER_ADMINISTRATOR,
  CLUSTER_ADMINISTRATOR_FETCHED,
  OWNER_ASSIGNED,
  SIGN_IN,
  assignOwner,
  assumeAsApplication,
  fetchClusterAdministrator,
  listAllSecrets,
  phishByDeviceCode,
} from './moves.ts';

/** A device code, a secret for an application, all of Azure, the cluster, and as the application over to AWS, where the trail is stopped. */
export const deviceCodeToAws = writeChain(1, 'device-code-to-aws', ['Nadia Hollis', 'booking'], (write, cast) => {
  const app = cast.workload('booking-sync');
  const secret = cast.id(1);
  phishByDeviceCode(write);
  write.wait(5);
  write.directory(secretAdded(app, secret));
  write.wait(4);
  assignOwner(write, cast.person);
  write.wait(3);
  write.azure(
    'Microsoft.Insights/diagnosticSettings/delete',
    cast.armId('Microsoft.KeyVault/vaults/kv-booking/providers/Microsoft.Insights/diagnosticSettings/to-siem'),
  );
  write.wait(2);
  fetchClusterAdministrator(write);
  write.wait(4);
  listAllSecrets(write, CLUSTER_ADMINISTRATOR);
  write.wait(3);
  write.cluster({
    ...CLUSTER_ADMINISTRATOR,
    verb: 'create',
    uri: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    object: { resource: 'clusterrolebindings', apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'v1' },
    request: {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'metrics-reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'booking' }],
    },
    code: 201,
  });
  write.wait(11);
  write.workloadSignIn(app, { secret }, { resource: 'booking-aws' });
  write.wait(1);
  const session = assumeAsApplication(write, app, 'booking-sync', 1);
  write.wait(2);
  write.aws(session.identity, 'cloudtrail:StopLogging', {
    name: `arn:aws:cloudtrail:eu-north-1:${AWS_ACCOUNT}:trail/booking`,
  });
  write.wait(3);
  write.aws(
    session.identity,
    'iam:CreateAccessKey',
    { userName: 'booking-backup' },
    {
      response: {
        accessKey: { accessKeyId: cast.awsId('AKIA', 1), userName: 'booking-backup', status: 'Active' },
      },
    },
  );
  write.wait(6);
  write.aws(session.identity, 'ec2:ModifySnapshotAttribute', {
    snapshotId: 'snap-0123456789abcde01',
    createVolumePermission: { add: { items: [{ userId: '999988887777' }] } },
    attributeType: 'CREATE_VOLUME_PERMISSION',
  });
  return {
    expected: {
      principals: [cast.person.upn, app.name],
      clouds: ['Microsoft Entra', 'Azure', 'Kubernetes', 'AWS'],
      steps: [
        SIGN_IN,
        'Add service principal credentials',
        OWNER_ASSIGNED,
        'Microsoft.Insights/diagnosticSettings/delete',
        CLUSTER_ADMINISTRATOR_FETCHED,
        'list secrets',
        'create clusterrolebindings',
        'StopLogging',
        'CreateAccessKey',
        'ModifySnapshotAttribute',
      ],
      techniques: ['T1528', 'T1098.001', 'T1098.003', 'T1685.002', 'T1552.007', 'T1098.006', 'T1537'],
    },
  };
});
