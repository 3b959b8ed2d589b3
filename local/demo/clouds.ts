import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { Clock } from '../../platform/clock.ts';
import { objectOf, parseJson } from '../../platform/json.ts';
import { FakeAwsIam } from '../fakes/aws-iam.ts';
import type { FakeService } from '../fakes/fake-service.ts';
import { FakeGitHubIssues } from '../fakes/github-issues.ts';
import { FakeGraph } from '../fakes/graph.ts';
import { FakeNetwork } from '../fakes/network.ts';
import { resource } from './records.ts';
import { AWS_ACCOUNT, OFFICE, STAFF, TENANT } from './tenant.ts';

/** The clouds of the invented company, on this machine: what responses of the demo act on. */
export interface DemoClouds {
  /** A configuration that names them, with a playbook and a binding that asks people. */
  readonly configuration: string;
  readonly services: {
    readonly azure: FakeNetwork;
    readonly graph: FakeGraph;
    readonly aws: FakeAwsIam;
    readonly github: FakeGitHubIssues;
  };
  close(): Promise<void>;
}

export const SECURITY_GROUP = resource('Microsoft.Network/networkSecurityGroups/nsg-shop');
const TOKEN_VARIABLE = 'CROSSTRAIL_DEMO_GITHUB_TOKEN';
const REPOSITORY = 'contoso/incidents';
const PROFILE = 'crosstrail-demo';

/**
 * Starts them, and writes the configuration into the folder. Secrets of theirs are made up; nothing real is used or reached by it.
 * @param folder of the local edition
 */
export async function startDemoClouds(folder: string, clock: Clock): Promise<DemoClouds> {
  const services = {
    azure: new FakeNetwork({
      securityGroups: [
        { id: SECURITY_GROUP, subnets: [resource('Microsoft.Network/virtualNetworks/vnet-shop/subnets/web')] },
      ],
    }),
    graph: new FakeGraph(
      {
        id: TENANT,
        users: STAFF.map(({ objectId, upn, name }) => ({ id: objectId, userPrincipalName: upn, displayName: name })),
      },
      { clock },
    ),
    aws: new FakeAwsIam({
      clock,
      account: AWS_ACCOUNT,
      delay: 2000,
      users: [
        { name: 'backup', keys: [{ id: 'AKIAEXAMPLE0000BACKUP', status: 'Active', created: '2026-11-20T09:00:00Z' }] },
      ],
    }),
    github: new FakeGitHubIssues({ token: 'demo', repository: REPOSITORY }),
  };
  await listen(services, join(folder, 'demo-ports.json'));
  const { azure, graph, aws, github } = services;
  // Whatever this machine is set to: the demo's own, so that nothing real is reached.
  Object.assign(process.env, {
    [TOKEN_VARIABLE]: 'demo',
    AWS_CONFIG_FILE: writeProfile(folder),
    AWS_ENDPOINT_URL_IAM: aws.url,
    AWS_ENDPOINT_URL_STS: aws.url,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
  });
  const configuration = join(folder, 'demo.yaml');
  writeFileSync(
    configuration,
    `${HEAD}${stringify(settings({ azure: azure.url, graph: graph.url, github: github.url }))}`,
  );
  return {
    ...{ configuration, services },
    close: async () => {
      await Promise.all(Object.values(services).map((service) => service.close()));
    },
  };
}

/** On the ports of the last start, where they are free: what was approved or is held names them. */
async function listen(services: Readonly<Record<string, FakeService>>, file: string): Promise<void> {
  const known = existsSync(file) ? objectOf(parseJson(readFileSync(file, 'utf8'))) : undefined;
  for (const [name, service] of Object.entries(services)) {
    const port = known?.[name];
    await service.listen(typeof port === 'number' ? port : 0).catch(() => service.listen());
  }
  const ports = Object.entries(services).map(([name, { url }]) => [name, Number(new URL(url).port)]);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(Object.fromEntries(ports)));
}

const HEAD =
  '# Written anew at each start of the demo: the invented company, whose clouds are servers on this machine.\n';

/** A profile of its own, so that no credential of this machine is used. */
function writeProfile(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'demo-aws.ini');
  const lines = ['aws_access_key_id = AKIAEXAMPLE00000DEMO', 'aws_secret_access_key = made-up', 'region = eu-north-1'];
  writeFileSync(file, [`[profile ${PROFILE}]`, ...lines, ''].join('\n'), { mode: 0o600 });
  return file;
}

const settings = ({ azure, graph, github }: Readonly<Record<'azure' | 'graph' | 'github', string>>) => ({
  azure: { endpoints: { arm: azure, graph, login: azure } },
  correlation: { networks: [{ cidr: `${OFFICE}/32`, egress: true }] },
  response: {
    playbooks: {
      'contain-account': {
        description: 'Keep the attacker out: the address, the sessions, the key that was left behind; and a ticket',
        steps: [
          { action: 'nsg-deny', with: { networkSecurityGroup: SECURITY_GROUP }, lease: '10m' },
          { action: 'entra-revoke-sessions' },
          { action: 'aws-deactivate-access-key', lease: '10m' },
          { action: 'github-issue' },
        ],
      },
    },
    bindings: [
      { name: 'critical-accounts', playbook: 'contain-account', when: { severity: 'critical' }, mode: 'approve' },
    ],
    aws: { accounts: [{ account: AWS_ACCOUNT, profile: PROFILE, region: 'eu-north-1' }] },
    tickets: { github: { base: github, repository: REPOSITORY, tokenVariable: TOKEN_VARIABLE } },
  },
});
