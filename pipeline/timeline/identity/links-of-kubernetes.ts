import { objectOf, textOf } from '../../../platform/json.ts';
import type { Event } from '../event.ts';
import { evidenceOf, keysOf, onlyKey } from './acting-keys.ts';
import { linkOf, type Link } from './link.ts';

/**
 * Links of a Kubernetes audit event: the caller's name in the cluster with the object id that AKS says it has, the credential of
 * AWS behind it on EKS, and whom it impersonates. A service account is itself the principal; the pods that use it are none.
 */
export function kubernetesLinks(event: Event): Link[] {
  const links: Link[] = [];
  const { principal } = event;
  const objectId = onlyKey(event, 'actor', 'entra-oid');
  if (objectId !== undefined) {
    const kind = principal.startsWith('upn:') ? 'upn' : 'immutable-id';
    links.push(linkOf(kind, objectId, principal, evidenceOf(event, 'name in the cluster and its Entra object id')));
  }
  for (const key of keysOf(event, 'credential', 'aws-key'))
    links.push(linkOf('impersonation', key, principal, evidenceOf(event, 'an AWS credential mapped to the user')));
  const impersonated = textOf(objectOf(objectOf(event.ocsf.unmapped)?.impersonatedUser)?.username);
  const target = event.entities.find(({ part, label }) => part === 'target' && label === impersonated);
  if (impersonated !== undefined && target !== undefined)
    links.push(linkOf('impersonation', principal, target.key, evidenceOf(event, 'called with impersonation')));
  return links;
}
