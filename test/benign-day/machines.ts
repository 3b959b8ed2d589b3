import { SUBSCRIPTION, TENANT } from '../../local/demo/tenant.ts';
import { AUTOMATION, BACKUP, MONITORING, REPORTS } from './company.ts';
import { awsService, type DayMaker, type DayRecord } from './day-maker.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DISKS = ['vm-ledger-1', 'vm-ledger-2', 'vm-files-1', 'vm-web-1', 'vm-web-2', 'vm-build-1'];

/** Backups at night, in Azure and AWS: disks read, snapshots made, old ones deleted, restore points cleared. */
export function backups(make: DayMaker, start: number): DayRecord[] {
  const azureAt = (n: number) => start + HOUR + n * 40_000;
  const azure = DISKS.flatMap((name, n) => [
    ...make.azure(
      azureAt(n),
      BACKUP,
      'Microsoft.Compute/restorePointCollections/restorePoints/write',
      `Microsoft.Compute/restorePointCollections/${name}/restorePoints/20261120`,
    ),
    ...make.azure(
      azureAt(n) + 9000,
      BACKUP,
      'Microsoft.Compute/snapshots/write',
      `Microsoft.Compute/snapshots/${name}-20261120`,
    ),
    ...make.azure(
      azureAt(n) + 15_000,
      BACKUP,
      'Microsoft.Compute/snapshots/beginGetAccess/action',
      `Microsoft.Compute/snapshots/${name}-20261120`,
    ),
    ...make.azure(
      azureAt(n) + 25_000,
      BACKUP,
      'Microsoft.Compute/snapshots/delete',
      `Microsoft.Compute/snapshots/${name}-20261113`,
    ),
  ]);
  const cleared = make.azure(
    start + 2 * HOUR,
    BACKUP,
    'Microsoft.Compute/restorePointCollections/delete',
    'Microsoft.Compute/restorePointCollections/vm-retired-1',
  );
  const { record, opened } = make.assume(
    start + 2.5 * HOUR,
    awsService('backup'),
    'backup.amazonaws.com',
    'service-role/AWSBackupDefaultServiceRole',
    'AWSBackup-AWSBackupDefaultServiceRole',
  );
  const aws = Array.from({ length: 30 }, (_, n) => {
    const call = (name: string, request: object, seconds: number) =>
      make.aws(start + 2.5 * HOUR + n * 30_000 + seconds * 1000, opened, 'backup.amazonaws.com', {
        service: 'ec2',
        name,
        request: { ...request },
      });
    return [
      call('CreateSnapshot', { volumeId: `vol-0abc1234def5678${10 + n}` }, 2),
      call('DeleteSnapshot', { snapshotId: `snap-0abc1234def5678${10 + n}` }, 9),
    ];
  });
  return [
    make.workloadSignIn(start + HOUR - MINUTE, BACKUP, 'Azure Resource Manager'),
    ...azure,
    ...cleared,
    record,
    ...aws.flat(),
  ];
}

/** Machines are stopped in the evening and started in the morning. */
export function nightShift(make: DayMaker, start: number): DayRecord[] {
  const all = (time: number, operation: string) => [
    make.workloadSignIn(time, AUTOMATION, 'Azure Resource Manager'),
    ...['vm-build-1', 'vm-build-2', 'vm-test-1'].flatMap((name, n) =>
      make.azure(time + (n + 1) * 6000, AUTOMATION, operation, `Microsoft.Compute/virtualMachines/${name}`),
    ),
  ];
  return [
    ...all(start + 6 * HOUR, 'Microsoft.Compute/virtualMachines/start/action'),
    ...all(start + 20 * HOUR, 'Microsoft.Compute/virtualMachines/deallocate/action'),
  ];
}

/** Every three hours reports go from Azure to AWS by the token of a managed identity; once the token was one from the cache. */
export function reports(make: DayMaker, start: number): DayRecord[] {
  return [1, 4, 7, 10, 13, 16, 19, 22].flatMap((hour, n) => {
    const time = start + hour * HOUR + 12 * MINUTE;
    const from = {
      issuer: `sts.windows.net/${TENANT}/`,
      audience: 'api://contoso-aws',
      subject: REPORTS.objectId,
      ip: REPORTS.ip,
    };
    const { record, opened } = make.webIdentity(time, from, 'from-azure', 'report-export');
    const put = (seconds: number, key: string) =>
      make.aws(time + seconds * 1000, opened, REPORTS.ip, {
        service: 's3',
        name: 'PutObject',
        request: { bucketName: 'contoso-example-reports', key },
      });
    const signIn = n === 5 ? [] : [make.workloadSignIn(time - 20_000, REPORTS, 'contoso-aws')];
    return [...signIn, record, put(4, `sales-${hour}.csv`), put(8, `stock-${hour}.csv`)];
  });
}

/** One look of what watches: the product with its secret in Azure, its role in AWS, and AWS Config. */
export function watching(make: DayMaker, time: number): DayRecord[] {
  const { random } = make;
  const vendor = { type: 'AWSAccount', principalId: 'AIDAOBSERVEVENDOR0001', accountId: '999988887777' };
  const choices: readonly [() => DayRecord[], ...(() => DayRecord[])[]] = [
    () => [make.workloadSignIn(time, MONITORING, 'Windows Azure Service Management API', true)],
    () => {
      const { record, opened } = make.assume(time, vendor, MONITORING.ip, 'observe-reader', 'observe');
      const reads = ['DescribeInstances', 'DescribeVolumes', 'DescribeSecurityGroups'].map((name, n) =>
        make.aws(
          time + (n + 1) * 800,
          opened,
          MONITORING.ip,
          { service: 'ec2', name, request: {} },
          'observe-agent/7.1',
        ),
      );
      return [record, ...reads];
    },
    () =>
      serviceWork(make, time, 'config', 'AWSServiceRoleForConfig', [
        ['ec2', 'DescribeInstances'],
        ['s3', 'GetBucketAcl'],
        ['iam', 'ListRoles'],
      ]),
    () =>
      serviceWork(make, time, 'autoscaling', 'AWSServiceRoleForAutoScaling', [
        ['ec2', 'DescribeInstances'],
        ['elasticloadbalancing', 'DescribeTargetHealth'],
      ]),
    () =>
      serviceWork(make, time, 'ecs', 'AWSServiceRoleForECS', [
        ['elasticloadbalancing', 'RegisterTargets'],
        ['ec2', 'DescribeNetworkInterfaces'],
      ]),
    () => serviceWork(make, time, 'ec2', 'web-server', []),
    () => [scaled(make, time)],
    () => [keyRotated(make, time)],
    () => [policyAudited(make, time)],
  ];
  return random.pick(choices)();
}

/** A service of AWS takes a role and works with it. */
function serviceWork(
  make: DayMaker,
  time: number,
  service: string,
  role: string,
  calls: readonly (readonly [string, string])[],
): DayRecord[] {
  const ip = `${service}.amazonaws.com`;
  const path = role.startsWith('AWSServiceRole') ? `aws-service-role/${ip}/${role}` : role;
  const session = role === 'web-server' ? 'i-0abc1234def567890' : role;
  const { record, opened } = make.assume(time, awsService(service), ip, path, session);
  const work = calls.map(([of, name], n) =>
    make.aws(time + (n + 1) * 500, opened, ip, { service: of, name, request: {} }),
  );
  return [record, ...work];
}

function scaled(make: DayMaker, time: number): DayRecord {
  const record = {
    time: new Date(time).toISOString(),
    resourceId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-shop/providers/Microsoft.Insights/autoscaleSettings/web`,
    operationName: 'Microsoft.Insights/AutoscaleSettings/Scaleup/Action',
    category: 'Autoscale',
    resultType: 'Succeeded',
    correlationId: make.random.uuid(),
    level: 'Warning',
    properties: { eventCategory: 'Autoscale', OldInstancesCount: '1', NewInstancesCount: '2' },
    identity: {
      claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/spn': 'Microsoft.Insights/autoscaleSettings' },
    },
  };
  return { source: 'azure-activity', time, record };
}

function policyAudited(make: DayMaker, time: number): DayRecord {
  const entity = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-shop/providers/Microsoft.Storage/storageAccounts/shopdata`;
  const record = {
    time: new Date(time).toISOString(),
    resourceId: entity.toUpperCase(),
    operationName: 'MICROSOFT.AUTHORIZATION/POLICIES/AUDIT/ACTION',
    category: 'Policy',
    resultType: 'Success',
    resultSignature: 'Succeeded.',
    durationMs: '0',
    callerIpAddress: '<null>',
    correlationId: make.random.uuid(),
    level: 'Warning',
    tenantId: TENANT,
    identity: {},
    properties: {
      eventCategory: 'Policy',
      isComplianceCheck: 'True',
      policies: '[{"policyDefinitionEffect":"Audit"}]',
      entity,
    },
  };
  return { source: 'azure-activity', time, record };
}

function keyRotated(make: DayMaker, time: number): DayRecord {
  const by = { accountId: '111122223333', invokedBy: 'AWS Internal' };
  const day = make.awsBy(time, by, 'AWS Internal', { service: 'kms', name: 'RotateKey' }, 'AWS Internal');
  return { ...day, record: { ...day.record, eventType: 'AwsServiceEvent' } };
}
