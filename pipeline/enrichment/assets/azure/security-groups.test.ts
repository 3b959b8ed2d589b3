import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../platform/json.ts';
import { openPorts } from './security-groups.ts';

/** An inbound rule for everybody. */
const rule = (priority: number, more: JsonObject = {}): JsonObject => ({
  properties: {
    ...{ priority, direction: 'Inbound', access: 'Allow', protocol: 'Tcp', sourcePortRange: '*' },
    ...{ sourceAddressPrefix: '*', destinationAddressPrefix: '*', destinationPortRange: '22' },
    ...more,
  },
});
const deny = (priority: number, more: JsonObject = {}): JsonObject =>
  rule(priority, { access: 'Deny', protocol: '*', destinationPortRange: '*', ...more });

describe('what a network security group lets everybody in to', () => {
  it.each<[string, JsonObject[], string | undefined]>([
    ['nothing where it has no rule', [], undefined],
    ['what one rule says', [rule(100)], '22'],
    ['not what goes out', [rule(100, { direction: 'Outbound' })], undefined],
    ['not what is for some', [rule(100, { sourceAddressPrefix: '198.51.100.0/24' })], undefined],
    ['every address of IPv6', [rule(100, { sourceAddressPrefix: '::/0' })], '22'],
    ['one half of all', [rule(100, { sourceAddressPrefixes: ['0.0.0.0/1'], sourceAddressPrefix: '' })], '22'],
    ['not what a rule before shuts', [deny(90), rule(100)], undefined],
    ['nor by its port alone', [deny(90, { destinationPortRange: '20-25' }), rule(100)], undefined],
    ['nor by its protocol alone', [deny(90, { protocol: 'TCP' }), rule(100)], undefined],
    ['nor where the rules stand the other way round', [rule(100), deny(90)], undefined],
    ['what a rule after shuts', [rule(100), deny(110)], '22'],
    ['what is shut for another port', [deny(90, { destinationPortRange: '23' }), rule(100)], '22'],
    ['what is shut for other ports, in the plural', [deny(90, { destinationPortRanges: ['23', '25'], destinationPortRange: '' }), rule(100)], '22'],
    ['what is shut for another protocol', [deny(90, { protocol: 'Udp' }), rule(100)], '22'],
    ['what is shut in part', [deny(90, { protocol: 'Tcp' }), rule(100, { protocol: '*' })], '22'],
    ['what is shut for one half of all', [deny(90, { sourceAddressPrefix: '0.0.0.0/1' }), rule(100)], '22'],
    ['what is shut for one machine', [deny(90, { destinationAddressPrefix: '10.0.0.4' }), rule(100)], '22'],
    ['what is left of some ports', [deny(90, { destinationPortRange: '22' }), rule(100, { destinationPortRanges: ['22', '3389'], destinationPortRange: '' })], '3389'],
    ['no service by ICMP', [rule(100, { protocol: 'Icmp', destinationPortRange: '*' })], undefined],
    ['all ports', [rule(100, { destinationPortRange: '*' })], 'all ports'],
  ])('is %s', (_what, rules, ports) => {
    expect(openPorts(rules)).toBe(ports);
  }); // prettier-ignore
});
