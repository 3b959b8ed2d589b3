import type { NetworkManagementClient, NetworkSecurityGroup, SecurityRule } from '@azure/arm-network';
import { z } from 'zod';
import { armKey } from '../../../pipeline/timeline/entity-keys.ts';
import { ActionError } from '../../contract/action-error.ts';
import {
  defineAction,
  type ActionContext,
  type Change,
  type Plan,
  type Residual,
  type Target,
  type Verification,
} from '../../contract/action.ts';
import { addressParameter, armIdParameter } from '../../contract/parameters.ts';
import { plannedState } from '../../contract/planned-state.ts';
import { merge } from '../merge.ts';
import { armPlace, ask, askOnce, inTurn, networkClient, type ArmPlace } from '../network-client.ts';
import {
  editedPart,
  nameOf,
  refuseForeign,
  rulesThatList,
  ruleStem,
  ruleWith,
  ruleWithout,
  type Denial,
} from './deny-rules.ts';
import { effect } from './effective-rules.ts';
import { outweighing, outweighingText } from './outweighing.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_NAMED = 5;
const LOOK_AGAIN = 500;
const READ = 'Microsoft.Network/networkSecurityGroups/read';
const WRITE = 'Microsoft.Network/networkSecurityGroups/securityRules/write';
const DELETE = 'Microsoft.Network/networkSecurityGroups/securityRules/delete';

const parameters = z.strictObject({
  networkSecurityGroup: armIdParameter('Microsoft.Network/networkSecurityGroups')
    .transform((id) => id.toLowerCase())
    .describe('The network security group in which it is denied: its resource id'),
  address: addressParameter.describe('The address or network that is denied, IPv4 or IPv6'),
  direction: z
    .enum(['inbound', 'outbound', 'both'])
    .default('both')
    .describe('Connections from the address, to it, or both'),
});

/** What a change of this action holds, as it is kept in the plan. */
const changeState = z.object({ direction: z.enum(['Inbound', 'Outbound']), address: z.string() });

export const nsgDeny = defineAction({
  name: 'nsg-deny',
  group: 'azure',
  title: 'Deny an address in a network security group',
  description:
    'Adds an address to a deny rule of its own in a network security group, for all protocols and ports. All addresses that are denied stand in one rule for each direction and ' +
    'family (crosstrail-deny-in-ipv4-00 and so on), at the first free priority from 100 to 149. Only this rule is written, never the group, and no rule of anybody else. ' +
    'What becomes of it is looked at in the effective rules of a network interface, where a running virtual machine has one. Connections that are open already stay open, unless ' +
    'the group has flushConnection on. Where somebody takes the address out of the rule or edits the rule, that is found and told, and an edited rule is not undone without a person.',
  parameters,
  permissions: {
    azure: [
      READ,
      WRITE,
      DELETE,
      'Microsoft.Network/virtualNetworks/subnets/read',
      'Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action',
      'Microsoft.Network/locations/operations/read',
      'Microsoft.Network/locations/operationResults/read',
    ],
    notes: [
      'Whoever may write rules of a group may also open it: give it on the groups that are meant, not on the subscription.',
      'Reading subnets and effective rules only proves the effect, and is needed where the subnets and network interfaces lie; reading operations, on their subscription. Without these the rules themselves are believed.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: DAY, longest: 30 * DAY },
  from: ({ addresses }) => addresses.map((address) => ({ address })),
  blocks: ({ address }) => [address],
  operations: [
    'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE',
    'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/DELETE',
  ],
  plan,
  execute: (change, context) => write(change, context, added),
  verify,
  undo: (change, context) =>
    write(change, context, removed).catch((error: unknown) => {
      // Where the group is gone, so is the denial.
      if (!(error instanceof ActionError) || error.kind !== 'absent') throw error;
    }),
});

async function plan(
  { networkSecurityGroup, address, direction }: z.infer<typeof parameters>,
  context: ActionContext,
): Promise<Plan> {
  const place = armPlace(networkSecurityGroup);
  const group = await read(await networkClient(place.subscription, context), place, context);
  const label = nameOf(place);
  const target: Target = { kind: 'network security group', id: networkSecurityGroup, label };
  const reach = reachOf(group);
  if (reach === undefined) {
    throw new ActionError(
      'unsuitable',
      `${label} is on no subnet and no network interface, so denying there keeps nobody out; name the group that is`,
    );
  }
  const denials = DIRECTIONS[direction].map((way): Denial => ({ direction: way, address }));
  return {
    target,
    changes: denials.map((denial) => changeOf(denial, target)),
    affects: [
      `All traffic between ${address} and ${reach}, in ${DIRECTIONS[direction].join(' and ').toLowerCase()} connections`,
      ...(group.flushConnection === true ? [FLUSHED] : []),
      ...denials.flatMap((denial) => circumstances(group, denial)),
    ],
    residual: residualOf(group, denials),
    subjects: [
      { kind: 'address', value: address },
      { kind: 'resource', key: armKey(networkSecurityGroup), label },
    ],
  };
}

const DIRECTIONS = {
  inbound: ['Inbound'],
  outbound: ['Outbound'],
  both: ['Inbound', 'Outbound'],
} as const satisfies Readonly<Record<string, readonly Denial['direction'][]>>;

const FLUSHED =
  'flushConnection of the group is on: open connections of all that it is on are weighed anew when its rules change';

/** Only what matters to this address: others that come and go in the same rule change nothing of it. */
function changeOf({ direction, address }: Denial, target: Target): Change {
  const way = direction === 'Inbound' ? 'inbound' : 'outbound';
  const stem = ruleStem({ direction, address });
  const state = { direction, address, rule: `${stem}-*`, access: 'Deny', protocol: '*', ports: '*' };
  return {
    id: way,
    holds: `nsg-deny|${target.id}|${way} ${address}`,
    summary: `Deny ${address} ${way} by a rule ${stem}-* of ${target.label}`,
    target,
    before: { ...state, listed: false },
    after: { ...state, listed: true },
    undo: `Take ${address} out of the rule, and the rule out of ${target.label} where it lists no other address`,
  };
}

/** What else is to be known of one direction. @throws ActionError of kind `unsuitable` where the denial has no place, or would have no effect at all */
function circumstances(group: NetworkSecurityGroup, denial: Denial): string[] {
  refuseForeign(group, denial);
  const [listing] = rulesThatList(group, denial);
  const { name, priority = 0 } = listing ?? ruleWith(group, denial);
  const above = outweighing(group.securityRules ?? [], denial, priority);
  const whole = above.find(({ how }) => how === 'whole');
  if (whole !== undefined) {
    throw new ActionError(
      'unsuitable',
      `The rule ${outweighingText(whole)} of ${nameOf(group)} comes before and allows all ${denial.direction.toLowerCase()} traffic of ${denial.address}; give it a priority above 149`,
    );
  }
  return [
    ...(listing === undefined ? [] : [`${denial.address} is denied by ${nameOf({ name })} already`]),
    ...above.map((one) =>
      one.how === 'perhaps'
        ? `The rule ${outweighingText(one)} comes before and may allow ${denial.address}, by a service tag or application security group`
        : `The rule ${outweighingText(one)} comes before and still allows what it names; give it a priority above 149 to deny that too`,
    ),
  ];
}

function residualOf(group: NetworkSecurityGroup, denials: readonly Denial[]): Residual[] {
  const open =
    'Connections that are open already stay open until they end: flushConnection of the group is off. Restart what must be cut at once';
  const proxied =
    'Whoever comes through an application gateway, Front Door or another proxy: the group sees the address of the proxy. Block there, in its firewall';
  const admin =
    'Whatever a security admin rule of Azure Virtual Network Manager always allows: it comes before the group';
  return [
    ...(group.flushConnection === true ? [] : [open]),
    ...(denials.some(({ direction }) => direction === 'Inbound') ? [proxied] : []),
    admin,
  ].map((what) => ({ what }));
}

/** Subnets and network interfaces that the group is on, for people; undefined where there are none. */
function reachOf({ subnets = [], networkInterfaces = [] }: NetworkSecurityGroup): string | undefined {
  const named = (kind: string, ids: readonly (string | undefined)[]): string[] =>
    ids.map((id) => `${kind} ${nameOf({ name: id?.slice(id.lastIndexOf('/') + 1) })}`).sort();
  const all = [
    ...named(
      'subnet',
      subnets.map(({ id }) => id),
    ),
    ...named(
      'network interface',
      networkInterfaces.map(({ id }) => id),
    ),
  ];
  if (all.length === 0) return undefined;
  const more = all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : '';
  return `${all.slice(0, MOST_NAMED).join(', ')}${more}`;
}

const denialOf = (change: Change): Denial => plannedState(changeState, change);

const read = (client: NetworkManagementClient, { resourceGroup, name }: ArmPlace, context: ActionContext) =>
  ask({ what: `reading the network security group ${nameOf({ name })}`, permission: READ }, context, (options) =>
    client.networkSecurityGroups.get(resourceGroup, name, options),
  );

/** One write of one rule; undefined where the group is as it is to be. */
type RuleWrite = { readonly put: SecurityRule } | { readonly remove: SecurityRule } | undefined;

function added(group: NetworkSecurityGroup, denial: Denial): RuleWrite {
  return rulesThatList(group, denial).length > 0 ? undefined : { put: ruleWith(group, denial) };
}

function removed(group: NetworkSecurityGroup, denial: Denial): RuleWrite {
  const [rule] = rulesThatList(group, denial);
  if (rule === undefined) return undefined;
  const left = ruleWithout(rule, denial);
  return left === undefined ? { remove: rule } : { put: left };
}

async function write(
  change: Change,
  context: ActionContext,
  wanted: (group: NetworkSecurityGroup, denial: Denial) => RuleWrite,
): Promise<void> {
  const place = armPlace(change.target.id);
  const client = await networkClient(place.subscription, context);
  const denial = denialOf(change);
  await inTurn(change.target.id, () =>
    merge(
      {
        name: nameOf(place),
        read: () => read(client, place, context),
        changing: isChanging,
        write: (group) => {
          const next = wanted(group, denial);
          return next === undefined ? undefined : () => writeRule(client, place, next, context);
        },
      },
      context,
    ),
  );
}

const isChanging = ({ provisioningState = '' }: NetworkSecurityGroup): boolean =>
  /^(?:updating|deleting)$/i.test(provisioningState);

/**
 * Writes one rule by itself, only where it still is as it was read. That the service took it is enough: it is done when reading shows it, which needs no permission on
 * the operations of the subscription.
 */
async function writeRule(
  client: NetworkManagementClient,
  { resourceGroup, name }: ArmPlace,
  next: NonNullable<RuleWrite>,
  context: ActionContext,
): Promise<void> {
  const rule = 'put' in next ? next.put : next.remove;
  const { name: ruleName = '', etag } = rule;
  const unchanged: Record<string, string> = etag === undefined ? { 'if-none-match': '*' } : { 'if-match': etag };
  const [what, permission] = 'put' in next ? ['writing', WRITE] : ['deleting', DELETE];
  const asked = { what: `${what} the rule ${nameOf(rule)} of ${nameOf({ name })}`, permission };
  await askOnce(
    asked,
    context,
    (options) =>
      'put' in next
        ? client.securityRules.createOrUpdate(resourceGroup, name, ruleName, next.put, options).submitted()
        : client.securityRules.delete(resourceGroup, name, ruleName, options).submitted(),
    unchanged,
  );
}

async function verify(change: Change, context: ActionContext): Promise<Verification> {
  const place = armPlace(change.target.id);
  const client = await networkClient(place.subscription, context);
  const denial = denialOf(change);
  const group = await read(client, place, context).catch((error: unknown) => {
    if (error instanceof ActionError && error.kind === 'absent') return undefined;
    throw error;
  });
  if (group === undefined) return { is: 'absent' };
  const listing = rulesThatList(group, denial);
  for (const rule of listing) {
    const edited = editedPart(rule, denial.direction);
    if (edited !== undefined)
      return { is: 'changed', why: `somebody changed the ${edited} of the rule ${nameOf(rule)}` };
  }
  const [rule] = listing;
  // Taken out by somebody is the same as never put in.
  if (rule === undefined) return { is: 'absent' };
  if (isChanging(group)) return { is: 'settling', why: `${nameOf(place)} is being changed`, again: LOOK_AGAIN };
  if (rule.provisioningState === 'Failed')
    return { is: 'ineffective', why: `the service could not apply ${nameOf(rule)}` };
  const [first] = outweighing(group.securityRules ?? [], denial, rule.priority ?? 0).filter(
    ({ how }) => how !== 'perhaps',
  );
  if (first !== undefined) {
    return { is: 'ineffective', why: `the rule ${outweighingText(first)} comes before and allows it` };
  }
  if (reachOf(group) === undefined) {
    return { is: 'ineffective', why: `${nameOf(place)} is on no subnet and no network interface` };
  }
  return effect(client, group, denial, context);
}
