import { kubernetesObjectKey } from '../../timeline/entity-keys.ts';
import type { Cloud, ResourceDetails } from '../../timeline/ocsf/types.ts';
import { parseArmId } from '../shared/arm-id.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import { eventId } from '../shared/event-id.ts';

/** A cluster, as its records name it. */
export interface Cluster {
  /** The ARM id in lower case, or another name; empty where the records name none. */
  readonly id: string;
  /** The key of the cluster as an entity. */
  readonly key: string;
  readonly name?: string | undefined;
  /** Part of the ids of its events. */
  readonly idPart: string;
  /** Undefined of a cluster that is not a resource of Azure. */
  readonly cloud?: Cloud | undefined;
  readonly resource?: ResourceDetails | undefined;
}

const clusters = new BoundedCache(read, 1024);

/** The cluster of an ARM id, or of what else stands in its place. */
export const clusterOf = (text: string): Cluster => clusters.get(text);

function read(text: string): Cluster {
  const { id, key, subscription, resourceGroup, type, name } = parseArmId(text);
  const idPart = id === '' ? '-' : eventId('aks-audit', id).slice('aks-audit/'.length);
  if (subscription === undefined) return { id, key: kubernetesObjectKey(id, ''), idPart, name };
  return {
    id,
    key,
    idPart,
    name,
    cloud: { provider: 'Azure', account: { uid: subscription, type_id: 13 } },
    resource: {
      uid: id,
      name,
      type,
      group: resourceGroup === undefined ? undefined : { name: resourceGroup },
      role_id: 4,
    },
  };
}
