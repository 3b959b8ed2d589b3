import type { IpGroup, NetworkManagementClient } from '@azure/arm-network';
import { z } from 'zod';
import { armKey } from '../../../pipeline/timeline/entity-keys.ts';
import { maskOf, parsePrefix, prefixText } from '../../../platform/ip-prefix.ts';
import { printable } from '../../../platform/printable.ts';
import { ActionError } from '../../contract/action-error.ts';
import {
  defineAction,
  type ActionContext,
  type Change,
  type Plan,
  type Target,
  type Verification,
} from '../../contract/action.ts';
import { addressParameter, armIdParameter } from '../../contract/parameters.ts';
import { plannedState } from '../../contract/planned-state.ts';
import { merge } from '../merge.ts';
import { armPlace, ask, askOnce, inTurn, networkClient, type ArmPlace } from '../network-client.ts';

const DAY = 24 * 3_600_000;
const READ = 'Microsoft.Network/ipGroups/read';
const WRITE = 'Microsoft.Network/ipGroups/write';
/** https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-firewall-limits */
const MOST_ADDRESSES = 5000;
/** Firewalls take minutes to take over a change. */
const LOOK_AGAIN = 10_000;

const parameters = z.strictObject({
  ipGroup: armIdParameter('Microsoft.Network/ipGroups')
    .transform((id) => id.toLowerCase())
    .describe('The IP group that a deny rule of the firewall names: its resource id'),
  address: addressParameter.describe('The address or network that is added, IPv4'),
});

const changeState = z.object({ address: z.string() });

export const firewallIpGroupAdd = defineAction({
  name: 'firewall-ip-group-add',
  group: 'azure',
  title: 'Add an address to an IP group of Azure Firewall',
  description:
    'Adds an address to an IP group, so that rules of Azure Firewall which deny what is in the group deny it too. It does not look at the rules: name a group that only deny rules ' +
    'use, for in a group of an allow rule it would let the address in. The service takes the list of a group only as a whole, so it is read, merged and written where it is still as ' +
    'it was read; tags stay. IPv4 alone. Firewalls take a change over within minutes. Its own entries are written as 198.51.100.23/32 and 198.51.100.0-198.51.100.255; what stands ' +
    'in the group in any other notation is somebody else’s, and stays; so does what stands there before, in any notation. Where somebody takes the address out, that is found and told.',
  parameters,
  permissions: {
    azure: [READ, WRITE],
    notes: [
      'Whoever may write an IP group may also empty it, and so open what its deny rules close: give it on the groups that are meant.',
      'Where policies that deny changes or locks are on the firewalls that use the group, they hold for changes of the group too.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: DAY, longest: 30 * DAY },
  from: ({ addresses }) =>
    addresses.filter((address) => parsePrefix(address)?.version === 4).map((address) => ({ address })),
  blocks: ({ address }) => [address],
  operations: ['MICROSOFT.NETWORK/IPGROUPS/WRITE'],
  plan,
  execute: (change, context) => write(change, context, added),
  verify,
  undo: (change, context) =>
    write(change, context, removed).catch((error: unknown) => {
      // Where the group is gone, so is what it held.
      if (!(error instanceof ActionError) || error.kind !== 'absent') throw error;
    }),
});

async function plan({ ipGroup, address }: z.infer<typeof parameters>, context: ActionContext): Promise<Plan> {
  const place = armPlace(ipGroup);
  const label = printable(place.name);
  if (parsePrefix(address)?.version !== 4) {
    throw new ActionError('unsuitable', `IP groups take IPv4 only; deny ${address} in the network security groups`);
  }
  const group = await read(await networkClient(place.subscription, context), place, context);
  const users = usersOf(group);
  if (users.length === 0) {
    throw new ActionError(
      'unsuitable',
      `No firewall uses the IP group ${label}, so adding to it keeps nobody out; name a group that a deny rule uses`,
    );
  }
  // What a response put in is known by what the runner keeps of it: here it cannot be told from what a person wrote the same way.
  const listed = listedAs(group, address);
  if (listed === undefined) roomIn(group, label);
  const target: Target = { kind: 'IP group', id: ipGroup, label };
  return {
    target,
    changes: listed === undefined ? [changeOf(address, target)] : [],
    affects: [
      `All rules of ${printable(users.slice(0, 5).join(', ').slice(0, 300))} that name the IP group ${label}: what they deny is denied to ${address}, and what they allow is allowed`,
      ...(listed === undefined
        ? []
        : [
            `${printable(listed.slice(0, 64))} is in ${label} already: unless another response put it there, nothing is changed, and it stays`,
          ]),
    ],
    residual: [
      { what: 'Connections that do not go through the firewall' },
      { what: 'Connections that are open already, as long as the firewall lets them go on' },
    ],
    subjects: [
      { kind: 'address', value: address },
      { kind: 'resource', key: armKey(ipGroup), label },
    ],
  };
}

/** Only what matters to this address: others that come and go in the same group change nothing of it. */
const changeOf = (address: string, target: Target): Change => ({
  id: 'address',
  holds: `firewall-ip-group-add|${target.id}|${address}`,
  summary: `Add ${address} to the IP group ${target.label}`,
  target,
  before: { address, listed: false },
  after: { address, listed: true },
  undo: `Take ${address} out of the IP group ${target.label}`,
});

/**
 * How an address is written into a group: as `198.51.100.23/32` or `198.51.100.0-198.51.100.255`, which the service takes and people seldom write. For the group is theirs, and
 * has no other place to tell whose an entry is. https://learn.microsoft.com/azure/firewall/ip-groups
 */
function entryOf(address: string): string {
  const prefix = parsePrefix(address);
  const [word] = prefix?.words ?? [];
  if (prefix === undefined || word === undefined || prefix.length === 32) return address;
  const last = { ...prefix, words: [word | ~maskOf(prefix.length)], length: 32 };
  return `${prefixText({ ...prefix, length: 32 })}-${prefixText(last)}`;
}

/** The entry of a group that is just this address, our own before others; undefined where there is none. */
const listedAs = ({ ipAddresses = [] }: IpGroup, address: string): string | undefined =>
  ipAddresses.find((text) => text === entryOf(address)) ?? ipAddresses.find((text) => isSame(text, address));

/** Whether an entry of a group, which may be an address, a network or a range, is just this address. */
function isSame(text: string, address: string): boolean {
  const [one, other] = [parsePrefix(text), parsePrefix(address)];
  return one !== undefined && other !== undefined && prefixText(one) === prefixText(other);
}

function roomIn({ ipAddresses = [] }: IpGroup, label: string): void {
  if (ipAddresses.length < MOST_ADDRESSES) return;
  throw new ActionError(
    'unsuitable',
    `The IP group ${label} lists ${ipAddresses.length} addresses, which is all that a group takes; name another that a deny rule uses`,
  );
}

const read = (client: NetworkManagementClient, { resourceGroup, name }: ArmPlace, context: ActionContext) =>
  ask({ what: `reading the IP group ${printable(name)}`, permission: READ }, context, (options) =>
    client.ipGroups.get(resourceGroup, name, options),
  );

/** The addresses to write; undefined where they are as they are to be. */
type Wanted = (group: IpGroup, address: string, label: string) => string[] | undefined;

const added: Wanted = (group, address, label) => {
  const listed = listedAs(group, address);
  if (listed === entryOf(address)) return undefined;
  if (listed !== undefined) {
    throw new ActionError('conflict', `Somebody else put ${printable(listed.slice(0, 64))} into ${label} meanwhile`);
  }
  roomIn(group, label);
  return [...(group.ipAddresses ?? []), entryOf(address)];
};

/** What others wrote in another notation stays. */
const removed: Wanted = ({ ipAddresses = [] }, address) => {
  const left = ipAddresses.filter((text) => text !== entryOf(address));
  return left.length < ipAddresses.length ? left : undefined;
};

async function write(change: Change, context: ActionContext, wanted: Wanted): Promise<void> {
  const place = armPlace(change.target.id);
  const { resourceGroup, name } = place;
  const client = await networkClient(place.subscription, context);
  const { address } = plannedState(changeState, change);
  const put = async ({ location, tags, etag }: IpGroup, ipAddresses: string[]): Promise<void> => {
    const whole: IpGroup = {
      ...(location === undefined ? {} : { location }),
      ...(tags === undefined ? {} : { tags }),
      ipAddresses,
    };
    const unchanged: Record<string, string> = etag === undefined ? {} : { 'if-match': etag };
    await askOnce(
      { what: `writing the IP group ${printable(name)}`, permission: WRITE },
      context,
      (options) => client.ipGroups.createOrUpdate(resourceGroup, name, whole, options).submitted(),
      unchanged,
    );
  };
  await inTurn(change.target.id, () =>
    merge(
      {
        name: printable(name),
        read: () => read(client, place, context),
        changing: isChanging,
        write: (group) => {
          const ipAddresses = wanted(group, address, printable(name));
          return ipAddresses === undefined ? undefined : () => put(group, ipAddresses);
        },
      },
      context,
    ),
  );
}

const isChanging = ({ provisioningState = '' }: IpGroup): boolean => /^(?:updating|deleting)$/i.test(provisioningState);

async function verify(change: Change, context: ActionContext): Promise<Verification> {
  const place = armPlace(change.target.id);
  const { address } = plannedState(changeState, change);
  const client = await networkClient(place.subscription, context);
  const group = await read(client, place, context).catch((error: unknown) => {
    if (error instanceof ActionError && error.kind === 'absent') return undefined;
    throw error;
  });
  // Taken out by somebody is the same as never put in, and what somebody else wrote in another notation is not ours.
  if (group?.ipAddresses?.includes(entryOf(address)) !== true) return { is: 'absent' };
  const name = printable(place.name);
  if (isChanging(group)) {
    return { is: 'settling', why: `the firewalls that use ${name} take it over`, again: LOOK_AGAIN };
  }
  if (group.provisioningState === 'Failed') {
    return {
      is: 'ineffective',
      why: `the service could not give ${name} to all firewalls that use it: see whether one of them is in a failed state`,
    };
  }
  return usersOf(group).length === 0 ? { is: 'ineffective', why: `no firewall uses ${name}` } : { is: 'held' };
}

/** Names of the firewalls and policies that use a group. */
const usersOf = ({ firewalls = [], firewallPolicies = [] }: IpGroup): string[] =>
  [...firewalls, ...firewallPolicies].map(({ id = '' }) => id.slice(id.lastIndexOf('/') + 1)).sort();
