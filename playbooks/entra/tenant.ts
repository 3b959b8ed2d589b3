import { ActionError } from '../contract/action-error.ts';
import type { GraphClient } from './graph-client.ts';
import { guidOf } from './values.ts';

/**
 * The tenant that is worked in. Read from the directory rather than from the token, whose content Microsoft Graph keeps to itself.
 * @param wanted the tenant that the target is said to be of
 * @throws ActionError of kind `unsuitable` where that is another one
 */
export async function tenantOf(graph: GraphClient, wanted: string | undefined): Promise<string> {
  const { items } = await graph.list(
    { path: '/organization', query: { $select: 'id' }, needs: 'Organization.Read.All' },
    1,
  );
  const tenant = guidOf(items[0]?.['id']);
  if (tenant === undefined) throw new ActionError('failed', 'Microsoft Graph does not say which tenant this is');
  if (wanted === undefined || wanted === tenant) return tenant;
  throw new ActionError(
    'unsuitable',
    `The target is of tenant ${wanted}, and Crosstrail works in ${tenant}: it must be contained in its own tenant`,
  );
}
