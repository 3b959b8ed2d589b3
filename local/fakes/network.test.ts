import type { NetworkManagementClient, SecurityRule } from '@azure/arm-network';
import { afterEach, describe, expect, it } from 'vitest';
import { networkClient } from '../../playbooks/azure/network-client.ts';
import { actionContext } from '../../test/response/action-context.ts';
import { FakeNetwork, type FakeNetworkOptions } from './network.ts';

const SUBSCRIPTION = '00000000-0000-4000-8000-0000000000aa';
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Network`;
const NSG = `${NETWORK}/networkSecurityGroups/nsg-web`;

let fake: FakeNetwork | undefined;
afterEach(() => fake?.close());

async function started(options?: FakeNetworkOptions): Promise<NetworkManagementClient> {
  const ipGroups = [{ id: `${NETWORK}/ipGroups/denied`, ipAddresses: ['192.0.2.7'], tags: { owner: 'network' } }];
  fake = new FakeNetwork({ securityGroups: [{ id: NSG }], ipGroups }, options);
  await fake.listen();
  return networkClient(SUBSCRIPTION, actionContext({ configuration: `azure: { endpoints: { arm: '${fake.url}' } }` }));
}

const deny = (more: Partial<SecurityRule> = {}): SecurityRule => ({
  access: 'Deny',
  direction: 'Inbound',
  priority: 100,
  protocol: '*',
  sourceAddressPrefixes: ['198.51.100.23'],
  sourcePortRange: '*',
  destinationAddressPrefix: '*',
  destinationPortRange: '*',
  ...more,
});

const addresses = (count: number): string[] => Array.from({ length: count }, (_, at) => `203.0.${at >> 8}.${at & 255}`);

describe('the fake of Microsoft.Network', () => {
  it('takes a rule as an operation that the SDK follows to its end, and gives it back', async () => {
    const client = await started();
    const rule = await client.securityRules.createOrUpdate('shop', 'nsg-web', 'deny-one', deny(), {
      updateIntervalInMs: 1,
    });
    expect(rule).toMatchObject({ name: 'deny-one', provisioningState: 'Succeeded', priority: 100 });
    expect(fake?.requests.filter((request) => request.includes('/operations/')).length).toBeGreaterThan(1);
    await client.securityRules.delete('shop', 'nsg-web', 'deny-one', { updateIntervalInMs: 1 });
    await client.securityRules.delete('shop', 'nsg-web', 'deny-one', { updateIntervalInMs: 1 });
    expect(fake?.writes.map(({ operation }) => operation)).toEqual(['PUT securityRules', 'DELETE securityRules']);
  });

  it.each([
    [429, 'RetryableError'],
    [409, 'AnotherOperationInProgress'],
  ] as const)('answers %i while another change of the group is under way', async (busy, code) => {
    const client = await started({ busy });
    await client.securityRules.createOrUpdate('shop', 'nsg-web', 'one', deny()).submitted();
    const second = client.securityRules.createOrUpdate('shop', 'nsg-web', 'two', deny({ priority: 101 })).submitted();
    await expect(second).rejects.toMatchObject({ statusCode: busy, code });
  });

  it('refuses what is another by then, and what is to be new and is there', async () => {
    const client = await started({ changeTakes: 0 });
    const put = (headers: Record<string, string>, priority: number) =>
      client.securityRules
        .createOrUpdate('shop', 'nsg-web', 'one', deny({ priority }), { requestOptions: { headers } })
        .submitted();
    await put({ 'if-none-match': '*' }, 100);
    const { etag = '' } = await client.securityRules.get('shop', 'nsg-web', 'one');
    await put({ 'if-match': etag }, 101);
    await expect(put({ 'if-match': etag }, 102)).rejects.toMatchObject({ statusCode: 412 });
    await expect(put({ 'if-none-match': '*' }, 102)).rejects.toMatchObject({ statusCode: 412 });
  });

  it.each([
    ['SecurityRuleConflict', deny({ priority: 200 })],
    ['SecurityRuleInvalidPriority', deny({ priority: 99 })],
    ['SecurityRuleDescriptionTooLong', deny({ description: 'x'.repeat(141) })],
    ['SecurityRuleInvalidAddressPrefix', deny({ sourceAddressPrefixes: ['198.51.100.23/24'] })],
    ['SecurityRuleParameterContainsUnsupportedValue', deny({ sourceAddressPrefix: '*' })],
    [
      'OverlappingSubnetsNotPermittedInSecurityRule',
      deny({ sourceAddressPrefixes: ['198.51.100.23', '198.51.100.0/24'] }),
    ],
    [
      'ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies',
      deny({ sourceAddressPrefixes: ['198.51.100.23', '2001:db8::5'] }),
    ],
    ['SecurityGroupAddressPrefixLimitReached', deny({ sourceAddressPrefixes: addresses(4000) })],
  ])('refuses a rule: %s', async (code, rule) => {
    const client = await started();
    fake?.setRule(NSG, 'stands', {
      access: 'Deny',
      direction: 'Inbound',
      priority: 200,
      protocol: '*',
      sourceAddressPrefix: '192.0.2.1',
    });
    const put = client.securityRules.createOrUpdate('shop', 'nsg-web', 'one', rule).submitted();
    await expect(put).rejects.toMatchObject({ statusCode: 400, code });
    expect(fake?.writes).toEqual([]);
  });

  it('refuses the rule after the thousandth, names that are none, and a whole group', async () => {
    const client = await started();
    const bad = client.securityRules.createOrUpdate('shop', 'nsg-web', '-one-', deny()).submitted();
    await expect(bad).rejects.toMatchObject({ code: 'InvalidResourceName' });
    for (let at = 0; at < 1000; at++) {
      fake?.setRule(NSG, `r${at}`, {
        access: 'Deny',
        direction: 'Inbound',
        priority: 200 + at,
        protocol: '*',
        sourceAddressPrefix: '*',
      });
    }
    const one = client.securityRules.createOrUpdate('shop', 'nsg-web', 'one', deny()).submitted();
    await expect(one).rejects.toMatchObject({ code: 'SecurityRulesCountLimitReached' });
    const whole = client.networkSecurityGroups
      .createOrUpdate('shop', 'nsg-web', { location: 'westeurope' })
      .submitted();
    await expect(whole).rejects.toMatchObject({ statusCode: 405 });
  });

  it('replaces the whole list and the tags of an IP group, up to 5,000 IPv4 addresses', async () => {
    const client = await started({ changeTakes: 0 });
    const put = (ipAddresses: string[]) =>
      client.ipGroups.createOrUpdate('shop', 'denied', { location: 'westeurope', ipAddresses }).submitted();
    await put(['198.51.100.0-198.51.100.9']);
    expect(fake?.ipGroup(`${NETWORK}/ipGroups/denied`)).toEqual({
      tags: {},
      ipAddresses: ['198.51.100.0-198.51.100.9'],
    });
    await expect(put(addresses(5001))).rejects.toMatchObject({ statusCode: 400 });
    await expect(put(['2001:db8::5'])).rejects.toMatchObject({ statusCode: 400 });
  });
});
