import type { NetworkSecurityGroup, SecurityRule } from '@azure/arm-network';
import { liesWithin, parsePrefix, type IpPrefix } from '../../../platform/ip-prefix.ts';
import { printable } from '../../../platform/printable.ts';
import { ActionError } from '../../contract/action-error.ts';

/** Our own rules: pure functions over what was read of a network security group. */

export type Direction = 'Inbound' | 'Outbound';

/** What is to be denied, and which way. */
export interface Denial {
  readonly direction: Direction;
  /** Canonical CIDR notation. */
  readonly address: string;
}

/** Kept for us; rules of people are never moved. */
const BAND: { readonly first: number; readonly last: number } = { first: 100, last: 149 };
/** Keeps a single request small. */
const MOST_IN_A_RULE = 1000;
/** https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-resource-manager-virtual-networking-limits */
const MOST_IN_A_GROUP = 4000;
const MOST_RULES = 1000;
const MARK = 'Crosstrail:';
/** At most 140 characters. */
const DESCRIPTION = `${MARK} addresses denied for a time by responses to incidents. Edit no part of it; crosstrail undoes it.`;

/** A prefix that a rule lists, as it is written there. */
interface Listed {
  readonly text: string;
  readonly prefix: IpPrefix;
}

/**
 * How rules of one direction and family are called; a number of two digits follows. Families stand apart, for the service takes no rule with both
 * (`ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies`).
 */
export function ruleStem({ direction, address }: Denial): string {
  const family = prefixOf(address).version === 4 ? 'ipv4' : 'ipv6';
  return `crosstrail-deny-${direction === 'Inbound' ? 'in' : 'out'}-${family}`;
}

/** Rules that have names of ours for a denial, in order of name. */
export function namedRules({ securityRules = [] }: NetworkSecurityGroup, denial: Denial): SecurityRule[] {
  const stem = ruleStem(denial);
  return securityRules
    .filter(({ name = '' }) => name.toLowerCase().startsWith(`${stem}-`) && /^-\d{2}$/.test(name.slice(stem.length)))
    .sort((one, other) => ((one.name ?? '') < (other.name ?? '') ? -1 : 1));
}

/** Rules with names of ours that list just this address. */
export const rulesThatList = (group: NetworkSecurityGroup, denial: Denial): SecurityRule[] =>
  namedRules(group, denial).filter((rule) => lists(rule, denial));

/** In which part a rule is other than we write it; undefined where it is not. By its description alone a rule is ours: anybody may give one of theirs such a name. */
export function editedPart(rule: SecurityRule, direction: Direction): string | undefined {
  const wanted = ruleOf(direction, [], 0);
  const here = direction === 'Inbound' ? rule.destinationAddressPrefix : rule.sourceAddressPrefix;
  const parts: readonly (readonly [string, unknown, unknown])[] = [
    ['description', rule.description?.startsWith(MARK), true],
    ['access', rule.access, wanted.access],
    ['direction', rule.direction, wanted.direction],
    ['protocol', rule.protocol, wanted.protocol],
    ['source ports', rule.sourcePortRange, wanted.sourcePortRange],
    ['destination ports', rule.destinationPortRange, wanted.destinationPortRange],
    ['addresses of this side', here, '*'],
  ];
  return parts.find(([, is, was]) => is !== was)?.[0];
}

/** @throws ActionError of kind `unsuitable` where a person's rule has a name of ours, or a person edited one of ours */
export function refuseForeign(group: NetworkSecurityGroup, denial: Denial): void {
  const foreign = namedRules(group, denial).find((rule) => editedPart(rule, denial.direction) !== undefined);
  if (foreign === undefined) return;
  throw new ActionError(
    'unsuitable',
    `${nameOf(group)} has a rule ${nameOf(foreign)} that Crosstrail did not write or that was edited since, and it is not touched; rename it or take it out`,
  );
}

/**
 * The rule to write so that the address is denied: one of ours with the address added, or a new one.
 * @throws ActionError of kind `unsuitable` where there is no room, or a person's rule has a name of ours
 */
export function ruleWith(group: NetworkSecurityGroup, denial: Denial): SecurityRule & { readonly name: string } {
  refuseForeign(group, denial);
  const named = namedRules(group, denial);
  const prefix = prefixOf(denial.address);
  const room = named.find((rule) => {
    const listed = listedBy(rule, denial.direction);
    return listed.length < MOST_IN_A_RULE && !listed.some((other) => overlap(other.prefix, prefix));
  });
  const { securityRules = [] } = group;
  const listed = securityRules.reduce((sum, rule) => sum + listedBy(rule, denial.direction).length, 0);
  if (listed >= MOST_IN_A_GROUP) {
    throw new ActionError(
      'unsuitable',
      `The rules of ${nameOf(group)} list ${listed} addresses, which is all that a group takes; deny the address in a firewall instead`,
    );
  }
  if (room?.name !== undefined) {
    const texts = [...listedBy(room, denial.direction).map(({ text }) => text), denial.address];
    return { ...withListed(room, denial.direction, texts), name: room.name };
  }
  if (securityRules.length >= MOST_RULES) {
    throw new ActionError(
      'unsuitable',
      `${nameOf(group)} has ${MOST_RULES} rules, which is all that a group takes; deny the address in a firewall instead`,
    );
  }
  return {
    ...ruleOf(denial.direction, [denial.address], freePriority(group, denial.direction)),
    name: freeName(named, denial),
  };
}

/** A rule of ours without the address; undefined where nothing would be left of it. */
export function ruleWithout(rule: SecurityRule, denial: Denial): SecurityRule | undefined {
  const prefix = prefixOf(denial.address);
  const texts = listedBy(rule, denial.direction)
    .filter((other) => !same(other.prefix, prefix))
    .map(({ text }) => text);
  return texts.length === 0 ? undefined : withListed(rule, denial.direction, texts);
}

/** Lower numbers come first. @throws ActionError of kind `unsuitable` where none is free */
function freePriority({ securityRules = [], name }: NetworkSecurityGroup, direction: Direction): number {
  const taken = new Set(securityRules.filter((rule) => rule.direction === direction).map(({ priority }) => priority));
  for (let priority = BAND.first; priority <= BAND.last; priority++) if (!taken.has(priority)) return priority;
  throw new ActionError(
    'unsuitable',
    `All priorities from ${BAND.first} to ${BAND.last} of ${nameOf({ name })} are taken for ${direction.toLowerCase()} rules; free one of them`,
  );
}

/** There are no more names than priorities, so one is free. */
function freeName(named: readonly SecurityRule[], denial: Denial): string {
  const taken = new Set(named.map(({ name }) => name?.toLowerCase()));
  const stem = ruleStem(denial);
  const names = Array.from({ length: 100 }, (_, at) => `${stem}-${String(at).padStart(2, '0')}`);
  return names.find((name) => !taken.has(name)) ?? `${stem}-00`;
}

function ruleOf(direction: Direction, addresses: readonly string[], priority: number): SecurityRule {
  const [there, here] =
    direction === 'Inbound'
      ? [{ sourceAddressPrefixes: [...addresses] }, { destinationAddressPrefix: '*' }]
      : [{ destinationAddressPrefixes: [...addresses] }, { sourceAddressPrefix: '*' }];
  return {
    description: DESCRIPTION,
    access: 'Deny',
    direction,
    priority,
    protocol: '*',
    sourcePortRange: '*',
    destinationPortRange: '*',
    ...there,
    ...here,
  };
}

/** All else of a rule stays as it was read. */
function withListed(rule: SecurityRule, direction: Direction, addresses: string[]): SecurityRule {
  return direction === 'Inbound'
    ? { ...rule, sourceAddressPrefix: undefined, sourceAddressPrefixes: addresses }
    : { ...rule, destinationAddressPrefix: undefined, destinationAddressPrefixes: addresses };
}

/** Addresses and networks of the other side that a rule lists; tags are none. */
function listedBy(rule: SecurityRule, direction: Direction): Listed[] {
  return remoteTexts(rule, direction).flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix === undefined ? [] : [{ text, prefix }];
  });
}

/** What a rule says of the other side: addresses, networks, tags. A single one may stand in the singular. */
export function remoteTexts(rule: SecurityRule, direction: Direction): string[] {
  const [one, several] =
    direction === 'Inbound'
      ? [rule.sourceAddressPrefix, rule.sourceAddressPrefixes]
      : [rule.destinationAddressPrefix, rule.destinationAddressPrefixes];
  return [...(one === undefined || one === '' ? [] : [one]), ...(several ?? [])];
}

function lists(rule: SecurityRule, { direction, address }: Denial): boolean {
  const prefix = prefixOf(address);
  return listedBy(rule, direction).some((listed) => same(listed.prefix, prefix));
}

const same = (one: IpPrefix, other: IpPrefix): boolean => one.length === other.length && liesWithin(one, other);

/** The service takes no rule with such (`OverlappingSubnetsNotPermittedInSecurityRule`): they go into rules of their own. */
const overlap = (one: IpPrefix, other: IpPrefix): boolean => liesWithin(one, other) || liesWithin(other, one);

/** @param address canonical, as parameters give it */
export function prefixOf(address: string): IpPrefix {
  const prefix = parsePrefix(address);
  if (prefix === undefined) throw new ActionError('input', `${printable(address.slice(0, 64))} is no address`);
  return prefix;
}

/** Names of things come from the service. */
export const nameOf = ({ name = '' }: { readonly name?: string | undefined }): string => printable(name.slice(0, 100));
