import { Option, type Command } from 'commander';
import { assignableScope, azureRole, azureRoleBicep } from '../../pipeline/response/permissions/azure-role.ts';
import { awsPolicy, awsTrustPolicy } from '../../pipeline/response/permissions/aws-policy.ts';
import { gcpRole } from '../../pipeline/response/permissions/gcp-role.ts';
import { graphRoles } from '../../pipeline/response/permissions/graph-roles.ts';
import { clusterRole, clusterRoleYaml } from '../../pipeline/response/permissions/kubernetes-role.ts';
import { neededPermissions, type NeededPermissions } from '../../pipeline/response/permissions/needed-permissions.ts';
import { idsOf } from '../../pipeline/response/permissions/named-ids.ts';
import { loadConfiguration } from '../../platform/configuration.ts';
import type { ResponseSettings } from '../../platform/configuration/response.ts';
import { writer } from '../output.ts';
import { complain, configOption } from '../response/options.ts';
import { UnusableInputError } from '../scan/files.ts';
import { enabledOf, NONE_ENABLED } from './doctor.ts';

const SERVICES = ['azure', 'graph', 'aws', 'kubernetes', 'gcp'] as const;
type Service = (typeof SERVICES)[number];

interface Options {
  readonly config?: string;
  readonly for?: Service;
  readonly format: 'json' | 'bicep' | 'yaml';
  readonly scope: readonly string[];
  readonly account?: string;
  readonly tenant?: string;
  readonly audience?: string;
  readonly identity?: string;
}

/** `crosstrail permissions export` */
export function permissionsCommand(program: Command): void {
  const permissions = program.command('permissions').description('what responses need, as least-privilege roles');
  permissions
    .command('export')
    .description('prints roles that hold what the enabled actions need, and nothing more')
    .argument('[actions...]', 'actions; those of the playbooks of the configuration unless named')
    .addOption(new Option('--for <service>', 'only for one; all unless told').choices(SERVICES))
    .addOption(
      new Option('--format <format>', 'bicep for azure, yaml for kubernetes')
        .choices(['json', 'bicep', 'yaml'])
        .default('json'),
    )
    .option(
      '--scope <id>',
      'where the role of Azure can be assigned, beside what playbooks name; once for each',
      (id: string, before: readonly string[]) => [...before, id],
      [],
    )
    .option('--account <digits>', 'the account of AWS; the only one of the configuration unless told')
    .option('--tenant <id>', 'the tenant of Entra, for the trust policy of AWS')
    .option(
      '--audience <uri>',
      'the Application ID URI, for the trust policy of AWS; that of the configuration unless told',
    )
    .option('--identity <id>', 'the object id of the managed identity, for the trust policy of AWS')
    .addOption(configOption())
    .action(exportPermissions);
}

async function exportPermissions(names: readonly string[], options: Options): Promise<void> {
  const { response } = await loadConfiguration(options.config);
  const actions = await enabledOf(names, response);
  if (actions.length === 0) throw new UnusableInputError(NONE_ENABLED);
  const needed = neededPermissions(actions);
  const scopes = scopesOf([
    ...options.scope,
    ...actions.flatMap(({ name }) => idsOf(response, name)),
    ...response.clusters.map(({ id }) => id),
  ]);
  const text = textFor(needed, scopes, options, response);
  for (const note of needed.notes) complain(`note: ${note}`);
  const out = writer(process.stdout);
  out.line(text.trimEnd());
  await out.end();
}

/** @throws UnusableInputError for an id that is none */
function scopesOf(ids: readonly string[]): readonly string[] {
  const scopes = ids.map((id) => {
    const scope = assignableScope(id);
    if (scope !== undefined) return scope;
    throw new UnusableInputError('--scope: expected the id of a subscription, a resource group or something in one');
  });
  // Ids of Azure have no case of their own.
  return [...new Map(scopes.map((scope) => [scope.toLowerCase(), scope])).values()].sort();
}

function textFor(
  needed: NeededPermissions,
  scopes: readonly string[],
  options: Options,
  settings: ResponseSettings,
): string {
  const { for: service, format } = options;
  if (format === 'bicep') {
    if (service !== 'azure') throw new UnusableInputError('--format bicep goes with --for azure');
    if (needed.azure.length === 0) throw new UnusableInputError(nothingFor('azure'));
    return azureRoleBicep(
      needed,
      scopes.some((scope) => /\/resourcegroups\//i.test(scope)) ? 'resourceGroup' : 'subscription',
    );
  }
  const roles: Readonly<Record<Service, () => object | undefined>> = {
    azure: () => azureRole(needed, requireScopes(needed, scopes)),
    graph: () => graphRoles(needed),
    aws: () => awsOf(needed, options, settings),
    kubernetes: () => clusterRole(needed),
    gcp: () => gcpRole(needed),
  };
  if (service === undefined) {
    if (format === 'yaml') throw new UnusableInputError('--format yaml goes with --for kubernetes');
    const all = SERVICES.map((name) => [name, roles[name]()] as const).filter(([, role]) => role !== undefined);
    return json({ ...Object.fromEntries(all), others: needed.others, notes: needed.notes });
  }
  const role = roles[service]();
  if (role === undefined) throw new UnusableInputError(nothingFor(service));
  if (format === 'json') return json(role);
  if (service !== 'kubernetes') throw new UnusableInputError('--format yaml goes with --for kubernetes');
  return clusterRoleYaml(role);
}

const json = (value: object): string => JSON.stringify(value, null, 2);

const nothingFor = (service: Service): string => `the enabled actions need nothing of ${service}`;

function requireScopes({ azure }: NeededPermissions, scopes: readonly string[]): readonly string[] {
  if (azure.length === 0 || scopes.length > 0) return scopes;
  throw new UnusableInputError(
    'a role of Azure must say where it can be assigned, and no playbook names a resource: name a subscription or resource group with --scope',
  );
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The policy, and who may take the role that has it, as far as that is known. */
function awsOf(needed: NeededPermissions, options: Options, { aws }: ResponseSettings): object | undefined {
  const [only, ...others] = aws.accounts;
  const chosen =
    options.account === undefined
      ? others.length === 0
        ? only
        : undefined
      : aws.accounts.find((one) => one.account === options.account);
  const account = options.account ?? chosen?.account;
  if (account !== undefined && !/^\d{12}$/.test(account)) throw new UnusableInputError('--account: expected 12 digits');
  const policy = awsPolicy(needed, account);
  if (policy === undefined) return undefined;
  const { tenant, identity } = options;
  const audience = options.audience ?? chosen?.webIdentity?.audience;
  for (const [name, id] of [
    ['tenant', tenant],
    ['identity', identity],
  ] as const) {
    if (id !== undefined && !GUID.test(id)) throw new UnusableInputError(`--${name}: expected a GUID`);
  }
  if (account === undefined || tenant === undefined || audience === undefined || identity === undefined) {
    complain('the trust policy of AWS needs --account, --tenant, --audience and --identity: it is left out');
    return { policy, trustPolicy: null };
  }
  const who = { account, audience, tenant: tenant.toLowerCase(), identity: identity.toLowerCase() };
  return { policy, trustPolicy: awsTrustPolicy(who) };
}
