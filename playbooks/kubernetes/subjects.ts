import { printable } from '../../platform/printable.ts';
import { armKey, kubernetesObjectKey } from '../../pipeline/timeline/entity-keys.ts';
import type { Subject, Target } from '../contract/action.ts';
import { clusterName } from './cluster-name.ts';

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

/** What guards ask of an object that is to be changed: itself, and the cluster that it is in. */
export function objectSubjects({ cluster, namespace, resource, name }: ObjectName): readonly Subject[] {
  const path = `${namespace}/${resource}/${name}`;
  return [
    { kind: 'resource', key: kubernetesObjectKey(cluster, path), label: path.replace(/^\//, '') },
    { kind: 'resource', key: armKey(cluster), label: clusterName(cluster) },
  ];
}

/** An object by its uid, which no other ever has. */
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
