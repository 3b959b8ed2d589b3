import { openObject } from '../../../platform/json.ts';
import type { ApiActivity } from '../../timeline/ocsf/types.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends } from '../change-of.ts';
import { lowered } from '../values.ts';
import { NETWORK } from './network.ts';
import type { Operation } from './operation.ts';
import { PROTECTION } from './protection.ts';
import { PUBLIC_ADDRESSES } from './public-addresses.ts';
import { STORAGE } from './storage.ts';

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ...STORAGE, ...NETWORK, ...PUBLIC_ADDRESSES, ...PROTECTION }),
);

const SUCCESS = 1;
const FAILURE = 2;

/**
 * What a row of the Activity log changes. Azure writes several rows for an operation: the first has the request and gives changes that are
 * `requested`; a later one that says that it failed gives `refused`.
 */
export function azureChanges({ api, status_id, resources }: ApiActivity): readonly PostureChange[] {
  const operation = OPERATIONS.get(nameOf(api.operation));
  const id = resources?.[0]?.uid;
  if (operation === undefined || id === undefined) return [];
  if (operation.from === 'result') return status_id === SUCCESS ? operation.changes(id) : [];
  if (status_id === FAILURE) {
    const resource = operation.resource(id);
    return operation.conditions.map((condition) => ({
      ...mends({ condition, resource }, 'was refused'),
      stage: 'refused',
    }));
  }
  // The answer, where a row has one, shows the whole resource: of what it says, the request need not have changed anything.
  const body = lowered(openObject(api.request?.data));
  const changes = operation.changes(id, lowered(body['properties']));
  return status_id === SUCCESS ? changes : changes.map((change) => ({ ...change, stage: 'requested' }));
}

/** Settings on a resource are at times written as an operation of its type: `microsoft.keyvault/vaults/providers/microsoft.insights/…`. */
function nameOf(operation: string): string {
  const name = operation.toLowerCase();
  const at = name.lastIndexOf('/providers/');
  return at === -1 ? name : name.slice(at + '/providers/'.length);
}
