import { describe, expect, it } from 'vitest';
import { armKey } from '../../timeline/entity-keys.ts';
import type { IncidentAlert, IncidentGroup } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import {
  ACCOUNT,
  alertOf,
  ANN,
  arm,
  arn,
  ATTACKER,
  CLUSTER,
  groupOf,
  kubernetes,
  MINUTE,
  namesOf,
  observation,
  OFFICE,
  signIn,
  START,
  SUBSCRIPTION,
  type Sample,
} from '../story-samples.ts';
import { People } from './people.ts';
import { MOST_STEPS, storyOf } from './story.ts';

const names = namesOf();
const ANN_LABEL = 'ann@contoso.example';

function tell(alerts: readonly IncidentAlert[], context: readonly Observation[] = [], who = names) {
  const group: IncidentGroup = groupOf(alerts, { context });
  const byId = new Map([...alerts.flatMap(({ events }) => events), ...context].map((one) => [one.id, one]));
  const all = [...byId.values()].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  return storyOf(group, all, new People(all, who), who);
}

/** The sentences of what is told, each event an alert of its own. */
const sentences = (events: readonly Observation[], context: readonly Observation[] = []): string[] =>
  tell(
    events.map((event) => alertOf([event], { rule: event.id, title: 'Something odd' })),
    context,
  ).steps.map(({ step }) => step.text);

const sentence = (event: Observation): string => sentences([event])[0] ?? '';
const aws = (operation: string, service: string, sample: Sample = {}): Observation =>
  observation('cloudtrail', operation, { ...sample, action: { service, account: ACCOUNT, ...sample.action } });
const nowhere = { action: { from: {} } };

describe('how a step is told', () => {
  it('says who signed in to what, how, and from where', () => {
    expect(
      sentence(signIn(START, { method: 'deviceCode', from: { ...ATTACKER, client: 'python-requests/2.32.3 x' } })),
    ).toBe(
      'ann@contoso.example signed in to “Microsoft Graph” through “Azure Portal” by device code, from 198.51.100.23 (Nowhere, ZZ, AS64501), using python-requests/2.32.3 (Something odd).',
    );
  });

  it('says what failed, and what nobody knows the end of', () => {
    expect(sentence(signIn(START, { outcome: 'failure', from: {} }))).toBe(
      'ann@contoso.example tried to sign in to “Microsoft Graph” through “Azure Portal”, and failed (Something odd).',
    );
    const lock = arm(`${SUBSCRIPTION}/providers/Microsoft.Authorization/locks/keep`);
    expect(
      sentence(
        observation('azure-activity', 'MICROSOFT.AUTHORIZATION/LOCKS/DELETE', {
          targets: [lock],
          action: { outcome: 'unknown', from: {} },
        }),
      ),
    ).toBe('ann@contoso.example asked Azure to delete lock keep on subscription 00000000-0000-4000-8000-000000000010.');
  });

  it.each([
    [
      'StopLogging',
      'cloudtrail',
      [arn(`arn:aws:cloudtrail:eu-north-1:${ACCOUNT}:trail/main`)],
      'stopped the logging of trail main',
    ],
    [
      'AttachUserPolicy',
      'iam',
      [arn(`arn:aws:iam::${ACCOUNT}:user/backup`, 'user'), arn('arn:aws:iam::aws:policy/AdministratorAccess')],
      'attached policy AdministratorAccess to user backup',
    ],
    ['CreateAccessKey', 'iam', [], 'made an access key for their own user'],
    [
      'GetSecretValue',
      'secretsmanager',
      [arn(`arn:aws:secretsmanager:eu-north-1:${ACCOUNT}:secret:db`)],
      'read secret db',
    ],
    [
      'ModifyVpcAttribute',
      'ec2',
      [arn(`arn:aws:ec2:eu-north-1:${ACCOUNT}:vpc/vpc-1`)],
      'called ModifyVpcAttribute of ec2 on VPC vpc-1',
    ],
  ])('AWS: %s', (operation, service, targets, did) => {
    const text = sentence(aws(operation, `${service}.amazonaws.com`, { targets, ...nowhere }));
    expect(text.replace(' (Something odd)', '')).toBe(`ann@contoso.example ${did} in AWS account ${ACCOUNT}.`);
  });

  it.each([
    [
      'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
      'Microsoft.Storage/storageAccounts/orders',
      'listed the keys of storage account orders',
    ],
    ['MICROSOFT.CONTOSO/GADGETS/WRITE', 'Microsoft.Contoso/gadgets/one', 'created or changed gadget one'],
    [
      'MICROSOFT.CONTOSO/GADGETS/POLISH/ACTION',
      'Microsoft.Contoso/gadgets/one',
      'called microsoft.contoso/gadgets/polish/action on gadget one (Something odd)',
    ],
  ])('Azure: %s', (operation, resource, did) => {
    const target = arm(`${SUBSCRIPTION}/resourceGroups/shop/providers/${resource}`);
    expect(sentence(observation('azure-activity', operation, { targets: [target], ...nowhere }))).toBe(
      `ann@contoso.example ${did}.`,
    );
  });

  it.each([
    ['create pods/exec', 'shop/pods/web-0', 'ran a command in pod web-0 in namespace shop in cluster shop'],
    ['list secrets', '/secrets/', 'read the secrets of all namespaces in cluster shop'],
    [
      'delete configmaps',
      'shop/configmaps/x',
      'deleted config map x in namespace shop in cluster shop (Something odd)',
    ],
    [
      'get pods/log',
      'shop/pods/web-0',
      'called “get pods/log” on pod web-0 in namespace shop in cluster shop (Something odd)',
    ],
  ])('Kubernetes: %s', (operation, path, did) => {
    const targets = [kubernetes(path), arm(CLUSTER)];
    expect(sentence(observation('aks-audit', operation, { targets, ...nowhere }))).toBe(`ann@contoso.example ${did}.`);
  });

  it('says in whose name a call to a cluster was made', () => {
    const admin = 'k8s-user:shop:masterclient';
    const evidence = { eventId: 'x', source: 'aks-audit', time: START, what: 'called with impersonation' } as const;
    const event = observation('aks-audit', 'list secrets', {
      targets: [
        { kind: 'user', key: admin, part: 'target', label: 'masterclient' },
        kubernetes('shop/secrets/'),
        arm(CLUSTER),
      ],
      links: [{ kind: 'impersonation', one: ANN, other: admin, confidence: 1, evidence }],
      ...nowhere,
    });
    expect(sentence(event)).toBe(
      'ann@contoso.example, in the name of masterclient, read all secrets in namespace shop in cluster shop.',
    );
  });

  it.each([
    ['Add service principal credentials', 'added a credential to service principal deploy'],
    [
      'Update application – Certificates and secrets management ',
      'changed the credentials of an application (Something odd)',
    ],
    ['Paint the walls', 'did “Paint the walls” on service principal deploy (Something odd)'],
  ])('Entra: %s', (operation, did) => {
    const key = 'entra-sp:00000000-0000-4000-8000-00000000aaaa/00000000-0000-4000-8000-0000000000c1';
    const targets = [{ kind: 'service-principal', key, part: 'target', label: 'deploy' } as const];
    expect(sentence(observation('entra', operation, { targets, ...nowhere }))).toBe(`ann@contoso.example ${did}.`);
  });

  it('says what a change did to security', () => {
    const rule = arm(
      `${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups/web/securityRules/any`,
    );
    const nsg = arm(`${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups/web`).key;
    const written = (...posture: PostureChange[]) =>
      sentence(
        observation('azure-activity', 'Microsoft.Network/networkSecurityGroups/securityRules/write', {
          targets: [rule],
          posture,
          ...nowhere,
        }),
      );
    const open = { condition: 'network-open', resource: nsg, weakened: true, what: 'lets every address in' } as const;
    expect(written(open)).toBe('ann@contoso.example wrote security rule any of web, which lets every address in.');
    expect(written({ ...open, resource: armKey(SUBSCRIPTION) })).toBe(
      'ann@contoso.example wrote security rule any of web; subscription 00000000-0000-4000-8000-000000000010 lets every address in.',
    );
    const odd = 'ann@contoso.example wrote security rule any of web (Something odd).';
    expect(written({ ...open, weakened: false })).toBe(odd);
    expect(written({ ...open, stage: 'refused' })).toBe(odd);
  });

  it('names the role in which somebody acts, the place and the address once, until they change', () => {
    const session = arn(`arn:aws:sts::${ACCOUNT}:assumed-role/deploy/ann`, 'role-session').key;
    const role = namesOf({ [session]: ANN, 'upn:ann@contoso.example': ANN });
    const at = (operation: string, minutes: number, ip: string) =>
      aws(operation, 's3.amazonaws.com', {
        principal: session,
        time: START + minutes * MINUTE,
        action: { from: { ip } },
      });
    const events = [
      at('ListBuckets', 0, ATTACKER.ip),
      at('ListUsers', 1, ATTACKER.ip),
      at('ListRoles', 2, '198.51.100.99'),
    ];
    expect(tell([alertOf(events)], [], role).steps.map(({ step }) => step.text)).toEqual([
      `${ANN_LABEL}, as role deploy, listed all buckets in AWS account ${ACCOUNT}, from 198.51.100.23 (rule-high).`,
      `${ANN_LABEL} listed the users of the account (rule-high).`,
      `${ANN_LABEL} listed the roles of the account, from 198.51.100.99 (rule-high).`,
    ]);
  });
});

describe('what is one step', () => {
  it('all rows of one operation, told by the one that says how it ended', () => {
    const target = arm(`${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/kv`);
    const rows = (['unknown', 'unknown', 'failure'] as const).map((outcome, at) =>
      observation('azure-activity', 'Microsoft.KeyVault/vaults/delete', {
        operation: 'one',
        time: START + at,
        targets: [target],
        action: { outcome, from: {} },
      }),
    );
    const { steps } = tell([alertOf(rows)]);
    expect(steps.map(({ step }) => [step.text, step.count, step.last - step.time])).toEqual([
      ['ann@contoso.example tried to delete key vault kv, and failed.', 3, 2],
    ]);
  });

  it('the same again and again, with all that it was done to', () => {
    const reads = Array.from({ length: 12 }, (_, at) =>
      aws('GetSecretValue', 'secretsmanager.amazonaws.com', {
        time: START + at * MINUTE,
        targets: [arn(`arn:aws:secretsmanager:eu-north-1:${ACCOUNT}:secret:s${at}`)],
        ...nowhere,
      }),
    );
    expect(sentences(reads)).toEqual([
      `ann@contoso.example read 12 secrets (s0, s1, s2, others) in AWS account ${ACCOUNT} within 11 minutes.`,
    ]);
    const same = [0, 1, 2].map((at) => signIn(START + at * MINUTE, { outcome: 'failure', from: {} }));
    expect(sentences(same)[0]).toContain('3 times within 2 minutes, and failed');
  });

  it('the same hours later, where nothing else was done between', () => {
    const twice = [signIn(START, nowhere.action), signIn(START + 300 * MINUTE, nowhere.action)];
    expect(sentences(twice)).toEqual([expect.stringContaining(' twice within 5 hours')]);
  });

  it('not what was done by others, from elsewhere, with another end, or hours later', () => {
    const list = (sample: Sample) => aws('ListBuckets', 's3.amazonaws.com', sample);
    const events = [
      list({ time: START }),
      list({ time: START + 1, principal: 'aws:arn:aws:iam::111122223333:user/bob' }),
      list({ time: START + 2, action: { from: OFFICE } }),
      list({ time: START + 3, action: { outcome: 'failure' } }),
      list({ time: START + 4 + 31 * MINUTE }),
    ];
    expect(sentences(events)).toHaveLength(5);
  });
});

describe('how somebody came in', () => {
  const alert = (from = ATTACKER) =>
    alertOf([aws('StopLogging', 'cloudtrail.amazonaws.com', { time: START + 60 * MINUTE, action: { from } })]);
  const told = (context: readonly Observation[], from = ATTACKER) =>
    tell([alert(from)], context).steps.map(({ step }) => step.text);

  it('is told of sign-ins from the address of the alerts, and which network is new', () => {
    const context = [signIn(START, { from: OFFICE }), signIn(START + 50 * MINUTE, { method: 'deviceCode' })];
    expect(told(context)).toEqual([
      'ann@contoso.example signed in to “Microsoft Graph” through “Azure Portal” by device code, from a new network: 198.51.100.23 (Nowhere, ZZ, AS64501).',
      `ann@contoso.example stopped the logging of a trail in AWS account ${ACCOUNT}.`,
    ]);
  });

  it('is told of the last sign-in before, where none is from there', () => {
    const context = [
      signIn(START, { from: OFFICE }),
      signIn(START + MINUTE, { from: OFFICE, service: 'Mail' }),
      signIn(START + 90 * MINUTE, { from: OFFICE }),
    ];
    expect(told(context)[0]).toContain('signed in to Mail');
    expect(told(context)).toHaveLength(2);
  });

  it('calls no network new where none is known before, or only from tries that failed', () => {
    expect(told([signIn(START)])[0]).toContain(', from 198.51.100.23');
    expect(told([signIn(START, { from: OFFICE, outcome: 'failure' }), signIn(START + MINUTE)])[0]).toContain(
      ', from 198.51.100.23',
    );
  });

  it('leaves out sign-ins of others', () => {
    const other = { ...signIn(START), principal: 'entra-user:t/bob' };
    expect(told([other])).toHaveLength(1);
  });
});

it('keeps the gravest steps of a story that is too long, and says so', () => {
  const events = Array.from({ length: 200 }, (_, at) =>
    aws(`Call${at}`, 'ec2.amazonaws.com', { time: START + at * MINUTE, id: `e${String(at).padStart(3, '0')}` }),
  );
  const alerts = events.map((event, at) =>
    alertOf([event], { rule: event.id, severity: at === 199 ? 'critical' : 'low' }),
  );
  const { steps, lines, told } = tell(alerts);
  expect(steps).toHaveLength(MOST_STEPS);
  expect(steps.at(-1)?.step.text).toContain('Call199');
  expect(lines.at(-1)).toBe(`and ${200 - MOST_STEPS} more steps of lesser weight`);
  expect(told).toHaveLength(200);
});

it('says when, in UTC', () => {
  expect(tell([alertOf([aws('ListBuckets', 's3.amazonaws.com')])]).lines[0]).toMatch(/^2026-11-20 09:00:00 {2}ann@/);
});
