import { armKey } from '../../timeline/entity-keys.ts';
import { BoundedCache } from './bounded-cache.ts';

/** An id of Azure Resource Manager, taken apart. */
export interface ArmId {
  /** The id in lower case without slashes at its end: Azure compares ids so, and its logs write them in any case. */
  readonly id: string;
  /** The key of the resource as an entity. */
  readonly key: string;
  readonly subscription?: string | undefined;
  readonly resourceGroup?: string | undefined;
  /** The resource's type with its provider, in lower case: `microsoft.compute/virtualmachines`. */
  readonly type?: string | undefined;
  /** The last segment, as written. */
  readonly name?: string | undefined;
}

const parsed = new BoundedCache(parse);

/**
 * Takes an ARM id apart: `/subscriptions/<id>/resourceGroups/<name>/providers/<provider>/<type>/<name>…`, or the shorter ones of
 * a subscription, a resource group or a tenant-wide provider; in any case. Text that is no ARM id gives only `id`, `key` and `name`.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export const parseArmId = (text: string): ArmId => parsed.get(text);

function parse(text: string): ArmId {
  const key = armKey(text);
  const id = key.slice('arm:'.length);
  const lower = id.split('/');
  const subscription = lower[1] === 'subscriptions' ? lower[2] : undefined;
  const resourceGroup = subscription !== undefined && lower[3] === 'resourcegroups' ? lower[4] : undefined;
  const name = text.slice(0, id.length).split('/').at(-1);
  return {
    id,
    key,
    subscription: subscription === '' ? undefined : subscription,
    resourceGroup: resourceGroup === '' ? undefined : resourceGroup,
    type: typeOf(lower),
    name: name === '' ? undefined : name,
  };
}

/** The type that the last `providers` segment begins: every second segment after the provider is a name. */
function typeOf(segments: readonly string[]): string | undefined {
  const at = segments.lastIndexOf('providers');
  if (at === -1) {
    if (segments[1] !== 'subscriptions') return undefined;
    return segments.length > 4 ? 'microsoft.resources/resourcegroups' : 'microsoft.resources/subscriptions';
  }
  const type = segments.slice(at + 1, at + 2);
  for (let i = at + 2; i < segments.length; i += 2) type.push(...segments.slice(i, i + 1));
  return type.join('/') || undefined;
}
