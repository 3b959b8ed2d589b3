import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FakeAwsNetwork, type FakeAwsNetworkOptions } from '../../../local/fakes/aws-network.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Json } from '../../../platform/json.ts';
import { awsStage, stubAws } from '../../../test/response/aws-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { awsNetworkAclDeny as action } from './aws-network-acl-deny.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const ACL = 'acl-0123456789abcdef0';
const PARAMETERS = {
  account: '111122223333',
  region: 'eu-central-1',
  networkAcl: ACL,
  address: '198.51.100.23',
  direction: 'inbound',
};
const ALLOW = { action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' } as const;
/** As AWS makes it: all is allowed by number 100. */
const ENTRIES = [
  { ...ALLOW, number: 100, egress: false },
  { ...ALLOW, number: 100, egress: true },
];

async function stageOf(clock: Clock, options: FakeAwsNetworkOptions = {}) {
  const { iam, context } = await awsStage({ clock });
  const network = new FakeAwsNetwork({
    acls: [{ id: ACL, subnets: ['subnet-1', 'subnet-2'], entries: ENTRIES }],
    ...options,
  });
  await network.listen();
  stubAws({ EC2: network.url });
  return {
    network,
    fakes: [network, iam],
    context,
    state: () => JSON.parse(JSON.stringify(network.acls)) as Json,
  };
}

async function staged(acls?: FakeAwsNetworkOptions['acls'], more: FakeAwsNetworkOptions = {}) {
  const stage = await stageOf(new HurriedClock(), { ...(acls && { acls }), ...more });
  onTestFinished(async () => {
    await Promise.all(stage.fakes.map((fake) => fake.close()));
  });
  return stage;
}

describeContract(action, {
  parameters: PARAMETERS,
  start: (clock) => stageOf(clock),
  hostile: ['0.0.0.0/0', '::/0', '10.0.0.0/8', 'fe80::/10', '198.51.100.23;', 'a'.repeat(4096), '', 'localhost']
    .map((address): Json => ({ ...PARAMETERS, address }))
    .concat([
      { ...PARAMETERS, networkAcl: 'acl-0123&Action=DeleteNetworkAcl' },
      { ...PARAMETERS, region: 'evil.example/#' },
      { ...PARAMETERS, account: '1' },
      { ...PARAMETERS, direction: 'all' },
    ]),
});

describe('aws-network-acl-deny', () => {
  it('denies IPv6 in both directions, and names who is affected', async () => {
    const stage = await staged();
    const plan = await action.plan({ ...PARAMETERS, address: '2001:DB8::0:7', direction: 'both' }, stage.context());
    expect(plan.affects[0]).toBe(
      'All in the 2 subnets behind acl-0123456789abcdef0 that talks with 2001:db8::7/128: subnet-1, subnet-2',
    );
    expect(plan.subjects).toEqual([
      { kind: 'address', value: '2001:db8::7/128' },
      {
        kind: 'resource',
        key: `aws:arn:aws:ec2:eu-central-1:111122223333:network-acl/${ACL}`,
        label: plan.target.label,
      },
    ]);
    for (const change of plan.changes) {
      await action.execute(change, stage.context());
      expect(await action.verify(change, stage.context())).toEqual({ is: 'held', note: 'by entry 1' });
    }
    const made = stage.network.acls[0]?.entries.filter(({ action: does }) => does === 'deny');
    expect(made).toEqual(
      [false, true].map((egress) => ({ number: 1, egress, action: 'deny', protocol: '-1', cidr: '2001:db8::7/128' })),
    );
  });

  it('takes a free number before what allows the address, and leaves entries of others alone', async () => {
    const others = [
      { number: 1, egress: false, action: 'deny', protocol: '-1', cidr: '203.0.113.0/24' },
      { number: 2, egress: false, action: 'deny', protocol: '6', cidr: '198.51.100.23/32' },
      { ...ALLOW, number: 4, egress: false, cidr: '198.51.100.0/24' },
    ] as const;
    const stage = await staged([{ id: ACL, subnets: [], entries: [...others] }]);
    const { changes } = await action.plan(PARAMETERS, stage.context());
    for (const change of changes) {
      expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
      await action.execute(change, stage.context());
      expect(stage.network.writes).toEqual([{ operation: 'CreateNetworkAclEntry', target: `${ACL}/inbound/3` }]);
      await action.undo?.(change, stage.context());
    }
    expect(stage.network.acls[0]?.entries).toEqual(others);
  });

  it('has no number left where an entry that allows the address is the first', async () => {
    const stage = await staged([{ id: ACL, subnets: [], entries: [{ ...ALLOW, number: 1, egress: false }] }]);
    await expect(action.plan(PARAMETERS, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
  });

  it('says where somebody allowed the address before', async () => {
    const stage = await staged([
      {
        id: ACL,
        subnets: [],
        entries: [{ number: 1, egress: false, action: 'deny', protocol: '-1', cidr: '203.0.113.0/24' }],
      },
    ]);
    const { changes } = await action.plan(PARAMETERS, stage.context());
    for (const change of changes) {
      await action.execute(change, stage.context());
      const [acl] = stage.network.acls;
      if (acl !== undefined) acl.entries = [{ ...ALLOW, number: 1, egress: false }, ...acl.entries.slice(1)];
      expect(await action.verify(change, stage.context())).toMatchObject({ is: 'ineffective' });
    }
  });

  it('does not delete an entry that somebody put in place of ours', async () => {
    const stage = await staged();
    const { changes } = await action.plan(PARAMETERS, stage.context());
    const theirs = { number: 1, egress: false, action: 'deny', protocol: '-1', cidr: '198.51.100.0/24' } as const;
    for (const change of changes) {
      await action.execute(change, stage.context());
      const [acl] = stage.network.acls;
      if (acl !== undefined) acl.entries = [theirs];
      expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
      await action.undo?.(change, stage.context());
      expect(acl?.entries).toEqual([theirs]);
    }
  });

  it('says what to do where the quota is reached', async () => {
    const stage = await staged(undefined, { entryQuota: 1 });
    const { changes } = await action.plan(PARAMETERS, stage.context());
    for (const change of changes) {
      await expect(action.execute(change, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
    }
  });

  it('takes the next number where another response took it meanwhile', async () => {
    const stage = await staged();
    const all = await Promise.all(
      ['198.51.100.23', '198.51.100.24', '198.51.100.25'].map((address) =>
        action.plan({ ...PARAMETERS, address }, stage.context()),
      ),
    );
    await Promise.all(all.flatMap(({ changes }) => changes).map((change) => action.execute(change, stage.context())));
    expect(stage.network.writes.map(({ target }) => target).sort()).toEqual(
      [1, 2, 3].map((number) => `${ACL}/inbound/${number}`),
    );
  });
});
