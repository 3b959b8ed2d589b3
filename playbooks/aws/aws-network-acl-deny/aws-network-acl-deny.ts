import { z } from 'zod';
import { arnKey } from '../../../pipeline/timeline/entity-keys.ts';
import { parsePrefix, prefixText, type IpPrefix } from '../../../platform/ip-prefix.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Target } from '../../contract/action.ts';
import { addressParameter, awsAccountParameter, awsRegionParameter } from '../../contract/parameters.ts';
import { networkAclsOf, overlap, type AclDirection, type AclEntry, type AclPlace } from '../network-acls.ts';
import { shown } from '../shown.ts';
import { untilSeen } from '../until-seen.ts';

const HOUR = 3_600_000;
/** Entries with these numbers that deny all protocols to one network are ours; AWS gives the first entry of people number 100. */
const BAND = { first: 1, last: 99 } as const;
/**
 * How many entries there may be in one direction, the final denials included: the usual quota, and what it can be raised to.
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
const QUOTA = { usual: 20, most: 40 } as const;
const ATTEMPTS = 5;

const parameters = z.strictObject({
  account: awsAccountParameter.describe('The account that the network ACL is in.'),
  region: awsRegionParameter.describe('The region that it is in.'),
  networkAcl: z
    .string()
    .regex(/^acl-[0-9a-f]{8,17}$/, 'expected the id of a network ACL, such as acl-0123456789abcdef0')
    .describe('The id of the network ACL.'),
  address: addressParameter.describe('The address or network to deny.'),
  direction: z.enum(['inbound', 'outbound', 'both']).default('both').describe('Which way.'),
});

/** All that is needed of a change, which may be read days later by another process. */
const denial = z.object({
  account: z.string(),
  region: z.string(),
  acl: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  address: z.string(),
});
type Denial = z.infer<typeof denial>;

/** Denies a network in a network ACL. */
export const awsNetworkAclDeny = defineAction({
  name: 'aws-network-acl-deny',
  group: 'aws',
  title: 'Deny an address in a network ACL',
  description: `Adds an entry to a network ACL that denies all traffic from and to an address, for all subnets that the ACL stands before. Network ACLs keep no state, so connections that exist are cut too. The entry gets a free number from ${BAND.first} to ${BAND.last}, below whatever allows the address; these numbers are reserved for responses, and other entries there are left alone. An ACL has ${QUOTA.usual} entries in each direction unless AWS raised that, so few addresses fit: deny at a web ACL (aws-waf-ip-set-add) what comes through a load balancer. Behind one, the ACL sees the address of the load balancer only.`,
  parameters,
  permissions: {
    aws: [
      { actions: ['ec2:DescribeNetworkAcls'], resources: ['*'] },
      {
        actions: ['ec2:CreateNetworkAclEntry', 'ec2:DeleteNetworkAclEntry'],
        resources: ['arn:aws:ec2:*:*:network-acl/*'],
      },
    ],
    notes: ['Also allows to open network ACLs: keep the resources to those that responses may touch.'],
  },
  reversibility: 'reversible',
  lease: { usual: 4 * HOUR, longest: 7 * 24 * HOUR },
  from: ({ addresses }) => addresses.map((address) => ({ address })),
  blocks: ({ address }) => [address],
  operations: ['CreateNetworkAclEntry', 'DeleteNetworkAclEntry'],
  plan,
  execute,
  verify: async (change, context) => {
    const wanted = denialIn(change);
    const { entries } = await (await networkAclsOf(context, wanted)).read(wanted.acl);
    const [ours] = oursIn(entries, wanted);
    if (ours === undefined) return { is: 'absent' };
    const before = firstAllow(entries, wanted);
    if (before === undefined || before > ours.number) return { is: 'held', note: `by entry ${ours.number}` };
    return { is: 'ineffective', why: `entry ${before} allows it before entry ${ours.number} denies it` };
  },
  undo: async (change, context) => {
    const wanted = denialIn(change);
    const acls = await networkAclsOf(context, wanted);
    const { entries } = await acls.read(wanted.acl);
    for (const { number, direction } of oursIn(entries, wanted)) await acls.remove(wanted.acl, number, direction);
    await untilSeen(context, async () => oursIn((await acls.read(wanted.acl)).entries, wanted).length === 0);
  },
});

async function plan(
  { account, region, networkAcl: acl, address, direction }: z.infer<typeof parameters>,
  context: ActionContext,
): Promise<Plan> {
  const place = { account, region, acl };
  const { entries, subnets } = await (await networkAclsOf(context, place)).read(acl);
  const target = targetOf(place);
  const directions: readonly AclDirection[] = direction === 'both' ? ['inbound', 'outbound'] : [direction];
  const full: string[] = [];
  for (const way of directions) {
    const wanted = { ...place, direction: way, address };
    if (oursIn(entries, wanted).length > 0) continue;
    freeNumber(entries, wanted);
    const count = entries.filter((entry) => entry.direction === way).length;
    if (count >= QUOTA.most) {
      throw new ActionError(
        'unsuitable',
        `${acl} has ${count} ${way} entries, and no more than ${QUOTA.most} are possible: remove some, or deny the address at a web ACL with aws-waf-ip-set-add`,
      );
    }
    if (count >= QUOTA.usual)
      full.push(
        `${acl} has ${count} ${way} entries already: unless AWS raised the quota of ${QUOTA.usual}, it takes no more`,
      );
  }
  return {
    target,
    changes: directions.map((way) => changeOf({ ...place, direction: way, address }, target)),
    affects: [
      `All in the ${subnets.length} subnets behind ${acl} that talks with ${address}: ${shown(subnets.join(', ')) || 'none'}`,
      'Connections that exist are cut: network ACLs keep no state',
      ...full,
    ],
    residual: [{ what: 'What comes through a load balancer, whose own address is what the ACL sees' }],
    subjects: [
      { kind: 'address', value: address },
      { kind: 'resource', key: arnKey(target.id), label: target.label },
    ],
  };
}

async function execute(change: Change, context: ActionContext): Promise<void> {
  const wanted = denialIn(change);
  const acls = await networkAclsOf(context, wanted);
  for (let attempt = 1; ; attempt++) {
    const { entries } = await acls.read(wanted.acl);
    if (oursIn(entries, wanted).length > 0) return;
    try {
      await acls.deny(wanted.acl, freeNumber(entries, wanted), wanted.direction, wanted.address);
      await untilSeen(context, async () => oursIn((await acls.read(wanted.acl)).entries, wanted).length > 0);
      return;
    } catch (error) {
      // Somebody took the number meanwhile, or we did and were not told.
      if (!(error instanceof ActionError) || error.kind !== 'conflict' || attempt >= ATTEMPTS) throw error;
      await context.clock.wait(1_000);
    }
  }
}

/** Its number is chosen when it is made, for other responses may take one between now and then. */
function changeOf(wanted: Denial, target: Target): Change {
  const { acl, direction, address } = wanted;
  const way = direction === 'inbound' ? 'from' : 'to';
  return {
    id: direction,
    holds: `aws-network-acl-deny|${target.id}|${direction}|${address}`,
    summary: `Deny all traffic ${way} ${address} in ${acl}, by an entry numbered ${BAND.first} to ${BAND.last}`,
    target,
    before: null,
    after: { ...wanted, action: 'deny', protocol: 'all', numbers: [BAND.first, BAND.last] },
    undo: `Delete the ${direction} entry of ${acl} that denies ${address}`,
  };
}

/** Entries as this action makes them. */
const oursIn = (entries: readonly AclEntry[], { direction, address }: Denial): readonly AclEntry[] =>
  entries.filter(
    (entry) =>
      entry.number >= BAND.first &&
      entry.number <= BAND.last &&
      entry.direction === direction &&
      entry.action === 'deny' &&
      entry.protocol === '-1' &&
      entry.prefix !== undefined &&
      prefixText(entry.prefix) === prefixText(prefixOf(address)),
  );

/** The lowest number of an entry that allows some of the network. */
function firstAllow(entries: readonly AclEntry[], { direction, address }: Denial): number | undefined {
  const network = prefixOf(address);
  const allows = entries.filter(
    (entry) =>
      entry.direction === direction &&
      entry.action === 'allow' &&
      (entry.prefix === undefined || overlap(entry.prefix, network)),
  );
  return allows.length === 0 ? undefined : Math.min(...allows.map(({ number }) => number));
}

/** @throws ActionError of kind `unsuitable` where no number is left that comes before what allows the network */
function freeNumber(entries: readonly AclEntry[], wanted: Denial): number {
  const taken = new Set(entries.filter(({ direction }) => direction === wanted.direction).map(({ number }) => number));
  const before = Math.min(firstAllow(entries, wanted) ?? Infinity, BAND.last + 1);
  for (let number: number = BAND.first; number < before; number++) if (!taken.has(number)) return number;
  throw new ActionError(
    'unsuitable',
    `${wanted.acl} has no free ${wanted.direction} number from ${BAND.first} to ${BAND.last} before the entries that allow ${wanted.address}: give those that allow numbers of 100 and more`,
  );
}

function prefixOf(address: string): IpPrefix {
  const prefix = parsePrefix(address);
  if (prefix === undefined) throw new ActionError('failed', 'the change names no network');
  return prefix;
}

function targetOf({ account, region, acl }: AclPlace): Target {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const id = `arn:${partition}:ec2:${region}:${account}:network-acl/${acl}`;
  return { kind: 'network ACL', id, label: `${acl} (${account}, ${region})` };
}

function denialIn({ after }: Change): Denial {
  const read = denial.safeParse(after);
  if (read.success) return read.data;
  throw new ActionError('failed', 'the change is not one of a network ACL');
}
