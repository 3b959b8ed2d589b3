import { afterEach, describe, expect, it } from 'vitest';
import { FakeNetwork, type FakeNetworkOptions, type FakeNetworkState } from '../../../local/fakes/network.ts';
import type { Clock } from '../../../platform/clock.ts';
import { actionContext } from '../../../test/response/action-context.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import type { Change } from '../../contract/action.ts';
import { NO_TARGETS } from '../../contract/incident-targets.ts';
import { firewallIpGroupAdd } from './firewall-ip-group-add.ts';

const NETWORK = '/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/hub/providers/Microsoft.Network';
const GROUP = `${NETWORK}/ipGroups/denied`;
const FIREWALL = `${NETWORK}/azureFirewalls/fw-hub`;
const HELD = ['192.0.2.7', '203.0.113.0/24', '192.0.2.32-192.0.2.40'];

const hub = (ipAddresses: readonly string[] = HELD, firewalls: readonly string[] = [FIREWALL]): FakeNetworkState => ({
  ipGroups: [{ id: GROUP, ipAddresses, tags: { owner: 'network', cost: '17' }, firewalls }],
});

const fakes: FakeNetwork[] = [];
afterEach(async () => {
  await Promise.all(fakes.splice(0).map((fake) => fake.close()));
});

const contextFor = (fake: FakeNetwork, clock: Clock = new HurriedClock()) =>
  actionContext({ clock, configuration: `azure: { endpoints: { arm: '${fake.url}' } }` });

async function started(state: FakeNetworkState = hub(), options?: FakeNetworkOptions) {
  const fake = new FakeNetwork(state, options);
  await fake.listen();
  fakes.push(fake);
  const context = () => contextFor(fake);
  const plan = (address = '198.51.100.23') => firewallIpGroupAdd.plan({ ipGroup: GROUP, address }, context());
  const changeOf = async (address = '198.51.100.23') => {
    const [change] = (await plan(address)).changes as [Change];
    return change;
  };
  return { fake, context, plan, changeOf };
}

describeContract(firewallIpGroupAdd, {
  parameters: { ipGroup: GROUP, address: '198.51.100.23' },
  start: async (clock) => {
    const fake = new FakeNetwork(hub());
    await fake.listen();
    return { fakes: [fake], context: () => contextFor(fake, clock), state: () => fake.ipGroup(GROUP) };
  },
  hostile: [
    ...['0.0.0.0/0', '::/0', '10.0.0.0/8', '192.0.2.32-192.0.2.40', "'", '', 'x'.repeat(4096)].map((address) => ({
      ipGroup: GROUP,
      address,
    })),
    { ipGroup: `${GROUP}/x`, address: '198.51.100.23' },
    { ipGroup: `${NETWORK}/networkSecurityGroups/nsg-web`, address: '198.51.100.23' },
  ],
});

describe('firewall-ip-group-add', () => {
  it('adds and takes out one address, and keeps all others and the tags', async () => {
    const { fake, changeOf, context } = await started(hub(), { changeTakes: 3 });
    const change = await changeOf();
    await firewallIpGroupAdd.execute(change, context());
    const tags = { owner: 'network', cost: '17' };
    expect(fake.ipGroup(GROUP)).toEqual({ tags, ipAddresses: [...HELD, '198.51.100.23/32'] });
    fake.setIpAddresses(GROUP, ['192.0.2.99', ...HELD, '198.51.100.23/32']);
    expect(await firewallIpGroupAdd.verify(change, context())).toMatchObject({ is: 'settling' });
    expect(await firewallIpGroupAdd.verify(change, context())).toEqual({ is: 'held' });
    await firewallIpGroupAdd.undo?.(change, context());
    expect(fake.ipGroup(GROUP)).toEqual({ tags, ipAddresses: ['192.0.2.99', ...HELD] });
  });

  it.each([
    ['198.51.100.23', '198.51.100.23'],
    ['198.51.100.0/24', '198.51.100.0/24'],
    ['198.51.100.23', '198.51.100.23/32'],
  ])('leaves %s, which somebody else put in', async (address, entry) => {
    const { plan, fake } = await started(hub([...HELD, entry]));
    const { changes, affects } = await plan(address);
    expect(changes).toEqual([]);
    expect(affects[1]).toContain(`${entry} is in denied already`);
    expect(fake.writes).toEqual([]);
  });

  it('leaves what somebody else puts in beside it or in its place', async () => {
    const { fake, changeOf, context } = await started(hub(), { changeTakes: 0 });
    const change = await changeOf();
    await firewallIpGroupAdd.execute(change, context());
    fake.setIpAddresses(GROUP, ['198.51.100.23', '198.51.100.23/32']);
    expect(await firewallIpGroupAdd.verify(change, context())).toEqual({ is: 'held' });
    await firewallIpGroupAdd.undo?.(change, context());
    expect(fake.ipGroup(GROUP)?.ipAddresses).toEqual(['198.51.100.23']);
    expect(await firewallIpGroupAdd.verify(change, context())).toEqual({ is: 'absent' });
    await firewallIpGroupAdd.undo?.(change, context());
    await expect(firewallIpGroupAdd.execute(change, context())).rejects.toMatchObject({ kind: 'conflict' });
    expect(fake.ipGroup(GROUP)?.ipAddresses).toEqual(['198.51.100.23']);
  });

  it('knows networks by their range, and plans nothing of what is there', async () => {
    const { fake, plan, changeOf, context } = await started(hub(), { changeTakes: 0 });
    const change = await changeOf('198.51.100.0/24');
    await firewallIpGroupAdd.execute(change, context());
    expect(fake.ipGroup(GROUP)?.ipAddresses).toEqual([...HELD, '198.51.100.0-198.51.100.255']);
    expect((await plan('198.51.100.0/24')).changes).toEqual([]);
    expect(await firewallIpGroupAdd.verify(change, context())).toEqual({ is: 'held' });
    await firewallIpGroupAdd.undo?.(change, context());
    expect(fake.ipGroup(GROUP)?.ipAddresses).toEqual(HELD);
  });

  it('refuses what has no place or no effect, and says what to do', async () => {
    const six = await started();
    await expect(six.plan('2001:db8::5')).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('IPv4 only') as string,
    });
    expect(six.fake.requests).toEqual([]);
    const full = Array.from({ length: 5000 }, (_, at) => `203.0.${at >> 8}.${at & 255}`);
    await expect((await started(hub(full))).plan()).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('5000') as string,
    });
    await expect((await started(hub(HELD, []))).plan()).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('No firewall') as string,
    });
    await expect((await started({})).plan()).rejects.toMatchObject({ kind: 'absent' });
  });

  it('takes only IPv4 addresses of an incident', () => {
    const targets = { ...NO_TARGETS, addresses: ['198.51.100.23', '2001:db8::5'] };
    expect(firewallIpGroupAdd.from?.(targets)).toEqual([{ address: '198.51.100.23' }]);
  });

  it('loses nothing of what others write at the same time', async () => {
    const { fake, changeOf, context } = await started(hub(), { busy: 409 });
    const addresses = Array.from({ length: 5 }, (_, at) => `198.51.100.${at + 1}`);
    const changes = await Promise.all(addresses.map((address) => changeOf(address)));
    fake.fail({
      when: ({ method }) => {
        if (method === 'PUT') fake.setIpAddresses(GROUP, [...(fake.ipGroup(GROUP)?.ipAddresses ?? []), '192.0.2.99']);
        return method === 'PUT';
      },
      answer: { status: 429, headers: { 'retry-after': '2' } },
    });
    await Promise.all(changes.map((change) => firewallIpGroupAdd.execute(change, context())));
    expect(fake.ipGroup(GROUP)?.ipAddresses.toSorted()).toEqual(
      [...HELD, '192.0.2.99', ...addresses.map((address) => `${address}/32`)].sort(),
    );
  });

  it('writes nothing over what was changed between reading and writing', async () => {
    const { fake, changeOf, context } = await started();
    const change = await changeOf();
    let once = true;
    fake.fail({
      when: ({ method }) => {
        if (method === 'PUT' && once) {
          once = false;
          fake.setIpAddresses(GROUP, [...HELD, '192.0.2.99']);
        }
        return false;
      },
      answer: 'hang up',
    });
    await firewallIpGroupAdd.execute(change, context());
    expect(fake.ipGroup(GROUP)?.ipAddresses).toEqual([...HELD, '192.0.2.99', '198.51.100.23/32']);
  });

  it('puts in again what somebody took out', async () => {
    const { fake, changeOf, context } = await started(hub(), { changeTakes: 0 });
    const change = await changeOf();
    await firewallIpGroupAdd.execute(change, context());
    fake.setIpAddresses(GROUP, HELD);
    expect(await firewallIpGroupAdd.verify(change, context())).toEqual({ is: 'absent' });
    await firewallIpGroupAdd.execute(change, context());
    expect(await firewallIpGroupAdd.verify(change, context())).toEqual({ is: 'held' });
  });

  it('says that there is no effect where no firewall uses the group any more, and nothing is held where it is gone', async () => {
    const { changeOf } = await started();
    const change = await changeOf();
    const unused = await started(hub([...HELD, '198.51.100.23/32'], []));
    expect(await firewallIpGroupAdd.verify(change, unused.context())).toMatchObject({ is: 'ineffective' });
    const gone = await started({});
    expect(await firewallIpGroupAdd.verify(change, gone.context())).toEqual({ is: 'absent' });
    await expect(firewallIpGroupAdd.undo?.(change, gone.context())).resolves.toBeUndefined();
  });

  it('names the permission that is missing', async () => {
    const { fake, changeOf, context } = await started();
    const change = await changeOf();
    fake.fail({
      when: ({ method }) => method === 'PUT',
      answer: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } },
    });
    await expect(firewallIpGroupAdd.execute(change, context())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('Microsoft.Network/ipGroups/write') as string,
    });
  });
});
