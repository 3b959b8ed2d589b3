import type { EntityIds } from './entity-ids.ts';

const IAM_USER = /^arn:[^:]*:iam::\d{12}:user\/(?:[^/]+\/)*([^/]+)$/;

/** What a canonical key is asked after by in other logs; nothing where they know no such id. */
export function idsOfKey(key: string): EntityIds {
  const at = key.indexOf(':');
  const [prefix, id] = [key.slice(0, at), key.slice(at + 1)];
  switch (prefix) {
    case 'upn':
      return { upns: [id] };
    case 'entra-user':
    case 'entra-sp':
      return { objectIds: [id.slice(id.indexOf('/') + 1)] };
    case 'entra-oid':
      return { objectIds: [id] };
    case 'aws': {
      const name = IAM_USER.exec(id)?.[1];
      return { arns: [id], ...(name !== undefined && { awsUserNames: [name] }) };
    }
    case 'aws-key':
      return { accessKeys: [id] };
    case 'ip':
      return { addresses: [id] };
    case 'arm':
      return { resources: [id] };
    case 'domain':
      return { domains: [id] };
    default:
      return {};
  }
}
