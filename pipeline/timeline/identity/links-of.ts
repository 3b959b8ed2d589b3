import type { Event } from '../event.ts';
import { isIdentity } from './key-traits.ts';
import type { Link } from './link.ts';
import { awsLinks } from './links-of-aws.ts';
import { entraLinks } from './links-of-entra.ts';
import { kubernetesLinks } from './links-of-kubernetes.ts';
import { NO_TRUSTS, type Trusts } from './trust.ts';

/**
 * What an event says of who is who: links between keys of those who acted, the credentials that they used, and those that they were
 * given. What it says of its targets beside is the word of whoever acted, and links nothing; nor does an address.
 * @param trusts which issuers stand for which tenants and clusters
 */
export function linksOf(event: Event, trusts: Trusts = NO_TRUSTS): Link[] {
  switch (event.source) {
    case 'entra':
    case 'azure-activity':
      return entraLinks(event);
    case 'aks-audit':
      return kubernetesLinks(event);
    case 'cloudtrail':
      return awsLinks(event, trusts);
    case 'defender':
    case 'security-hub':
    case 'github':
    case 'sarif':
    case 'trivy':
    case 'crosstrail':
    case 'json':
      return [];
  }
}

/**
 * The principal behind an event, as far as the links learned tell: that of the credential it was done with, for that belongs to one
 * holder where a role session may have many; otherwise that of the event's own principal.
 * @param resolve gives the principal of a key
 */
export function principalOf(event: Pick<Event, 'principal' | 'entities'>, resolve: (key: string) => string): string {
  for (const { key, part } of event.entities) {
    if (part !== 'credential') continue;
    const principal = resolve(key);
    if (isIdentity(principal)) return principal;
  }
  return resolve(event.principal);
}
