import type { Json, JsonObject } from '../../../platform/json.ts';
import { armKey } from '../../timeline/entity-keys.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';
import { lowered, membersOf, textsOf } from '../values.ts';
import { deletion, request, type Operation, type Operations } from './operation.ts';

const GIVEN = 'has a public address';
const TAKEN = 'has no public address';

const placeOf = (id: string): Place => ({ condition: 'public-address', resource: armKey(id) });

/** A resource that is written with its addresses has these, and no others any more; one that is written without a word of them keeps what it has. */
const byAddresses = (addresses: (properties: JsonObject) => boolean | undefined): Operation =>
  request(['public-address'], (id, properties): readonly PostureChange[] => {
    const has = addresses(properties);
    if (has === undefined) return [];
    return [has ? weakens(placeOf(id), GIVEN) : mends(placeOf(id), TAKEN)];
  });

const propertiesOf = (value: Json): JsonObject => lowered(lowered(value)['properties']);

/** Whether one of some configurations names a public address, or asks for one to be made. */
function anyPublic(configurations: Json | undefined, name: string): boolean | undefined {
  if (!Array.isArray(configurations)) return undefined;
  return membersOf(configurations).some((each) => {
    const address = propertiesOf(each)[name];
    return address !== undefined && address !== null;
  });
}

/** Of interfaces that a machine is made with, or that each instance of a scale set is. */
function anyInterfacePublic(profile: Json | undefined): boolean | undefined {
  const interfaces = lowered(profile)['networkinterfaceconfigurations'];
  if (!Array.isArray(interfaces)) return undefined;
  return membersOf(interfaces).some(
    (each) => anyPublic(propertiesOf(each)['ipconfigurations'], 'publicipaddressconfiguration') === true,
  );
}

const NETWORK_INTERFACES = byAddresses(({ ipconfigurations }) => anyPublic(ipconfigurations, 'publicipaddress'));
const FRONTENDS = byAddresses(({ frontendipconfigurations }) => anyPublic(frontendipconfigurations, 'publicipaddress'));

const CONTAINERS = byAddresses(({ ipaddress }) => {
  const [type] = textsOf(lowered(ipaddress)['type']);
  return type === undefined ? undefined : type === 'public';
});

/**
 * A public address by itself reaches nothing: what counts is what it is given to, which the address's own rows do not say.
 * https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/create-or-update
 */
export const PUBLIC_ADDRESSES: Operations = {
  'microsoft.network/networkinterfaces/write': NETWORK_INTERFACES,
  'microsoft.network/networkinterfaces/delete': deletion('public-address'),
  'microsoft.network/loadbalancers/write': FRONTENDS,
  'microsoft.network/loadbalancers/delete': deletion('public-address'),
  'microsoft.network/applicationgateways/write': FRONTENDS,
  'microsoft.network/applicationgateways/delete': deletion('public-address'),
  'microsoft.compute/virtualmachines/write': byAddresses(({ networkprofile }) => anyInterfacePublic(networkprofile)),
  'microsoft.compute/virtualmachines/delete': deletion('public-address'),
  'microsoft.compute/virtualmachinescalesets/write': byAddresses(({ virtualmachineprofile }) =>
    anyInterfacePublic(lowered(virtualmachineprofile)['networkprofile']),
  ),
  'microsoft.compute/virtualmachinescalesets/delete': deletion('public-address'),
  'microsoft.containerinstance/containergroups/write': CONTAINERS,
  'microsoft.containerinstance/containergroups/delete': deletion('public-address'),
};
