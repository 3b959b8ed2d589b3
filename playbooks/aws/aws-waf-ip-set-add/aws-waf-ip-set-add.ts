import { z } from 'zod';
import { arnKey } from '../../../pipeline/timeline/entity-keys.ts';
import { parsePrefix, prefixText } from '../../../platform/ip-prefix.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan } from '../../contract/action.ts';
import { addressParameter } from '../../contract/parameters.ts';
import { IP_SET_ARN, ipSetName, ipSetsOf, type IpSet, type IpSetName } from '../ip-sets.ts';
import { shown } from '../shown.ts';

const HOUR = 3_600_000;
/** https://docs.aws.amazon.com/waf/latest/developerguide/limits.html */
const MOST_ADDRESSES = 10_000;
const ATTEMPTS = 6;

const parameters = z.strictObject({
  ipSet: z
    .string()
    .max(512)
    .regex(IP_SET_ARN, 'expected the ARN of an IP set of AWS WAF')
    .describe('The ARN of the IP set.'),
  address: addressParameter.describe('The address or network to add.'),
});

/** Adds a network to an IP set of AWS WAF. */
export const awsWafIpSetAdd = defineAction({
  name: 'aws-waf-ip-set-add',
  group: 'aws',
  title: 'Add an address to an IP set of AWS WAF',
  description: `Adds an address to an IP set, which the rules of web ACLs block by: requests from it are refused within about a minute, whatever connection they come on. The set must be used, and only by rules that block: an address put into a set by which something is allowed would be let in. Web ACLs of CloudFront have IP sets of their own, in us-east-1. A set holds addresses of one version, at most ${MOST_ADDRESSES.toLocaleString('en')}. Only web requests through a protected load balancer, API or distribution are looked at.`,
  parameters,
  permissions: {
    aws: [
      {
        actions: ['wafv2:GetIPSet', 'wafv2:UpdateIPSet'],
        resources: ['arn:aws:wafv2:*:*:*/ipset/*/*'],
      },
      { actions: ['wafv2:GetWebACL'], resources: ['arn:aws:wafv2:*:*:*/webacl/*/*'] },
      { actions: ['wafv2:GetRuleGroup'], resources: ['arn:aws:wafv2:*:*:*/rulegroup/*/*'] },
      { actions: ['wafv2:ListWebACLs', 'wafv2:ListRuleGroups'], resources: ['*'] },
    ],
    notes: ['Also allows to change IP sets by which something is allowed: keep the resources to those that block.'],
  },
  reversibility: 'reversible',
  lease: { usual: 4 * HOUR, longest: 7 * 24 * HOUR },
  from: ({ addresses }) => addresses.map((address) => ({ address })),
  blocks: ({ address }) => [address],
  operations: ['UpdateIPSet'],
  plan,
  execute: (change, context) =>
    merge(change, context, (set, address) => (has(set, address) ? undefined : [...set.addresses, address])),
  verify: async (change, context) => {
    const { name, address } = wantedIn(change);
    return { is: has(await (await ipSetsOf(context, name)).read(name), address) ? 'held' : 'absent' };
  },
  undo: (change, context) =>
    merge(change, context, (set, address, wasListed) =>
      has(set, address) && !wasListed
        ? set.addresses.filter((listed) => canonical(listed) !== canonical(address))
        : undefined,
    ),
});

async function plan({ ipSet, address }: z.infer<typeof parameters>, context: ActionContext): Promise<Plan> {
  const name = ipSetName(ipSet);
  const sets = await ipSetsOf(context, name);
  const set = await sets.read(name);
  const version = address.includes(':') ? 6 : 4;
  if (set.version !== version) {
    throw new ActionError(
      'unsuitable',
      `the IP set ${name.name} holds IPv${set.version}, and ${address} is IPv${version}: give a set of that version`,
    );
  }
  const uses = await sets.uses(name);
  const other = uses.find(({ blocks }) => !blocks);
  if (other !== undefined) {
    throw new ActionError(
      'unsuitable',
      `the IP set ${name.name} is used by ${shown(other.where)}, which does not block what is in it: give a set that is used for nothing but blocking`,
    );
  }
  if (uses.length === 0) {
    throw new ActionError(
      'unsuitable',
      `no rule blocks by the IP set ${name.name}: add one that does to the web ACL, or give a set that is used`,
    );
  }
  const isListed = has(set, address);
  if (!isListed) refuseWhereFull(name, set);
  const target = { kind: 'IP set', id: ipSet, label: `${name.name} (${name.account}, ${name.region})` };
  return {
    target,
    changes: [
      {
        id: 'address',
        holds: `aws-waf-ip-set-add|${ipSet}|${address}`,
        summary: isListed
          ? `Leave ${address} in the IP set ${target.label}, where it is already`
          : `Add ${address} to the IP set ${target.label}`,
        target,
        before: { address, listed: isListed },
        after: { address, listed: true },
        // Whoever put it there wants it there.
        undo: isListed ? undefined : `Remove ${address} from ${name.name}`,
      },
    ],
    affects: uses.map(({ where }) => `Web requests from ${address} that ${shown(where)} sees`),
    residual: [
      { what: 'Requests of the next minute, until the change is everywhere', lasts: 60_000 },
      { what: 'All traffic that does not pass one of these web ACLs' },
    ],
    subjects: [
      { kind: 'address', value: address },
      { kind: 'resource', key: arnKey(ipSet), label: target.label },
    ],
  };
}

/** Changes the set as it stands, anew where somebody else changed it at the same time. @param change gives the addresses as they are to be; undefined where they are so */
async function merge(
  of: Change,
  context: ActionContext,
  change: (set: IpSet, address: string, wasListed: boolean) => readonly string[] | undefined,
): Promise<void> {
  const { name, address, wasListed } = wantedIn(of);
  const sets = await ipSetsOf(context, name);
  for (let attempt = 1; ; attempt++) {
    const set = await sets.read(name);
    const addresses = change(set, address, wasListed);
    if (addresses === undefined) return;
    if (addresses.length > set.addresses.length) refuseWhereFull(name, set);
    try {
      await sets.write(name, { ...set, addresses });
      return;
    } catch (error) {
      if (!(error instanceof ActionError) || error.kind !== 'conflict' || attempt >= ATTEMPTS) throw error;
      await context.clock.wait(250 * attempt);
    }
  }
}

function refuseWhereFull({ name }: IpSetName, { addresses }: IpSet): void {
  if (addresses.length < MOST_ADDRESSES) return;
  throw new ActionError(
    'unsuitable',
    `the IP set ${name} holds ${addresses.length} addresses and takes no more: remove some, or give another`,
  );
}

const has = ({ addresses }: IpSet, address: string): boolean => {
  const wanted = canonical(address);
  return addresses.some((listed) => canonical(listed) === wanted);
};

function canonical(text: string): string {
  const prefix = parsePrefix(text);
  return prefix === undefined ? text : prefixText(prefix);
}

/** All that is needed of a change, which may be read days later by another process. */
const listing = z.object({ address: z.string(), listed: z.boolean() });

function wantedIn({ target, before }: Change) {
  const read = listing.safeParse(before);
  if (!read.success) throw new ActionError('failed', 'the change is not one of an IP set');
  return { name: ipSetName(target.id), address: read.data.address, wasListed: read.data.listed };
}
