import type {
  EffectiveNetworkSecurityGroup,
  EffectiveNetworkSecurityRule,
  NetworkManagementClient,
  NetworkSecurityGroup,
} from '@azure/arm-network';
import { ActionError } from '../../contract/action-error.ts';
import type { ActionContext, Verification } from '../../contract/action.ts';
import { armPlace, ask, askOnce, type Asked } from '../network-client.ts';
import { nameOf, ruleStem, type Denial } from './deny-rules.ts';
import { coverage, outweighing, outweighingText } from './outweighing.ts';

/** Interfaces that are asked, at most; each takes seconds. */
const MOST_INTERFACES = 3;
const MOST_SUBNETS = 3;
const FIRST_POLL = 200;
const LONGEST_POLL = 4000;
const LONGEST_OPERATION = 45_000;
const LOOK_AGAIN = 5000;

const NOT_SEEN = 'the rules of the group say so; no running virtual machine told what is in effect';

/**
 * Whether a denial is in effect, as a network interface of a running virtual machine has it: only there tags are expanded, and rules of a network manager seen. Where
 * none tells, the rules themselves must do.
 * @throws ActionError where the service is away
 */
export async function effect(
  client: NetworkManagementClient,
  group: NetworkSecurityGroup,
  denial: Denial,
  context: ActionContext,
): Promise<Verification> {
  try {
    for (const networkInterface of await interfacesOf(client, group, context)) {
      const groups = await effectiveGroups(client, networkInterface, context);
      if (groups === 'late')
        return { is: 'settling', why: 'the service still works out what is in effect', again: LOOK_AGAIN };
      if (groups !== undefined) return effectOn(groups, group, denial);
    }
  } catch (error) {
    if (!(error instanceof ActionError) || error.kind !== 'forbidden') throw error;
    return {
      is: 'held',
      note: `the rules of the group say so; what is in effect could not be looked at: ${error.message}`,
    };
  }
  return { is: 'held', note: NOT_SEEN };
}

/** ARM ids of network interfaces that the group is on, itself or by their subnet; a few. */
async function interfacesOf(
  client: NetworkManagementClient,
  group: NetworkSecurityGroup,
  context: ActionContext,
): Promise<string[]> {
  const found = new Set(idsOf(group.networkInterfaces));
  for (const id of idsOf(group.subnets).slice(0, MOST_SUBNETS)) {
    if (found.size >= MOST_INTERFACES) break;
    const [, , , , resourceGroup = '', , , , network = '', , subnet = ''] = id.split('/');
    const asked = {
      what: `reading the subnet ${nameOf({ name: subnet })}`,
      permission: 'Microsoft.Network/virtualNetworks/subnets/read',
    };
    const read = await absentAsNone(
      ask(asked, context, (options) => client.subnets.get(resourceGroup, network, subnet, options)),
    );
    for (const configuration of idsOf(read?.ipConfigurations)) {
      const of = /^(.+\/networkInterfaces\/[^/]+)\/ipConfigurations\/[^/]+$/i.exec(configuration)?.[1];
      // Those of scale sets are no resources of their own.
      if (of !== undefined && !/\/virtualMachineScaleSets\//i.test(of)) found.add(of);
    }
  }
  return [...found].slice(0, MOST_INTERFACES);
}

const idsOf = (things: readonly { readonly id?: string }[] = []): string[] =>
  things.flatMap(({ id }) => id ?? []).sort();

/** @returns undefined where the interface tells nothing, for its virtual machine does not run; `late` where the service takes too long */
async function effectiveGroups(
  client: NetworkManagementClient,
  id: string,
  context: ActionContext,
): Promise<readonly EffectiveNetworkSecurityGroup[] | 'late' | undefined> {
  const { resourceGroup, name } = armPlace(id);
  const asked: Asked = {
    what: `looking at the effective rules of ${nameOf({ name })}`,
    permission:
      'Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action, and Microsoft.Network/locations/operations/read and Microsoft.Network/locations/operationResults/read on the subscription',
  };
  return absentAsNone(
    ask(asked, context, async ({ requestOptions }) => {
      const poller = client.networkInterfaces.listEffectiveNetworkSecurityGroups(resourceGroup, name, {
        requestOptions,
      });
      await poller.submitted();
      const end = Math.min(context.clock.now() + LONGEST_OPERATION, context.deadline);
      const done = async (): Promise<boolean> => {
        await askOnce(asked, context, (one) => poller.poll(one));
        return poller.isDone;
      };
      for (let wait = FIRST_POLL; !(await done()); wait = Math.min(wait * 2, LONGEST_POLL)) {
        if (context.clock.now() + wait >= end) return 'late';
        await context.clock.wait(wait);
      }
      return poller.result?.value;
    }),
  );
}

/** What is not there, or cannot be asked, tells nothing. */
async function absentAsNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ActionError && (error.kind === 'absent' || error.kind === 'failed')) return undefined;
    throw error;
  }
}

function effectOn(
  groups: readonly EffectiveNetworkSecurityGroup[],
  group: NetworkSecurityGroup,
  denial: Denial,
): Verification {
  const always = groups
    .filter(({ association }) => association?.networkManager !== undefined)
    .flatMap(({ effectiveSecurityRules = [] }) => effectiveSecurityRules)
    .filter(({ access }) => /^always/i.test(access ?? ''))
    .map((rule) => ({ ...securityRule(rule), access: 'Allow' }));
  const [above] = outweighing(always, denial, Infinity).filter(({ how }) => how !== 'perhaps');
  if (above !== undefined) {
    return {
      is: 'ineffective',
      why: `the security admin rule ${outweighingText(above)} of a network manager always allows it`,
    };
  }
  const rules = groups
    .filter(({ networkSecurityGroup }) => networkSecurityGroup?.id?.toLowerCase() === group.id?.toLowerCase())
    .flatMap(({ effectiveSecurityRules = [] }) => effectiveSecurityRules)
    .map((rule) => securityRule(rule));
  const ours = rules.find(
    (rule) =>
      rule.access === 'Deny' &&
      rule.name.toLowerCase().startsWith(ruleStem(denial)) &&
      coverage(rule, denial) === 'whole',
  );
  if (ours === undefined) return { is: 'settling', why: 'the rule is not in effect yet', again: LOOK_AGAIN };
  const [first] = outweighing(rules, denial, ours.priority ?? 0).filter(({ how }) => how !== 'perhaps');
  return first === undefined
    ? { is: 'held' }
    : { is: 'ineffective', why: `the rule ${outweighingText(first)} comes before and allows it` };
}

/** An effective rule as the others are read: what its tags stand for in place of them. */
function securityRule(rule: EffectiveNetworkSecurityRule) {
  const side = (expanded: string[] | undefined, several: string[] | undefined, one: string | undefined): string[] => {
    const all =
      (expanded?.length ?? 0) > 0 ? expanded : (several?.length ?? 0) > 0 ? several : one === undefined ? [] : [one];
    return all ?? [];
  };
  return {
    // They come with their folder: `securityRules/allow-https`.
    name: rule.name?.replace(/^securityRules\//i, '') ?? '',
    access: rule.access,
    direction: rule.direction,
    priority: rule.priority,
    protocol: rule.protocol,
    sourcePortRange: rule.sourcePortRange,
    destinationPortRange: rule.destinationPortRange,
    sourceAddressPrefixes: side(rule.expandedSourceAddressPrefix, rule.sourceAddressPrefixes, rule.sourceAddressPrefix),
    destinationAddressPrefixes: side(
      rule.expandedDestinationAddressPrefix,
      rule.destinationAddressPrefixes,
      rule.destinationAddressPrefix,
    ),
  };
}
