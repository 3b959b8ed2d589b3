import type { NetworkSecurityGroup, SecurityRule } from '@azure/arm-network';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf, ruleProperties, type FakeRuleProperties } from '../../../local/fakes/network-rules.ts';
import { ActionError } from '../../contract/action-error.ts';
import { rulesThatList, ruleWith, ruleWithout, type Denial } from './deny-rules.ts';
import { outweighing } from './outweighing.ts';

const PEOPLE: SecurityRule[] = [
  rule({ name: 'allow-https', priority: 101 }),
  rule({ name: 'allow-ssh', priority: 103, sourceAddressPrefix: '192.0.2.0/24', destinationPortRange: '22' }),
  rule({ name: 'crosstrail-deny-in', priority: 300, access: 'Deny' }),
];

function rule(more: Partial<SecurityRule>): SecurityRule {
  return {
    access: 'Allow',
    direction: 'Inbound',
    priority: 200,
    protocol: 'Tcp',
    sourceAddressPrefix: '*',
    sourcePortRange: '*',
    destinationAddressPrefix: '*',
    destinationPortRange: '443',
    ...more,
  };
}

const denial = fc.record<Denial>({
  direction: fc.constantFrom('Inbound', 'Outbound'),
  address: fc.constantFrom(
    ...['198.51.100.23/32', '198.51.100.0/24', '198.51.0.0/16', '203.0.113.9/32', '203.0.113.0/28'],
    ...['2001:db8::5/128', '2001:db8::/64', '2001:db8::/32'],
  ),
});
const keyOf = ({ direction, address }: Denial): string => `${direction} ${address}`;

describe('rules of denials', () => {
  it('list just what is denied, in any order of coming and going, as the service takes them, and leave those of people', () => {
    const steps = fc.array(fc.record({ denial, puts: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (all) => {
        const group: NetworkSecurityGroup = { name: 'nsg-web', securityRules: [...PEOPLE] };
        const held = new Map<string, Denial>();
        for (const { denial: wanted, puts } of all) {
          if (puts) put(group, wanted);
          else remove(group, wanted);
          if (puts) held.set(keyOf(wanted), wanted);
          else held.delete(keyOf(wanted));
        }
        expect(group.securityRules?.slice(0, PEOPLE.length)).toEqual(PEOPLE);
        const ours = group.securityRules?.slice(PEOPLE.length) ?? [];
        const listed = ours.flatMap(({ direction = '', sourceAddressPrefixes = [], destinationAddressPrefixes = [] }) =>
          [...sourceAddressPrefixes, ...destinationAddressPrefixes].map((address) => `${direction} ${address}`),
        );
        expect(listed.sort()).toEqual([...held.keys()].sort());
      }),
    );
  });

  it('have priorities of their band, and say so where none is left', () => {
    const taken = Array.from({ length: 49 }, (_, at) => rule({ name: `p${at}`, priority: 100 + at }));
    const wanted: Denial = { direction: 'Inbound', address: '198.51.100.23/32' };
    expect(ruleWith({ securityRules: taken }, wanted).priority).toBe(149);
    const full = { securityRules: [...taken, rule({ name: 'last', priority: 149 })] };
    expect(() => ruleWith(full, wanted)).toThrow(ActionError);
    expect(ruleWith(full, { ...wanted, direction: 'Outbound' }).priority).toBe(100);
  });

  it('stop where the service does', () => {
    const wanted: Denial = { direction: 'Inbound', address: '198.51.100.23/32' };
    const many = rule({
      sourceAddressPrefix: undefined,
      sourceAddressPrefixes: Array.from({ length: 4000 }, (_, at) => `203.0.${at >> 8}.${at & 255}`),
    });
    expect(() => ruleWith({ securityRules: [many] }, wanted)).toThrow(/4000 addresses/);
    const rules = Array.from({ length: 1000 }, (_, at) => rule({ name: `r${at}`, priority: 200 + at }));
    expect(() => ruleWith({ securityRules: rules }, wanted)).toThrow(/1000 rules/);
  });
});

describe('rules that come before', () => {
  const wanted: Denial = { direction: 'Inbound', address: '198.51.100.0/24' };
  const how = (more: Partial<SecurityRule>) =>
    outweighing([rule({ priority: 100, ...more })], wanted, 101).map((one) => one.how);

  it.each([
    [{ protocol: '*', destinationPortRange: '*' }, ['whole']],
    [{ sourceAddressPrefix: 'Internet' }, ['part']],
    [{ sourceAddressPrefix: '198.51.0.0/16' }, ['part']],
    [{ sourceAddressPrefix: undefined, sourceAddressPrefixes: ['203.0.113.1', '198.51.100.23'] }, ['part']],
    [{ sourceAddressPrefix: 'AzureCloud' }, ['perhaps']],
    [{ sourceAddressPrefix: undefined, sourceApplicationSecurityGroups: [{ id: 'a' }] }, ['perhaps']],
    [{ sourceAddressPrefix: '203.0.113.0/24' }, []],
    [{ sourceAddressPrefix: '2001:db8::/32' }, []],
    [{ access: 'Deny' }, []],
    [{ direction: 'Outbound' }, []],
    [{ priority: 102 }, []],
  ] as const)('%j: %j', (more, expected) => {
    expect(how(more as Partial<SecurityRule>)).toEqual(expected);
  });
});

function put(group: NetworkSecurityGroup, wanted: Denial): void {
  if (rulesThatList(group, wanted).length > 0) return;
  write(group, ruleWith(group, wanted));
}

function remove(group: NetworkSecurityGroup, wanted: Denial): void {
  for (const listing of rulesThatList(group, wanted)) {
    const left = ruleWithout(listing, wanted);
    if (left !== undefined) write(group, left);
    else group.securityRules = group.securityRules?.filter((other) => other !== listing);
  }
}

/** As the service would: in the place of the rule of that name, where it can stand beside the others. */
function write(group: NetworkSecurityGroup, written: SecurityRule): void {
  const { securityRules = [] } = group;
  const others = new Map<string, FakeRuleProperties>(
    securityRules
      .filter(({ name }) => name !== written.name)
      .map((other) => [other.name ?? '', ruleProperties.parse(other)]),
  );
  expect(refusalOf(written.name ?? '', ruleProperties.parse(written), others)).toBeUndefined();
  const stands = securityRules.some(({ name }) => name === written.name);
  group.securityRules = stands
    ? securityRules.map((other) => (other.name === written.name ? written : other))
    : [...securityRules, written];
}
