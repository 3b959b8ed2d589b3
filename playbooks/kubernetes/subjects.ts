import { printable } from '../../platform/printable.ts';
import {
  entraObjectIdKey,
  kubernetesObjectKey,
  kubernetesUserKey,
  upnKey,
} from '../../pipeline/timeline/entity-keys.ts';
import type { Subject, Target } from '../contract/action.ts';
import { clusterName } from './cluster-name.ts';
import type { BindingSubject } from './object-kinds.ts';

/** An object of a cluster. */
export interface ObjectName {
  /** ARM id in lower case. */
  readonly cluster: string;
  /** Empty for what has none. */
  readonly namespace: string;
  /** `pods`. */
  readonly resource: string;
  readonly name: string;
}

/** What guards ask of an object that is to be changed. */
export function objectSubject({ cluster, namespace, resource, name }: ObjectName): Subject {
  const path = `${namespace}/${resource}/${name}`;
  return { kind: 'resource', key: kubernetesObjectKey(cluster, path), label: path.replace(/^\//, '') };
}

/** An object by its uid, which no other ever has; within its cluster, so that guards of the cluster hold for it. */
export function objectTarget(kind: string, { cluster, namespace, resource, name }: ObjectName, uid: string): Target {
  const label = `${namespace === '' ? '' : `${namespace}/`}${name} in ${clusterName(cluster)}`;
  return { kind, id: `${cluster}/${resource}/${uid}`, label };
}

/** Text of the API, short enough and safe to show. */
export const shown = (text: string | undefined): string => printable((text ?? '').slice(0, 253));

/** `a, b and 3 more`. */
export function listed(names: readonly string[]): string {
  const [first, more] = [names.slice(0, 10), names.length - 10];
  return more > 0 ? `${first.map(shown).join(', ')} and ${more} more` : first.map(shown).join(', ');
}

/** A subject of a binding, for people: `ServiceAccount shop/cart`. */
export const subjectText = ({ kind, name, namespace }: BindingSubject): string =>
  `${shown(kind)} ${namespace === undefined ? '' : `${shown(namespace)}/`}${shown(name)}`;

/** The user name of a service account. https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/ */
const userNameOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;

/** What guards ask of a service account that is to lose something. */
export const serviceAccountPrincipal = (
  cluster: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  privileged: readonly string[],
): Subject => ({
  kind: 'principal',
  keys: [
    kubernetesUserKey(cluster, userNameOf(namespace, name)),
    kubernetesObjectKey(cluster, `${namespace}/serviceaccounts/${name}`),
    userNameOf(namespace, name),
  ],
  label: subjectText({ kind: 'ServiceAccount', namespace, name }),
  groups: [],
  privileged,
});

/** What guards ask of a subject of a binding. In AKS, users and groups of Entra are named by object id or user principal name. */
export function bindingPrincipal(cluster: string, subject: BindingSubject, privileged: readonly string[]): Subject {
  const { kind, name, namespace = '' } = subject;
  if (kind === 'ServiceAccount') return serviceAccountPrincipal(cluster, { namespace, name }, privileged);
  const keys = [
    ...(kind === 'User' ? [kubernetesUserKey(cluster, name)] : []),
    ...(name.includes('@') ? [upnKey(name)] : []),
    ...(GUID.test(name) ? [entraObjectIdKey(name)] : []),
    name,
  ];
  const principal = { kind: 'principal', keys, label: subjectText(subject), privileged } as const;
  if (kind === 'Group') return { ...principal, groups: [name] };
  return { ...principal, groups: [], unknown: 'a cluster does not tell the groups of its users' };
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
