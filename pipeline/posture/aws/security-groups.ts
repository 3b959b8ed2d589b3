import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';
import { textsOf } from '../values.ts';
import { listed, regional, type AwsCall, type AwsCalls } from './call.ts';

/** Ports by which machines are administered or data is read. */
const PORTS: readonly number[] = [
  22, 23, 135, 139, 445, 1433, 1521, 2375, 2379, 3306, 3389, 5432, 5900, 5985, 5986, 6379, 6443, 9200, 10250, 11211,
  27017,
];

/** Every address, or one of the two halves of all. */
const EVERYBODY = /\/[01]$/;

/** Protocols that have such ports, by name and number; -1 is all protocols, with all ports. */
const PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['tcp', 'tcp'],
  ['6', 'tcp'],
  ['udp', 'udp'],
  ['17', 'udp'],
]);
const ALL = '-1';

const OPENED = 'lets every address in';
const CLOSED = 'no longer lets every address in';

/** One rule for one range of addresses, in whichever way it is written. */
interface Rule {
  /** `sgr-…`, where the record has it. */
  readonly id: string | undefined;
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
  readonly addresses: string;
}

/** @param names of the addresses in it; the newer calls begin them with a capital */
function rulesIn(written: Json, addressesOf: (rule: JsonObject) => readonly string[]): readonly Rule[] {
  const rule = objectOf(written);
  if (rule === undefined) return [];
  const [protocol = ALL] = textsOf(rule['ipProtocol'] ?? rule['IpProtocol']);
  const named = PROTOCOLS.get(protocol) ?? protocol;
  const [from = '-1'] = textsOf(rule['fromPort'] ?? rule['FromPort']);
  const [to = from] = textsOf(rule['toPort'] ?? rule['ToPort']);
  const every = named === ALL || Number(from) === -1;
  const ports = { first: every ? -1 : Number(from), last: every ? -1 : Number(to) };
  const id = textOf(rule['securityGroupRuleId']);
  return addressesOf(rule).map((addresses) => ({ id, protocol: named, ...ports, addresses }));
}

const ofRule = (rule: JsonObject): readonly string[] =>
  ['cidrIpv4', 'cidrIpv6', 'cidrIp', 'CidrIpv4', 'CidrIpv6'].flatMap((name) => textsOf(rule[name]));

const ofPermission = (permission: JsonObject): readonly string[] => [
  ...listed(permission['ipRanges']).flatMap((range) => textsOf(objectOf(range)?.['cidrIp'])),
  ...listed(permission['ipv6Ranges']).flatMap((range) => textsOf(objectOf(range)?.['cidrIpv6'])),
];

/** Whether a rule lets everybody in to one of the ports above. */
function opens({ protocol, first, last, addresses }: Rule): boolean {
  if (!EVERYBODY.test(addresses)) return false;
  if (protocol === ALL) return true;
  const all = first === -1;
  return (protocol === 'tcp' || protocol === 'udp') && (all || PORTS.some((port) => first <= port && port <= last));
}

/** The rules that were made or revoked, as the answer has them; where it names none, as they were asked for. */
function rulesOf({ request, response }: AwsCall, answered: string): readonly Rule[] {
  const rules = listed(response[answered]).flatMap((rule) => rulesIn(rule, ofRule));
  if (rules.length > 0) return rules;
  const permissions = listed(request['ipPermissions']).flatMap((permission) => rulesIn(permission, ofPermission));
  return [...permissions, ...rulesIn(request, ofRule)];
}

const groupOf = (call: AwsCall, id: Json | undefined): Place | undefined => {
  const group = textOf(id) ?? textOf(call.request['groupName']);
  return group === undefined
    ? undefined
    : { condition: 'network-open', resource: regional(call, 'ec2', `security-group/${group}`) };
};

/** A rule goes by what it says, for it may be revoked so, and by the id that it was given. */
const placeOf = (group: Place, { id, protocol, first, last, addresses }: Rule): Place => ({
  ...group,
  part: `${protocol} ${first}-${last} ${addresses}`,
  ...(id !== undefined && { also: id }),
});

function authorized(call: AwsCall): readonly PostureChange[] {
  const group = groupOf(call, call.request['groupId']);
  if (group === undefined) return [];
  return rulesOf(call, 'securityGroupRuleSet')
    .filter(opens)
    .map((rule) => weakens(placeOf(group, rule), OPENED));
}

function revoked(call: AwsCall): readonly PostureChange[] {
  const group = groupOf(call, call.request['groupId']);
  // In a default VPC a call succeeds though the group has no such rule, and names it.
  if (group === undefined || listed(call.response['unknownIpPermissionSet']).length > 0) return [];
  const byId = listed(call.request['securityGroupRuleIds']).flatMap((rule) => {
    const part = textOf(rule) ?? textOf(objectOf(rule)?.['securityGroupRuleId']);
    return part === undefined ? [] : [mends({ ...group, part }, CLOSED)];
  });
  const byRule = rulesOf(call, 'revokedSecurityGroupRuleSet').filter(opens);
  return [...byId, ...byRule.map((rule) => mends(placeOf(group, rule), CLOSED))];
}

/**
 * A rule that is changed is no longer what it was. The call does not say which way the rule lets traffic: rules for all protocols are mostly
 * those that let it out, and taken for such.
 */
function modified(call: AwsCall): readonly PostureChange[] {
  const request = objectOf(call.request['ModifySecurityGroupRulesRequest']) ?? call.request;
  const group = groupOf(call, request['GroupId']);
  if (group === undefined) return [];
  return listed(request['SecurityGroupRule']).flatMap((written) => {
    const id = textOf(objectOf(written)?.['SecurityGroupRuleId']);
    if (id === undefined) return [];
    const rules = rulesIn(objectOf(written)?.['SecurityGroupRule'] ?? null, ofRule);
    return [
      mends({ ...group, part: id }, CLOSED),
      ...rules
        .filter((rule) => rule.protocol !== ALL && opens(rule))
        .map((rule) => weakens(placeOf(group, { ...rule, id }), OPENED)),
    ];
  });
}

function deleted(call: AwsCall): readonly PostureChange[] {
  const group = groupOf(call, call.request['groupId']);
  return group === undefined ? [] : [mends(group, 'is deleted')];
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html */
export const SECURITY_GROUPS: AwsCalls = {
  AuthorizeSecurityGroupIngress: authorized,
  RevokeSecurityGroupIngress: revoked,
  ModifySecurityGroupRules: modified,
  DeleteSecurityGroup: deleted,
};
