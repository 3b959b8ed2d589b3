import { z } from 'zod';
import type { JsonObject } from '../../../platform/json.ts';
import { ActionError } from '../../contract/action-error.ts';
import {
  defineAction,
  type ActionContext,
  type Change,
  type Plan,
  type Target,
  type Verification,
} from '../../contract/action.ts';
import { namespaceParameter, rbacNameParameter } from '../../contract/parameters.ts';
import { READ_ADDRESS } from '../cluster-access.ts';
import { ClusterClient } from '../cluster-client.ts';
import { clusterParameter } from '../cluster-parameters.ts';
import { BINDINGS, bindingSubject, type Binding, type BindingSubject } from '../object-kinds.ts';
import { plannedState } from '../../contract/planned-state.ts';
import {
  bindingPrincipal,
  listed,
  objectSubject,
  objectTarget,
  shown,
  subjectText,
  type ObjectName,
} from '../subjects.ts';

const RESOURCES = ['rolebindings', 'clusterrolebindings'] as const;
const RBAC = 'rbac.authorization.k8s.io';
const HOUR = 3_600_000;

const bindingOf = z.object({
  cluster: z.string(),
  resource: z.enum(RESOURCES),
  namespace: z.string(),
  binding: z.string(),
  uid: z.string(),
  removed: bindingSubject,
  role: z.string(),
});
type PlannedSubject = z.infer<typeof bindingOf>;

const parameters = z
  .strictObject({
    cluster: clusterParameter,
    resource: z.enum(RESOURCES).default('rolebindings').describe('Which kind of binding.'),
    namespace: namespaceParameter.optional().describe('The namespace of a role binding.'),
    name: rbacNameParameter.describe('The name of the binding.'),
    subjectKind: z
      .enum(['User', 'Group', 'ServiceAccount'])
      .optional()
      .describe('What the subject is; needed where the binding has several.'),
    subject: z
      .string()
      .regex(/^[\x21-\x7e]{1,253}$/, 'expected the name of a subject')
      .optional()
      .describe('The name of the subject as the binding has it; needed where it has several.'),
    subjectNamespace: namespaceParameter.optional().describe('The namespace of a service account.'),
  })
  .refine(({ resource, namespace }) => (resource === 'rolebindings') === (namespace !== undefined), {
    path: ['namespace'],
    message: 'a role binding has a namespace, and a cluster role binding has none',
  });

/** Takes a role from one subject, and from nobody else. */
export const removeRoleBindingSubject = defineAction({
  name: 'k8s-remove-role-binding-subject',
  group: 'kubernetes',
  title: 'Remove a subject from a role binding',
  description:
    'Takes one subject out of a role binding or a cluster role binding; the binding, its role and the others in it stay. Roles add up: what another binding gives the ' +
    'subject it keeps. Bindings that Kubernetes or the add-on manager of AKS keeps as they are cannot be changed so. A tool that deploys the binding may put the subject back.',
  parameters,
  permissions: {
    azure: [READ_ADDRESS],
    kubernetes: [
      { apiGroups: [RBAC], resources: ['rolebindings', 'clusterrolebindings'], verbs: ['get', 'patch'] },
      { apiGroups: [RBAC], resources: ['roles', 'clusterroles'], verbs: ['bind'] },
    ],
    notes: [
      'Kubernetes lets nobody write a binding, not even to take a subject out, without the verb bind on its role or all that the role allows.',
      'Who may bind every role may give cluster-admin to anybody: name in resourceNames the roles whose bindings are to be changed.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: 24 * HOUR, longest: 30 * 24 * HOUR },
  operations: ['patch rolebindings', 'patch clusterrolebindings'],
  from: ({ roleBindings }) =>
    roleBindings
      .filter(({ cluster, resource }) => cluster !== '' && RESOURCES.some((known) => known === resource))
      .map(({ cluster, namespace, name, resource }) => ({
        cluster,
        resource,
        name,
        ...(namespace === '' ? {} : { namespace }),
      })),
  plan: async (given, context) => {
    const { cluster, resource, namespace = '', name } = given;
    const client = await ClusterClient.of(cluster, context);
    const binding = await client.get(BINDINGS[resource], { namespace, name });
    if (binding === undefined) throw new ActionError('absent', `there is no binding ${name} in ${resource}`);
    refuseKept(binding);
    const { metadata, roleRef } = binding;
    const removed = subjectToRemove(binding, given);
    if (removed === undefined) return nothingToRemove({ cluster, namespace, resource, name }, metadata.uid);
    const role = `${roleRef.kind} ${roleRef.name}`;
    return planOf({ cluster, resource, namespace, binding: name, uid: metadata.uid, removed, role }, binding);
  },
  execute: (change, context) =>
    patched(change, context, (planned, binding) => {
      if (binding === undefined) throw new ActionError('absent', `the binding ${planned.binding} is gone`);
      const others = binding.subjects.filter((subject) => !isSame(subject, planned.removed));
      return others.length === binding.subjects.length ? undefined : { subjects: others };
    }),
  verify: async (change, context): Promise<Verification> => {
    const planned = plannedState(bindingOf, change);
    const { cluster, resource, uid, removed } = planned;
    const binding = await (await ClusterClient.of(cluster, context)).get(BINDINGS[resource], placeOf(planned));
    if (binding?.metadata.uid !== uid) {
      return { is: 'changed', why: `the binding ${planned.binding} was removed since, and with it what it gave` };
    }
    return { is: binding.subjects.some((subject) => isSame(subject, removed)) ? 'absent' : 'held' };
  },
  undo: (change, context) =>
    patched(change, context, (planned, binding) => {
      if (binding === undefined) {
        throw new ActionError('absent', `the binding ${planned.binding} is gone; make it anew with ${planned.role}`);
      }
      const { subjects } = binding;
      if (subjects.some((subject) => isSame(subject, planned.removed))) return undefined;
      return { subjects: [...subjects, planned.removed] };
    }),
});

const placeOf = ({ namespace, binding }: PlannedSubject) => ({ namespace, name: binding });

/** Changes the binding that was planned for, and none that took its name. */
async function patched(
  change: Change,
  context: ActionContext,
  decide: (planned: PlannedSubject, binding: Binding | undefined) => JsonObject | undefined,
): Promise<void> {
  const planned = plannedState(bindingOf, change);
  const { cluster, resource, uid } = planned;
  const client = await ClusterClient.of(cluster, context);
  await client.update({
    of: BINDINGS[resource],
    at: placeOf(planned),
    decide: (binding) => decide(planned, binding?.metadata.uid === uid ? binding : undefined),
  });
}

const isSame = (a: BindingSubject, b: BindingSubject): boolean =>
  a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');

/**
 * Bindings that something in the cluster restores at once or at its next start.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation
 */
function refuseKept({ metadata: { name, labels } }: Binding): void {
  const system = name.startsWith('system:') || labels['kubernetes.io/bootstrapping'] === 'rbac-defaults';
  const addon = labels['addonmanager.kubernetes.io/mode'] === 'Reconcile';
  if (!system && !addon) return;
  const keeper = system ? 'Kubernetes itself' : 'the add-on manager of the cluster';
  throw new ActionError(
    'unsuitable',
    `the binding ${shown(name)} is kept as it is by ${keeper}; take the credential from the subject instead`,
  );
}

type Asked = Pick<z.infer<typeof parameters>, 'subjectKind' | 'subject' | 'subjectNamespace'>;

/** The one subject that is meant: of several it must be told which. Undefined where there is no such subject. */
function subjectToRemove({ subjects, metadata }: Binding, asked: Asked): BindingSubject | undefined {
  const { subjectKind: kind, subject: name, subjectNamespace: namespace } = asked;
  const meant = subjects.filter(
    (subject) =>
      (kind ?? subject.kind) === subject.kind &&
      (name ?? subject.name) === subject.name &&
      (namespace ?? subject.namespace) === subject.namespace,
  );
  const [found] = meant;
  if (found === undefined) return undefined;
  if (meant.every((subject) => isSame(subject, found))) return found;
  const which = listed(meant.map(subjectText));
  throw new ActionError(
    'input',
    `the binding ${shown(metadata.name)} has several subjects; say which is meant: ${which}`,
  );
}

const targetOf = (object: ObjectName, uid: string): Target => objectTarget('role binding', object, uid);

/** Another response may have removed it: then that is held for this one too. */
function nothingToRemove(object: ObjectName, uid: string): Plan {
  return {
    target: targetOf(object, uid),
    changes: [],
    affects: [`The binding ${shown(object.name)} has no such subject`],
    residual: [],
    subjects: [objectSubject(object)],
  };
}

function planOf(planned: PlannedSubject, { subjects }: Binding): Plan {
  const { cluster, resource, namespace, binding, uid, removed, role } = planned;
  const object = { cluster, namespace, resource, name: binding };
  const target = targetOf(object, uid);
  const others = subjects.filter((subject) => !isSame(subject, removed));
  return {
    target,
    changes: [
      {
        id: 'subject',
        holds: `k8s-remove-role-binding-subject|${target.id}|${removed.kind}/${removed.namespace ?? ''}/${removed.name}`,
        summary: `Take ${subjectText(removed)} out of the binding ${shown(binding)} to ${shown(role)}`,
        target,
        before: { subject: { ...removed }, role },
        after: { ...planned, removed: { ...removed } },
        undo: `Put ${subjectText(removed)} into the binding ${shown(binding)} again`,
      },
    ],
    affects: [
      ...(removed.kind === 'Group' ? [`All members of the group ${shown(removed.name)}`] : []),
      others.length === 0
        ? 'The binding has no subject left'
        : `${others.length} other subjects keep the role: ${listed(others.map(subjectText))}`,
    ],
    residual: [
      { what: 'What other bindings give the subject, its groups among them' },
      { what: 'The role again, where a tool that deploys the binding puts the subject back' },
    ],
    subjects: [bindingPrincipal(cluster, removed, privilegeOf(planned)), objectSubject(object)],
  };
}

const privilegeOf = ({ resource, role }: PlannedSubject): readonly string[] =>
  resource === 'clusterrolebindings' && role === 'ClusterRole cluster-admin' ? ['is bound to cluster-admin'] : [];
