/** What a link's address names. Hubs and groups are as the client wrote them, and need not exist. */
export type Address =
  | { readonly to: 'claims' }
  | { readonly to: 'management' }
  | { readonly to: 'hub'; readonly hub: string; readonly partition?: string; readonly group?: string };

const MANAGEMENT = /^(?:[^/]+\/)?\$management$/i;
const PUBLISH = /^([^/]+)(?:\/Partitions\/([^/]+))?$/i;
const RECEIVE = /^([^/]+)\/ConsumerGroups\/([^/]+)\/Partitions\/([^/]+)$/i;
/** Some clients write the whole address of the entity. */
const SCHEME_AND_HOST = /^[a-z]+:\/\/[^/]+\//i;

/**
 * Reads the address of a link's source or target, in the service's forms: `$cbs`, `$management`, `hub/$management`, `hub`,
 * `hub/Partitions/n`, `hub/ConsumerGroups/group/Partitions/n`.
 * @returns undefined for any other text
 */
export function parseAddress(address: string): Address | undefined {
  const path = address.replace(SCHEME_AND_HOST, '');
  if (path.toLowerCase() === '$cbs') return { to: 'claims' };
  if (MANAGEMENT.test(path)) return { to: 'management' };
  const [, hub, partition] = PUBLISH.exec(path) ?? [];
  if (hub !== undefined) return { to: 'hub', hub, ...(partition === undefined ? {} : { partition }) };
  const [, source, group, from] = RECEIVE.exec(path) ?? [];
  if (source === undefined || group === undefined || from === undefined) return undefined;
  return { to: 'hub', hub: source, group, partition: from };
}
