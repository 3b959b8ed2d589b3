import { afterEach, describe, expect, it } from 'vitest';
import type { FakeRuleProperties } from '../../../local/fakes/network-rules.ts';
import { FakeNetwork, type FakeNetworkOptions, type FakeNetworkState } from '../../../local/fakes/network.ts';
import type { Change } from '../../contract/action.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Json } from '../../../platform/json.ts';
import { actionContext } from '../../../test/response/action-context.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { nsgDeny } from './nsg-deny.ts';

const NETWORK = '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/shop/providers/Microsoft.Network';
const NSG = `${NETWORK}/networkSecurityGroups/nsg-web`;
const SUBNET = `${NETWORK}/virtualNetworks/vnet-shop/subnets/web`;
const NIC = `${NETWORK}/networkInterfaces/web-1-nic`;
const IN = 'crosstrail-deny-in-ipv4-00';
const OUT = 'crosstrail-deny-out-ipv4-00';

const allow = (priority: number, more: Partial<FakeRuleProperties> = {}): FakeRuleProperties => ({
  access: 'Allow',
  direction: 'Inbound',
  priority,
  protocol: 'Tcp',
  sourceAddressPrefix: '*',
  sourcePortRange: '*',
  destinationAddressPrefix: '*',
  destinationPortRange: '443',
  ...more,
});

const HTTPS = { 'allow-https': allow(200) };

const shop = (rules: Readonly<Record<string, FakeRuleProperties>> = HTTPS): FakeNetworkState => ({
  securityGroups: [{ id: NSG, rules, subnets: [SUBNET], tags: { owner: 'shop' } }],
  networkInterfaces: [{ id: NIC, running: true, subnet: SUBNET }],
});

const fakes: FakeNetwork[] = [];
afterEach(async () => {
  await Promise.all(fakes.splice(0).map((fake) => fake.close()));
});

const contextFor = (fake: FakeNetwork, clock: Clock = new HurriedClock()) =>
  actionContext({ clock, configuration: `azure: { endpoints: { arm: '${fake.url}' } }` });

async function started(state: FakeNetworkState = shop(), options?: FakeNetworkOptions) {
  const fake = new FakeNetwork(state, options);
  await fake.listen();
  fakes.push(fake);
  const context = () => contextFor(fake);
  const plan = async (parameters: Json = { networkSecurityGroup: NSG, address: '198.51.100.23' }) =>
    nsgDeny.plan(parameters, context());
  const changesOf = async (address: string, direction: string) =>
    (await plan({ networkSecurityGroup: NSG, address, direction })).changes as [Change];
  return { fake, context, plan, changesOf };
}

describeContract(nsgDeny, {
  parameters: { networkSecurityGroup: NSG, address: '198.51.100.23', direction: 'inbound' },
  start: async (clock) => {
    const fake = new FakeNetwork(shop(), { changeTakes: 1, effectTakes: 0 });
    await fake.listen();
    return { fakes: [fake], context: () => contextFor(fake, clock), state: () => fake.rulesOf(NSG) };
  },
  hostile: [
    ...[
      '0.0.0.0/0',
      '::/0',
      '10.0.0.0/8',
      "198.51.100.23' or 1",
      '198.51.100.0-198.51.100.9',
      '',
      '*',
      'Internet',
      'x'.repeat(4096),
    ].map((address) => ({ networkSecurityGroup: NSG, address })),
    { networkSecurityGroup: `${NSG}/securityRules/allow-https`, address: '198.51.100.23' },
    { networkSecurityGroup: `${NETWORK}/ipGroups/blocked`, address: '198.51.100.23' },
    { networkSecurityGroup: `${NSG}/../../x`, address: '198.51.100.23' },
    { networkSecurityGroup: NSG, address: '198.51.100.23', direction: 'sideways' },
    { networkSecurityGroup: NSG, address: '198.51.100.23', __proto__x: 1 },
  ],
});

describe('nsg-deny plans', () => {
  it('a rule for each direction, and says whom it touches and what stays open', async () => {
    const { plan } = await started();
    const { target, changes, affects, residual, subjects } = await plan();
    expect(target).toEqual({ kind: 'network security group', id: NSG.toLowerCase(), label: 'nsg-web' });
    expect(changes.map(({ id, holds }) => [id, holds])).toEqual([
      ['inbound', `nsg-deny|${NSG.toLowerCase()}|inbound 198.51.100.23/32`],
      ['outbound', `nsg-deny|${NSG.toLowerCase()}|outbound 198.51.100.23/32`],
    ]);
    expect(affects).toEqual([
      'All traffic between 198.51.100.23/32 and subnet web, in inbound and outbound connections',
    ]);
    expect(residual.map(({ what }) => what)).toEqual([
      expect.stringContaining('open already stay open'),
      expect.stringContaining('application gateway'),
      expect.stringContaining('security admin rule'),
    ]);
    expect(subjects).toEqual([
      { kind: 'address', value: '198.51.100.23/32' },
      { kind: 'resource', key: `arm:${NSG.toLowerCase()}`, label: 'nsg-web' },
    ]);
  });

  it('the same change whatever other addresses are denied meanwhile', async () => {
    const { plan, changesOf, context } = await started();
    const before = await plan();
    const [other] = await changesOf('203.0.113.9', 'inbound');
    await nsgDeny.execute(other, context());
    expect((await plan()).changes).toEqual(before.changes);
  });

  it('names rules that come before and still allow, and refuses where nothing would be denied', async () => {
    const { plan } = await started(
      shop({ 'allow-https': allow(100), 'allow-tag': allow(101, { sourceAddressPrefix: 'AzureCloud' }) }),
    );
    const { affects } = await plan({ networkSecurityGroup: NSG, address: '198.51.100.23', direction: 'inbound' });
    expect(affects[1]).toContain('The rule allow-https (priority 100, Tcp 443) comes before and still allows');
    expect(affects[2]).toContain('The rule allow-tag (priority 101, Tcp 443) comes before and may allow');
    const open = await started(shop({ all: allow(100, { protocol: '*', destinationPortRange: '*' }) }));
    await expect(open.plan()).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('The rule all (priority 100') as string,
    });
  });

  it('says whether open connections are weighed anew, and what is denied already', async () => {
    const { plan, changesOf, context } = await started({
      ...shop(),
      securityGroups: [{ id: NSG, networkInterfaces: [NIC], flushConnection: true }],
    });
    const [change] = await changesOf('198.51.100.23', 'inbound');
    await nsgDeny.execute(change, context());
    const { affects, residual } = await plan();
    expect(affects).toEqual([
      expect.stringContaining('network interface web-1-nic') as string,
      expect.stringContaining('flushConnection of the group is on') as string,
      `198.51.100.23/32 is denied by ${IN} already`,
    ]);
    expect(residual.filter(({ what }) => what.includes('open already'))).toEqual([]);
  });

  it('refuses a group that is on nothing, and one that is not there', async () => {
    const { plan } = await started({ securityGroups: [{ id: NSG }] });
    await expect(plan()).rejects.toMatchObject({ kind: 'unsuitable' });
    await expect(plan({ networkSecurityGroup: `${NSG}-2`, address: '198.51.100.23' })).rejects.toMatchObject({
      kind: 'absent',
    });
  });

  it.each([
    ['another address', { access: 'Deny', sourceAddressPrefixes: ['203.0.113.1'] }],
    ['just this address', { access: 'Deny', sourceAddressPrefixes: ['198.51.100.23/32'], protocol: '*' }],
    [
      'just this address, which it allows',
      { sourceAddressPrefixes: ['198.51.100.23/32'], description: 'Crosstrail: x' },
    ],
  ] as const)('refuses where a rule of a person has the name of ours, of %s', async (_of, rule) => {
    const { sourceAddressPrefixes, ...more } = rule;
    const { plan, fake } = await started(
      shop({
        [IN]: allow(100, {
          ...more,
          destinationPortRange: '*',
          sourceAddressPrefix: undefined,
          sourceAddressPrefixes: [...sourceAddressPrefixes],
        }),
      }),
    );
    await expect(plan()).rejects.toMatchObject({ kind: 'unsuitable', message: expect.stringContaining(IN) as string });
    expect(fake.writes).toEqual([]);
  });

  it('refuses where no priority of the band is free', async () => {
    const taken = Array.from(
      { length: 50 },
      (_, at) => [`p${at}`, allow(100 + at, { sourceAddressPrefix: '192.0.2.1' })] as const,
    );
    const { plan } = await started(shop(Object.fromEntries(taken)));
    await expect(plan()).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('100 to 149') as string,
    });
  });
});

describe('nsg-deny writes', () => {
  it('one rule for each direction, beside those of people, and never the group', async () => {
    const { fake, plan, context } = await started();
    for (const change of (await plan()).changes) await nsgDeny.execute(change, context());
    expect(fake.rulesOf(NSG)).toEqual({
      ...HTTPS,
      [IN]: expect.objectContaining({
        access: 'Deny',
        direction: 'Inbound',
        priority: 100,
        protocol: '*',
        sourceAddressPrefixes: ['198.51.100.23/32'],
        destinationAddressPrefix: '*',
      }) as unknown,
      [OUT]: expect.objectContaining({
        access: 'Deny',
        direction: 'Outbound',
        priority: 100,
        destinationAddressPrefixes: ['198.51.100.23/32'],
        sourceAddressPrefix: '*',
      }) as unknown,
    });
    expect(fake.rulesOf(NSG)[IN]?.description?.length).toBeLessThanOrEqual(140);
    expect(
      fake.requests.filter(
        (request) => request.startsWith('PUT') && !request.includes('/securityRules/crosstrail-deny-'),
      ),
    ).toEqual([]);
  });

  it('further addresses into the same rule, and each alone out of it; IPv6 apart', async () => {
    const { fake, changesOf, context } = await started();
    const [first] = await changesOf('198.51.100.23', 'inbound');
    const [second] = await changesOf('203.0.113.0/24', 'inbound');
    const [sixth] = await changesOf('2001:db8::5', 'inbound');
    for (const change of [first, second, sixth]) await nsgDeny.execute(change, context());
    expect(fake.rulesOf(NSG)[IN]?.sourceAddressPrefixes).toEqual(['198.51.100.23/32', '203.0.113.0/24']);
    expect(fake.rulesOf(NSG)['crosstrail-deny-in-ipv6-00']).toMatchObject({
      priority: 101,
      sourceAddressPrefixes: ['2001:db8::5/128'],
    });
    await nsgDeny.undo?.(first, context());
    expect(fake.rulesOf(NSG)[IN]?.sourceAddressPrefixes).toEqual(['203.0.113.0/24']);
    expect(await nsgDeny.verify(first, context())).toEqual({ is: 'absent' });
    expect(await nsgDeny.verify(second, context())).toEqual({ is: 'held' });
    await nsgDeny.undo?.(second, context());
    await nsgDeny.undo?.(sixth, context());
    expect(fake.rulesOf(NSG)).toEqual(HTTPS);
  });

  it('networks that overlap into rules of their own, for the service takes no rule with both', async () => {
    const { fake, changesOf, context } = await started();
    const [one] = await changesOf('198.51.100.23', 'inbound');
    const [wide] = await changesOf('198.51.100.0/24', 'inbound');
    await nsgDeny.execute(one, context());
    await nsgDeny.execute(wide, context());
    expect(fake.rulesOf(NSG)['crosstrail-deny-in-ipv4-01']).toMatchObject({
      priority: 101,
      sourceAddressPrefixes: ['198.51.100.0/24'],
    });
    await nsgDeny.undo?.(wide, context());
    expect(await nsgDeny.verify(one, context())).toEqual({ is: 'held' });
  });

  it('into a second rule where the first is full', async () => {
    const { fake, changesOf, context } = await started();
    const [one] = await changesOf('198.51.100.23', 'inbound');
    await nsgDeny.execute(one, context());
    const full = Array.from({ length: 1000 }, (_, at) => `203.0.${at >> 8}.${at & 255}/32`);
    const rule = fake.rulesOf(NSG)[IN];
    if (rule !== undefined) fake.setRule(NSG, IN, { ...rule, sourceAddressPrefixes: full });
    await nsgDeny.execute(one, context());
    expect(fake.rulesOf(NSG)['crosstrail-deny-in-ipv4-01']?.sourceAddressPrefixes).toEqual(['198.51.100.23/32']);
  });

  it('nothing twice where many are asked for at once', async () => {
    const { fake, changesOf, context } = await started(shop(), { busy: 409 });
    const addresses = Array.from({ length: 8 }, (_, at) => `203.0.113.${at + 1}`);
    const changes = await Promise.all(addresses.map((address) => changesOf(address, 'inbound')));
    await Promise.all(changes.map(([change]) => nsgDeny.execute(change, context())));
    expect(fake.rulesOf(NSG)[IN]?.sourceAddressPrefixes?.toSorted()).toEqual(
      addresses.map((address) => `${address}/32`),
    );
    expect(fake.writes).toHaveLength(8);
  });

  it.each([429, 409] as const)(
    'again where somebody else is at the group (%i), and where it is another by then',
    async (busy) => {
      const { fake, changesOf, context } = await started(shop(), { busy });
      const [change] = await changesOf('198.51.100.23', 'inbound');
      fake.fail({
        when: ({ method }) => method === 'PUT',
        times: 2,
        answer: { status: busy, headers: { 'retry-after': '3' } },
      });
      fake.fail({
        when: ({ method }) => method === 'PUT',
        answer: { status: 412, body: { error: { code: 'PreconditionFailed', message: 'etag' } } },
      });
      await nsgDeny.execute(change, context());
      expect(fake.writes).toHaveLength(1);
    },
  );

  it('again at the next priority where a person took it between reading and writing', async () => {
    const { fake, changesOf, context } = await started();
    const [change] = await changesOf('198.51.100.23', 'inbound');
    fake.fail({
      when: ({ method }) => {
        if (method === 'PUT') fake.setRule(NSG, 'allow-partner', allow(100, { sourceAddressPrefix: '192.0.2.1' }));
        return false;
      },
      answer: 'hang up',
    });
    await nsgDeny.execute(change, context());
    expect(fake.rulesOf(NSG)[IN]?.priority).toBe(101);
  });

  it('again what somebody else wrote over at once', async () => {
    const { fake, changesOf, context } = await started();
    const [change] = await changesOf('198.51.100.23', 'inbound');
    let over = false;
    fake.fail({
      when: ({ method }) => {
        const rule = fake.rulesOf(NSG)[IN];
        if (method === 'GET' && rule !== undefined && !over) {
          over = true;
          fake.setRule(NSG, IN, { ...rule, sourceAddressPrefixes: ['203.0.113.9/32'] });
        }
        return false;
      },
      answer: 'hang up',
    });
    await nsgDeny.execute(change, context());
    expect(fake.rulesOf(NSG)[IN]?.sourceAddressPrefixes).toEqual(['203.0.113.9/32', '198.51.100.23/32']);
  });

  it.each([
    { status: 429, headers: { 'retry-after': '30' } },
    { status: 429, headers: { 'retry-after': '1' } },
    { status: 503 },
  ])('and gives up, to be tried later, where the service stays busy: %j', async (answer) => {
    const { fake, changesOf, context } = await started();
    const [change] = await changesOf('198.51.100.23', 'inbound');
    fake.fail({ when: ({ method }) => method === 'PUT', times: Infinity, answer });
    await expect(nsgDeny.execute(change, context())).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining('is busy') as string,
    });
  });

  it('only what it read: throttled reads are asked again, and refused tokens said', async () => {
    const { fake, plan } = await started();
    fake.fail({ times: 3, answer: { status: 429, headers: { 'retry-after': '4' } } });
    expect((await plan()).changes).toHaveLength(2);
    fake.fail({ answer: { status: 401 } });
    await expect(plan()).rejects.toMatchObject({ kind: 'forbidden' });
    fake.fail({ times: 4, answer: { status: 503 } });
    await expect(plan()).rejects.toMatchObject({ kind: 'busy' });
  });

  it('and gives up where somebody else changes the group all the time', async () => {
    const { fake, changesOf, context } = await started();
    const [change] = await changesOf('198.51.100.23', 'inbound');
    const answer = { status: 412, body: { error: { code: 'PreconditionFailed', message: 'etag' } } };
    fake.fail({ when: ({ method }) => method === 'PUT', times: Infinity, answer });
    await expect(nsgDeny.execute(change, context())).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('and names the permission that is missing', async () => {
    const { fake, changesOf, context } = await started();
    const [change] = await changesOf('198.51.100.23', 'inbound');
    fake.fail({
      when: ({ method }) => method === 'PUT',
      answer: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } },
    });
    await expect(nsgDeny.execute(change, context())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('Microsoft.Network/networkSecurityGroups/securityRules/write') as string,
    });
  });
});

describe('nsg-deny verifies', () => {
  async function denied(state: FakeNetworkState = shop(), options?: FakeNetworkOptions) {
    const stage = await started(state, options);
    const [change] = await stage.changesOf('198.51.100.23', 'inbound');
    await nsgDeny.execute(change, stage.context());
    const rule = stage.fake.rulesOf(NSG)[IN];
    if (rule === undefined) throw new Error('no rule was written');
    return { ...stage, change, rule, verify: () => nsgDeny.verify(change, stage.context()) };
  }

  it('by the effective rules, once they show it', async () => {
    const { verify } = await denied(shop(), { effectTakes: 2 });
    expect(await verify()).toMatchObject({ is: 'settling' });
    expect(await verify()).toMatchObject({ is: 'settling' });
    expect(await verify()).toEqual({ is: 'held' });
  });

  it('by the rules themselves where no virtual machine runs, and says so', async () => {
    const { verify } = await denied({ ...shop(), networkInterfaces: [{ id: NIC, running: false, subnet: SUBNET }] });
    expect(await verify()).toEqual({
      is: 'held',
      note: expect.stringContaining('no running virtual machine') as string,
    });
  });

  it('by the rules themselves where effective rules may not be looked at, and names the permission', async () => {
    const { verify, fake } = await denied();
    fake.fail({ when: ({ path }) => path.includes('operationResults'), answer: { status: 403 } });
    expect(await verify()).toEqual({
      is: 'held',
      note: expect.stringContaining('Microsoft.Network/locations/operationResults/read') as string,
    });
  });

  it('by the rules themselves where the service sends it on to another server, which gets no token', async () => {
    const { verify, fake } = await denied();
    const location = 'https://network.fabrikam.example/operationResults/1?api-version=2026-01-01';
    fake.fail({ when: ({ method }) => method === 'POST', answer: { status: 202, headers: { location } } });
    expect(await verify()).toMatchObject({ is: 'held', note: expect.stringContaining('no running') as string });
  });

  it('that it has no effect where a rule before it allows, by its own addresses or by what a tag stands for', async () => {
    const { verify, fake } = await denied(shop(), { effectTakes: 0 });
    const rule = fake.rulesOf(NSG)[IN];
    if (rule !== undefined) fake.setRule(NSG, IN, { ...rule, priority: 140 });
    fake.setRule(NSG, 'allow-https', allow(120));
    expect(await verify()).toEqual({
      is: 'ineffective',
      why: expect.stringContaining('allow-https (priority 120') as string,
    });
    fake.setRule(NSG, 'allow-https', allow(120, { sourceAddressPrefix: 'AzureCloud' }));
    expect(await verify()).toEqual({ is: 'ineffective', why: expect.stringContaining('allow-https') as string });
    fake.setRule(NSG, 'allow-https', allow(120, { sourceAddressPrefix: 'Storage' }));
    expect(await verify()).toEqual({ is: 'held' });
  });

  it('that it has no effect where a network manager always allows', async () => {
    const always = { ...allow(10), access: 'AlwaysAllow' as const };
    const { verify } = await denied({
      ...shop(),
      networkInterfaces: [{ id: NIC, running: true, subnet: SUBNET, adminRules: { partners: always } }],
    });
    expect(await verify()).toEqual({ is: 'ineffective', why: expect.stringContaining('partners') as string });
  });

  it('that somebody edited the rule, or took the address out', async () => {
    const { verify, fake, rule, context, change } = await denied();
    fake.setRule(NSG, IN, { ...rule, access: 'Allow' });
    expect(await verify()).toEqual({ is: 'changed', why: expect.stringContaining('access') as string });
    fake.setRule(NSG, IN, { ...rule, description: 'Of the network team' });
    expect(await verify()).toEqual({ is: 'changed', why: expect.stringContaining('description') as string });
    const edited = { ...rule, destinationPortRange: '22', sourceAddressPrefixes: ['198.51.100.23', '203.0.113.9'] };
    fake.setRule(NSG, IN, edited);
    expect(await verify()).toMatchObject({ is: 'changed' });
    await nsgDeny.undo?.(change, context());
    expect(fake.rulesOf(NSG)[IN]).toEqual({ ...edited, sourceAddressPrefixes: ['203.0.113.9'] });
    fake.setRule(NSG, IN, { ...rule, sourceAddressPrefixes: ['203.0.113.9/32'] });
    expect(await verify()).toEqual({ is: 'absent' });
    await nsgDeny.execute(change, context());
    expect(fake.rulesOf(NSG)[IN]?.sourceAddressPrefixes).toEqual(['203.0.113.9/32', '198.51.100.23/32']);
  });

  it('nothing of a change that another version planned, and says so', async () => {
    const { change, context } = await denied();
    const other = { ...change, after: { direction: 'Sideways' } };
    await expect(nsgDeny.verify(other, context())).rejects.toMatchObject({ name: 'ActionError', kind: 'failed' });
  });

  it('that nothing is held where the group is gone', async () => {
    const { change } = await denied();
    const { context } = await started({});
    expect(await nsgDeny.verify(change, context())).toEqual({ is: 'absent' });
    await expect(nsgDeny.undo?.(change, context())).resolves.toBeUndefined();
    await expect(nsgDeny.execute(change, context())).rejects.toMatchObject({ kind: 'absent' });
  });
});
