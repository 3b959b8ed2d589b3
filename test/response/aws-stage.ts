import { vi } from 'vitest';
import { FakeAwsIam, type FakeAwsIamOptions } from '../../local/fakes/aws-iam.ts';
import type { Given, IamUser } from '../../local/fakes/aws-iam-state.ts';
import type { ActionContext } from '../../playbooks/contract/action.ts';
import type { Json } from '../../platform/json.ts';
import { actionContext } from './action-context.ts';
import type { Stage } from './contract.ts';

export const AWS_ACCOUNT = '111122223333';

/** An account that is acted in by the SDK's default credentials. */
const CONFIGURATION = `response: { aws: { accounts: [{ account: '${AWS_ACCOUNT}' }] } }`;

export interface AwsStage extends Stage {
  readonly iam: FakeAwsIam;
}

/** An account with IAM and STS, of which the SDK finds the address and its credentials in the environment, as it does elsewhere. Undone by `vi.unstubAllEnvs`. */
export async function awsStage(
  options: FakeAwsIamOptions,
  { configuration = CONFIGURATION, ...others }: Partial<Parameters<typeof actionContext>[0]> = {},
): Promise<AwsStage> {
  const iam = new FakeAwsIam(options);
  await iam.listen();
  stubAws({ IAM: iam.url, STS: iam.url });
  const given = actionContext({ configuration, clock: options.clock, ...others });
  return {
    iam,
    fakes: [iam],
    // Sessions are kept by their connections: another process has its own.
    context: (): ActionContext => ({
      ...given,
      connections: { ...given.connections },
      deadline: options.clock.now() + 60_000,
    }),
    state: () => JSON.parse(JSON.stringify(iam.state)) as Json,
  };
}

/** @param addresses of services, by the ending of their `AWS_ENDPOINT_URL_…` */
export function stubAws(addresses: Readonly<Record<string, string>>, accessKeyId = 'AKIAEXAMPLERESPONDER'): void {
  for (const [service, address] of Object.entries(addresses)) vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, address);
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'made up');
  vi.stubEnv('AWS_SESSION_TOKEN', undefined);
  vi.stubEnv('AWS_PROFILE', undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  // No configuration of the machine that the tests run on.
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
}

/** A user who deploys, with two keys, a password and policies of both kinds. */
export const DEPLOYER = {
  name: 'deploy',
  path: '/ci/',
  keys: [
    { id: 'AKIAEXAMPLE000000001', status: 'Active', created: '2026-01-10T08:00:00.000Z' },
    { id: 'AKIAEXAMPLE000000002', status: 'Inactive', created: '2025-06-01T08:00:00.000Z' },
  ],
  loginProfile: { created: '2026-02-01T08:00:00.000Z' },
  inline: [
    {
      name: 'upload',
      document:
        '{ "Version": "2012-10-17",\n "Statement": { "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::releases.contoso.example/*" } }',
    },
  ],
  attached: ['arn:aws:iam::111122223333:policy/build', 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
} satisfies Given<IamUser>;

/** What several tests let the account hold: a deployer with two keys and a password, an administrator by group, and roles of all kinds. */
export const SETTING = {
  users: [
    DEPLOYER,
    {
      name: 'boss',
      groups: ['admins'],
      keys: [{ id: 'AKIAEXAMPLE000000003', status: 'Active', created: '2024-01-10T08:00:00.000Z' }],
    },
  ],
  groups: [{ name: 'admins', attached: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
  roles: [
    {
      name: 'shop',
      attached: ['arn:aws:iam::111122223333:policy/build'],
      inline: [
        {
          name: 'orders',
          document: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*"],"Resource":"*"}]}',
        },
      ],
    },
    { name: 'everything', attached: ['arn:aws:iam::111122223333:policy/all'] },
    { name: 'AWSReservedSSO_Admin_0123456789abcdef', path: '/aws-reserved/sso.amazonaws.com/eu-central-1/' },
    { name: 'AWSServiceRoleForSupport', path: '/aws-service-role/support.amazonaws.com/' },
    {
      name: 'crosstrail-responder',
      trusts: {
        issuer: 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/',
        audience: 'api://crosstrail-aws',
        subject: '00000000-0000-4000-8000-000000000002',
      },
    },
  ],
  policies: {
    'arn:aws:iam::111122223333:policy/build':
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"codebuild:*","Resource":"*"}]}',
    'arn:aws:iam::111122223333:policy/all':
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
  },
} satisfies Partial<FakeAwsIamOptions>;

/** As little as an action needs, for tests that run it many times over. */
export const SMALL = {
  users: [{ ...DEPLOYER, attached: [], inline: [] }],
  roles: [{ name: 'shop' }],
} satisfies Partial<FakeAwsIamOptions>;

export const DEPLOY = `arn:aws:iam::${AWS_ACCOUNT}:user/ci/deploy`;
export const SHOP = `arn:aws:iam::${AWS_ACCOUNT}:role/shop`;
export const SSO_ROLE = `arn:aws:iam::${AWS_ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123456789abcdef`;
