import type { Entity, EntityKind, EntityPart } from '../../timeline/entity.ts';
import { arnKey, upnKey } from '../../timeline/entity-keys.ts';

import { upnOf } from './entra-names.ts';

/** What an ARN names. */
export interface Arn {
  readonly asActor: Entity;
  readonly asTarget: Entity;
  /** The last part of its path: for a role session its session name. */
  readonly name: string;
  /** The person that a session name written as an e-mail address names. */
  readonly person: Entity | undefined;
}

/** Longer than any ARN of the services in use: S3 object keys have up to 1,024 bytes. */
const LONGEST_ARN = 1200;
const LONGEST_LABEL = 256;

/** Reads an ARN; undefined for any other text. Whoever reads many remembers them in a cache of its own. */
export function parseArn(text: string): Arn | undefined {
  if (!text.startsWith('arn:') || text.length > LONGEST_ARN) return undefined;
  // arn:partition:service:region:account:resource, where the resource may have colons of its own.
  let start = 4;
  const part = () => {
    const end = text.indexOf(':', start);
    const value = end < 0 ? text.slice(start) : text.slice(start, end);
    start = end < 0 ? text.length : end + 1;
    return value;
  };
  part();
  const service = part();
  part();
  part();
  const resource = text.slice(start);
  const kind = kindOf(service, resource);
  const key = arnKey(text);
  const label = (kind === 'resource' ? resource : resource.slice(resource.indexOf('/') + 1)).slice(0, LONGEST_LABEL);
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  return {
    asActor: { kind, key, part: 'actor', label },
    asTarget: { kind, key, part: 'target', label },
    name,
    person: kind === 'resource' ? undefined : personOf(name),
  };
}

function kindOf(service: string, resource: string): EntityKind {
  if (service === 'sts') {
    if (resource.startsWith('assumed-role/')) return 'role-session';
    if (resource.startsWith('federated-user/')) return 'user';
  } else if (service === 'iam') {
    if (resource.startsWith('role/')) return 'role';
    if (resource.startsWith('user/') || resource === 'root') return 'user';
  }
  return 'resource';
}

/** The person whom a name in the form of an e-mail address names; undefined for other names. */
export function personOf(name: string, part: EntityPart = 'actor'): Entity | undefined {
  const upn = name.includes('@') ? upnOf(name) : undefined;
  return upn === undefined ? undefined : { kind: 'user', key: upnKey(upn), part, label: upn };
}
