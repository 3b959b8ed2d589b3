import { resource } from '../../local/demo/records.ts';
import { AWS_ACCOUNT, SUBSCRIPTION } from '../../local/demo/tenant.ts';
import { guid, homeOf, person, VPN } from './company.ts';
import type { DayMaker, DayRecord } from './day-maker.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PORTAL = { id: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' };
const CONTRIBUTOR = '/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c';

/** A bad night: the person on call is woken, takes a role for an hour, and looks into pods, a machine of Azure and one of AWS. */
export function onCall(make: DayMaker, start: number): DayRecord[] {
  const who = person('Tobias');
  const home = homeOf(who);
  const at = (minutes: number) => start + 3 * HOUR + minutes * MINUTE;
  const kubectl = { user: who.upn, ip: home.ip, agent: 'kubectl/v1.34.1 (darwin/arm64)', namespace: 'shop' };
  const exec = (minutes: number, name: string) =>
    make.cluster(at(minutes), {
      ...kubectl,
      verb: 'create',
      resource: 'pods/exec',
      name,
      query: 'command=sh&stdin=true&tty=true',
      code: 101,
    });
  const session = make.personSession(who, at(20), 'Operator');
  return [
    make.signIn(at(0), who, home, PORTAL),
    ...activation(make, start),
    make.cluster(at(4), { ...kubectl, verb: 'list', resource: 'pods' }),
    make.cluster(at(5), { ...kubectl, verb: 'get', resource: 'pods/log', name: 'web-2' }),
    exec(7, 'web-2'),
    exec(11, 'web-3'),
    make.cluster(at(14), { ...kubectl, verb: 'delete', resource: 'pods', name: 'web-2' }),
    make.cluster(at(15), { ...kubectl, verb: 'patch', resource: 'deployments', group: 'apps', name: 'web' }),
    ...make.azure(
      at(17),
      { ...who, ip: home.ip },
      'Microsoft.Compute/virtualMachines/runCommand/action',
      'Microsoft.Compute/virtualMachines/vm-ledger-1',
    ),
    make.aws(at(21), session, home.ip, { service: 'ec2', name: 'DescribeInstances', request: {} }),
    make.aws(at(22), session, home.ip, {
      service: 'ssm',
      name: 'StartSession',
      request: { target: 'i-0abc1234def567890' },
      response: { sessionId: `${who.upn}-0a1b2c3d` },
    }),
    make.aws(at(30), session, home.ip, {
      service: 'ssm',
      name: 'TerminateSession',
      request: { sessionId: `${who.upn}-0a1b2c3d` },
    }),
    make.aws(at(33), session, home.ip, {
      service: 'ecs',
      name: 'UpdateService',
      request: { cluster: 'shop', service: 'worker', forceNewDeployment: true },
    }),
  ];
}

/** Takes a role that they are eligible for, by Privileged Identity Management: in the directory's log and in Azure's. */
function activation(make: DayMaker, start: number): DayRecord[] {
  const who = person('Tobias');
  const at = start + 3 * HOUR + 2 * MINUTE;
  const change = (operation: string) => ({
    operation,
    area: 'RoleManagement',
    type: 'ActivateRole',
    service: 'PIM',
    target: {
      id: guid(0x621),
      displayName: 'Contributor',
      type: 'Role',
      modifiedProperties: [{ displayName: 'RoleDefinitionOriginId', oldValue: '""', newValue: `"${CONTRIBUTOR}"` }],
    },
    also: [
      { id: who.objectId, displayName: who.name, type: 'User', userPrincipalName: who.upn, modifiedProperties: [] },
    ],
  });
  const scope = `/subscriptions/${SUBSCRIPTION}`;
  const pim = {
    name: 'MS-PIM',
    objectId: guid(0xd31),
    appId: '01fc33a7-78ba-4d2f-a4b7-768e336e890e',
    ip: '203.0.113.240',
  };
  const assignment = `${scope}/providers/Microsoft.Authorization/roleAssignments/${guid(0x7a1)}`;
  const properties = { PrincipalId: who.objectId, RoleDefinitionId: CONTRIBUTOR, Scope: scope };
  return [
    make.directory(at, who, change('Add member to role requested (PIM activation)')),
    make.directory(at + 4000, who, change('Add member to role completed (PIM activation)')),
    ...make.azure(at + 6000, pim, 'Microsoft.Authorization/roleAssignments/write', assignment, {
      requestbody: JSON.stringify({ Properties: properties }),
    }),
    ...make.azure(at + HOUR, pim, 'Microsoft.Authorization/roleAssignments/delete', assignment),
  ];
}

/** Three people work by turns in one shared role under one session name, as the run book says. */
export function sharedRole(make: DayMaker, start: number): DayRecord[] {
  return ['Jonas', 'Karim', 'Petra'].flatMap((name, at) => {
    const who = person(name);
    const time = start + (10 + 2 * at) * HOUR + make.random.below(30 * MINUTE);
    const own = make.personSession(who, time - 5 * MINUTE);
    const identity = {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLEDEVELOPER1:${who.upn}`,
      arn: `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/${who.upn}`,
      accountId: AWS_ACCOUNT,
      accessKeyId: own.accessKey,
    };
    const { record, opened } = make.assume(time, identity, VPN.ip, 'run-book', 'run-book');
    const call = (minutes: number, service: string, operation: string, request = {}) =>
      make.aws(time + minutes * MINUTE, opened, VPN.ip, { service, name: operation, request });
    return [
      record,
      call(1, 'rds', 'DescribeDBInstances'),
      call(3, 'rds', 'RebootDBInstance', { dBInstanceIdentifier: 'shop-read-1' }),
      call(6, 'ssm', 'StartSession', { target: 'i-0abc1234def567891' }),
    ];
  });
}

/** A Windows server is mended by day, through Azure and by its password in AWS. */
export function windowsServers(make: DayMaker, start: number): DayRecord[] {
  const who = person('Viktor');
  const time = start + 14 * HOUR;
  const session = make.personSession(who, time, 'Operator');
  return [
    ...make.azure(
      time,
      who,
      'Microsoft.SerialConsole/serialPorts/connect/action',
      `${resource('Microsoft.Compute/virtualMachines/vm-files-1')}/providers/Microsoft.SerialConsole/serialPorts/0`,
    ),
    make.aws(time + 20 * MINUTE, session, VPN.ip, {
      service: 'ec2',
      name: 'GetPasswordData',
      request: { instanceId: 'i-0abc1234def567892' },
    }),
  ];
}
