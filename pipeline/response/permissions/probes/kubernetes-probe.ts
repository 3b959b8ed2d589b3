import type { ActionContext } from '../../../../playbooks/contract/action.ts';
import type { KubernetesRule } from '../../../../playbooks/contract/permissions.ts';
import { clusterAccess } from '../../../../playbooks/kubernetes/cluster-access.ts';
import { objectOf, textOf } from '../../../../platform/json.ts';
import { RestClient } from '../../../../platform/rest/rest-client.ts';
import { whyOf, type Probe } from './probe.ts';

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/**
 * Whether the caller may do something in all namespaces of a cluster: its API server is asked, which keeps nothing of the question.
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
 * @param cluster its ARM id in lower case, as the configuration names it
 */
export async function probeKubernetes(
  cluster: string,
  rules: readonly KubernetesRule[],
  context: ActionContext,
): Promise<Probe[]> {
  const named = { service: 'Kubernetes', where: cluster } as const;
  const wanted = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb })))),
  );
  const probes: Probe[] = [];
  let rest: RestClient | undefined;
  let path = REVIEWS;
  let away: string | undefined;
  for (const { group, resource, verb } of wanted) {
    const permission = `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
    if (away !== undefined) {
      probes.push({ ...named, permission, is: 'unknown', why: away });
      continue;
    }
    try {
      if (rest === undefined) {
        const { server, httpClient, authorization } = await clusterAccess(cluster, context);
        const { origin, pathname } = new URL(server);
        path = `${pathname === '/' ? '' : pathname}${REVIEWS}`;
        rest = new RestClient({
          base: origin,
          authorization,
          httpClient,
          clock: context.clock,
          deadline: context.deadline,
        });
      }
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { group, resource, verb } },
      };
      const status = objectOf(
        objectOf((await rest.send({ method: 'POST', path, body, repeatable: true })).body)?.['status'],
      );
      const why = textOf(status?.['reason']) ?? 'no role allows it in all namespaces';
      probes.push({
        ...named,
        permission,
        ...(status?.['allowed'] === true ? { is: 'granted' } : { is: 'missing', why }),
      });
    } catch (error) {
      // Whoever refuses or does not answer one question does so with all of them, and each may take as long.
      away = whyOf(error);
      probes.push({ ...named, permission, is: 'unknown', why: away });
    }
  }
  return probes;
}
