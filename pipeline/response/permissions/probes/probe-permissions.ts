import type { Action, ActionContext } from '../../../../playbooks/contract/action.ts';
import type { ResponseSettings } from '../../../../platform/configuration/response.ts';
import { idsOf } from '../named-ids.ts';
import { neededPermissions } from '../needed-permissions.ts';
import { probeAws } from './aws-probe.ts';
import { probeAzure } from './azure-probe.ts';
import { probeGraph } from './graph-probe.ts';
import { probeKubernetes } from './kubernetes-probe.ts';
import type { Probe, ProbedService } from './probe.ts';
import { probeTickets } from './ticket-probe.ts';

/**
 * Finds out whether the identity that asks has all that actions need, wherever the configuration lets them act. Only reads.
 * @param scopes ids in Azure, beside those that playbooks name
 */
export async function probePermissions(
  actions: readonly Action[],
  scopes: readonly string[],
  context: ActionContext,
): Promise<Probe[]> {
  const { settings } = context.connections;
  const needed = neededPermissions(actions);
  const probes: Probe[] = [];
  for (const [scope, permissions] of azureNeeds(actions, settings, scopes)) {
    probes.push(
      ...(scope === ''
        ? unknown('Azure', 'nowhere', permissions, 'no playbook names a resource of Azure: name one with --scope')
        : await probeAzure(scope, permissions, context)),
    );
  }
  if (needed.graph.length > 0) probes.push(...(await probeGraph(needed.graph, context)));
  for (const { account } of settings.aws.accounts) probes.push(...(await probeAws(account, needed.aws, context)));
  if (settings.aws.accounts.length === 0) {
    const all = needed.aws.flatMap((statement) => statement.actions);
    probes.push(...unknown('AWS', 'nowhere', all, 'response.aws.accounts of the configuration names no account'));
  }
  for (const { id } of settings.clusters) probes.push(...(await probeKubernetes(id, needed.kubernetes, context)));
  if (settings.clusters.length === 0) {
    const all = needed.kubernetes.map(({ resources, verbs }) => `${verbs.join(', ')} ${resources.join(', ')}`);
    probes.push(...unknown('Kubernetes', 'nowhere', all, 'response.clusters of the configuration names no cluster'));
  }
  probes.push(...unknown('Google Cloud', 'the project', needed.gcp, 'Google Cloud is not asked'));
  for (const action of actions) probes.push(...(await probeTickets(action, context)));
  return probes;
}

const unknown = (service: ProbedService, where: string, permissions: readonly string[], why: string): Probe[] =>
  permissions.map((permission) => ({ service, where, permission, is: 'unknown', why }));

/** What must be allowed where; under an empty scope what is needed nowhere in particular. */
function azureNeeds(
  actions: readonly Action[],
  settings: Pick<ResponseSettings, 'playbooks' | 'clusters'>,
  scopes: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const needs = new Map<string, Set<string>>();
  for (const { name, group, permissions } of actions) {
    const { azure = [] } = permissions;
    const places = new Set([
      ...scopes,
      ...idsOf(settings, name),
      ...(group === 'kubernetes'
        ? settings.clusters.filter(({ server }) => server === undefined).map(({ id }) => id)
        : []),
    ]);
    if (group === 'kubernetes' && settings.clusters.every(({ server }) => server !== undefined)) continue;
    if (places.size === 0) places.add('');
    for (const place of places) {
      const known = needs.get(place) ?? new Set<string>();
      for (const permission of azure) known.add(permission);
      if (known.size > 0) needs.set(place, known);
    }
  }
  return new Map([...needs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, all]) => [place, [...all].sort()]));
}
