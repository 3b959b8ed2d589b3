import { OFFICE, type Person } from '../../local/demo/tenant.ts';
import { guid, homeOf, OFFICE_PLACE, PEOPLE, person, VPN, type Place } from './company.ts';
import type { DayMaker, DayRecord } from './day-maker.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const PORTAL = { id: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' };
const CLI = { id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', name: 'Microsoft Azure CLI' };
const MAIL = { id: '00000002-0000-0ff1-ce00-000000000000', name: 'Office 365 Exchange Online' };
const AWS_PORTAL = { id: guid(0xa55), name: 'AWS IAM Identity Center' };
const APPS = [PORTAL, CLI, MAIL, MAIL, MAIL, AWS_PORTAL] as const;

const WRONG_PASSWORD = [50126, 'Error validating credentials due to invalid username or password.'] as const;
const EXPIRED = [50055, 'The password is expired.'] as const;
const DENIED = [500121, 'Authentication failed during strong authentication request.'] as const;
const NEEDS_SECOND_FACTOR = [
  50074,
  'Strong Authentication is required and the user did not pass the MFA challenge.',
] as const;

/** Those who write software: they reach the cluster and AWS too. */
const DEVELOPERS = PEOPLE.filter((_, at) => at % 8 !== 7);

/** Where somebody works from at a time of day: before nine and after five from home, in between through the office or the VPN. */
export function placeOf(who: Person, hour: number): Place {
  if (hour < 9 || hour >= 17) return homeOf(who);
  return who.ip === OFFICE ? OFFICE_PLACE : VPN;
}

/** Everybody's mornings: a sign-in or two, with the failures that go with them. Many fail behind the same address of the VPN. */
export function mornings(make: DayMaker, start: number): DayRecord[] {
  return PEOPLE.flatMap((who, at) => {
    const time = start + 8 * HOUR + make.random.below(3 * HOUR);
    const from = placeOf(who, Math.floor((time - start) / HOUR));
    const fails = at % 4 === 0 ? 1 + make.random.below(2) : 0;
    const failures = Array.from({ length: fails }, (_, n) =>
      make.signIn(time + n * 20_000, who, from, PORTAL, at % 12 === 0 ? EXPIRED : WRONG_PASSWORD),
    );
    const prompt = at % 5 === 0 ? [make.signIn(time + MINUTE, who, from, PORTAL, NEEDS_SECOND_FACTOR)] : [];
    return [...failures, ...prompt, make.signIn(time + 2 * MINUTE, who, from, PORTAL)];
  });
}

/** Ways in which the people at the service desk are asked for help, and what they do then. */
export function serviceDesk(make: DayMaker, start: number): DayRecord[] {
  const desk = person('Nora');
  const forgetful = person('Olof');
  const moved = person('Greta');
  const target = (who: Person, ...modifiedProperties: object[]) => ({
    id: who.objectId,
    displayName: who.name,
    type: 'User',
    userPrincipalName: who.upn,
    modifiedProperties: modifiedProperties.map((property) => ({ ...property })),
  });
  const at = (hours: number, minutes: number) => start + hours * HOUR + minutes * MINUTE;
  const users = { area: 'UserManagement', type: 'Update' };
  const methods = { area: 'UserManagement', service: 'Authentication Methods' };
  const group = {
    id: guid(0x301),
    displayName: 'Shop developers',
    type: 'Group',
    groupType: 'unknownFutureValue',
    modifiedProperties: [],
  };
  return [
    // A forgotten password: failures, a reset by the desk, and in again.
    ...[0, 1, 2, 3].map((n) => make.signIn(at(9, 12 + n), forgetful, VPN, PORTAL, WRONG_PASSWORD)),
    make.directory(at(9, 25), desk, { ...users, operation: 'Reset user password', target: target(forgetful) }),
    make.signIn(at(9, 31), forgetful, VPN, PORTAL),
    // A new telephone: denied twice, the second factor reset, registered anew.
    ...[0, 1].map((n) => make.signIn(at(10, 2 + n), moved, VPN, MAIL, DENIED)),
    make.directory(at(10, 15), desk, {
      ...methods,
      type: 'Delete',
      operation: 'Admin deleted security info',
      target: target(moved, { displayName: 'StrongAuthenticationPhoneAppDetail', oldValue: '[{}]', newValue: '[]' }),
    }),
    make.directory(at(10, 24), moved, {
      ...methods,
      type: 'Add',
      operation: 'User registered security info',
      target: target(moved, { displayName: 'StrongAuthenticationPhoneAppDetail', oldValue: '[]', newValue: '[{}]' }),
    }),
    make.signIn(at(10, 26), moved, VPN, MAIL),
    // A new colleague gets an account and a group.
    make.directory(at(11, 0), desk, { ...users, type: 'Add', operation: 'Add user', target: target(person('Gunnel')) }),
    make.directory(at(11, 2), desk, {
      area: 'GroupManagement',
      type: 'Assign',
      operation: 'Add member to group',
      target: target(person('Gunnel'), { displayName: 'Group.ObjectID', oldValue: null, newValue: `"${group.id}"` }),
      also: [group],
    }),
  ];
}

/** A developer renews the secret of their own application before it expires, and takes the old one away. */
export function secretRenewed(make: DayMaker, start: number): DayRecord[] {
  const who = person('Quentin');
  const key = (number: number, name: string) =>
    `[KeyIdentifier=${guid(number)},KeyType=Password,KeyUsage=Verify,DisplayName=${name}]`;
  const change = (oldValue: string[], newValue: string[]) => ({
    operation: 'Update application – Certificates and secrets management ',
    area: 'ApplicationManagement',
    type: 'Update',
    target: {
      id: guid(0xb17),
      displayName: 'invoice-reader',
      type: 'Application',
      modifiedProperties: [
        { displayName: 'KeyDescription', oldValue: JSON.stringify(oldValue), newValue: JSON.stringify(newValue) },
      ],
    },
  });
  const old = key(0xce8, '2025');
  const fresh = key(0xce9, '2026');
  return [
    make.signIn(start + 13 * HOUR, who, VPN, PORTAL),
    make.directory(start + 13 * HOUR + 4 * MINUTE, who, change([old], [old, fresh])),
  ];
}

/** A developer makes themselves a token for the dashboard of the cluster; the key of an old build server is replaced by its owner. */
export function credentialsMade(make: DayMaker, start: number): DayRecord[] {
  const time = start + 15 * HOUR;
  const who = person('Sixten');
  const administrator = person('Ingrid');
  const session = make.personSession(administrator, time, 'Operator');
  const iam = (minutes: number, name: string, request: Record<string, string>) =>
    make.aws(time + minutes * MINUTE, session, VPN.ip, { service: 'iam', name, request });
  return [
    make.cluster(time, {
      user: who.upn,
      ip: VPN.ip,
      agent: 'kubectl/v1.34.1 (linux/amd64)',
      verb: 'create',
      resource: 'serviceaccounts/token',
      namespace: 'dashboard',
      name: 'viewer',
    }),
    iam(10, 'CreateAccessKey', { userName: 'old-build-server' }),
    iam(25, 'DeleteAccessKey', { userName: 'old-build-server', accessKeyId: 'AKIAEXAMPLE000000OLD' }),
  ];
}

/** One harmless thing that somebody does in working hours. */
export function atWork(make: DayMaker, time: number, hour: number): DayRecord[] {
  const { random } = make;
  const who = PEOPLE[random.below(PEOPLE.length)] ?? person('Mara');
  const from = placeOf(who, hour);
  const app = APPS[random.below(APPS.length)] ?? MAIL;
  const developer = DEVELOPERS.includes(who);
  const pod = `web-${random.below(6)}`;
  const kubectl = { user: who.upn, ip: from.ip, agent: 'kubectl/v1.34.1 (linux/amd64)', namespace: 'shop' };
  const aws = (service: string, name: string, request = {}) =>
    make.aws(time, sessionOf(make, who, time), from.ip, { service, name, request });
  const choices: (() => DayRecord[])[] = [
    () => [make.refresh(time, who, from, app)],
    () => [make.refresh(time, who, from, MAIL)],
    () => [make.signIn(time, who, from, app)],
  ];
  if (developer) {
    choices.push(
      () => [make.cluster(time, { ...kubectl, verb: 'list', resource: 'pods' })],
      () => [make.cluster(time, { ...kubectl, verb: 'get', resource: 'pods/log', name: pod })],
      () => [
        make.cluster(time, { ...kubectl, verb: 'get', resource: 'deployments', group: 'apps', name: 'web' }),
        make.cluster(time + 900, { ...kubectl, verb: 'get', resource: 'events' }),
      ],
      () => [aws('ec2', 'DescribeInstances')],
      () => [aws('logs', 'FilterLogEvents', { logGroupName: '/shop/web' })],
      () => [aws('s3', 'ListBuckets'), aws('cloudwatch', 'GetMetricData')],
      () => make.azure(time, who, 'Microsoft.Web/sites/restart/action', 'Microsoft.Web/sites/shop-web'),
      () => make.azure(time, who, 'Microsoft.Web/sites/config/list/action', 'Microsoft.Web/sites/shop-web'),
    );
  }
  return choices[random.below(choices.length)]?.() ?? [];
}

/** People keep one session of AWS for four hours. */
const sessions = new WeakMap<DayMaker, Map<string, ReturnType<DayMaker['personSession']>>>();

function sessionOf(make: DayMaker, who: Person, time: number): ReturnType<DayMaker['personSession']> {
  const known = sessions.get(make) ?? new Map<string, ReturnType<DayMaker['personSession']>>();
  sessions.set(make, known);
  const block = Math.floor(time / (4 * HOUR));
  const key = `${who.upn} ${block}`;
  let session = known.get(key);
  if (session === undefined) known.set(key, (session = make.personSession(who, block * 4 * HOUR)));
  return session;
}
