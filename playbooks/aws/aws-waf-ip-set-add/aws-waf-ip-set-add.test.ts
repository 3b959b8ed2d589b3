import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FakeAwsNetwork, type FakeAwsNetworkOptions, type FakeRules } from '../../../local/fakes/aws-network.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Json } from '../../../platform/json.ts';
import { awsStage, stubAws } from '../../../test/response/aws-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { awsWafIpSetAdd as action } from './aws-waf-ip-set-add.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const ID = '00000000-0000-4000-8000-0000000000aa';
const SET = `arn:aws:wafv2:eu-central-1:111122223333:regional/ipset/bad-addresses/${ID}`;
const SET6 = `arn:aws:wafv2:us-east-1:111122223333:global/ipset/bad-addresses-6/${ID}`;
const PARAMETERS = { ipSet: SET, address: '198.51.100.23' };

const ruleOn = (arn: string, does = 'Block'): Json => ({
  Name: 'bad-addresses',
  Priority: 0,
  Action: { [does]: {} },
  Statement: { OrStatement: { Statements: [{ IPSetReferenceStatement: { ARN: arn } }, { GeoMatchStatement: {} }] } },
});
const RULES: FakeRules[] = [
  { kind: 'web ACL', scope: 'REGIONAL', name: 'shop', rules: [ruleOn(SET)] },
  { kind: 'rule group', scope: 'CLOUDFRONT', name: 'edge', rules: [ruleOn(SET6)] },
];

async function stageOf(clock: Clock, options: FakeAwsNetworkOptions = {}) {
  const { iam, context } = await awsStage({ clock });
  const network = new FakeAwsNetwork({
    ipSets: [
      { arn: SET, version: 'IPV4', description: 'kept', addresses: ['203.0.113.0/24'] },
      { arn: SET6, version: 'IPV6', addresses: ['2001:db8:1::/48'] },
    ],
    rules: RULES,
    ...options,
  });
  await network.listen();
  stubAws({ WAFV2: network.url });
  return {
    network,
    fakes: [network, iam],
    context,
    state: () => JSON.parse(JSON.stringify(network.ipSets)) as Json,
  };
}

async function staged(options: FakeAwsNetworkOptions = {}) {
  const stage = await stageOf(new HurriedClock(), options);
  onTestFinished(async () => {
    await Promise.all(stage.fakes.map((fake) => fake.close()));
  });
  return stage;
}

describeContract(action, {
  parameters: PARAMETERS,
  start: (clock) => stageOf(clock),
  hostile: [
    { ...PARAMETERS, address: '0.0.0.0/0' },
    { ...PARAMETERS, address: '::/0' },
    { ...PARAMETERS, address: '198.51.100.23\n' },
    { ...PARAMETERS, ipSet: `${SET}/../x` },
    { ...PARAMETERS, ipSet: SET.replace('ipset', 'webacl') },
    { ...PARAMETERS, ipSet: 'x'.repeat(4096) },
  ],
});

describe('aws-waf-ip-set-add', () => {
  it('keeps what others have in the set, and its description', async () => {
    const stage = await staged();
    const { changes, affects, subjects } = await action.plan(PARAMETERS, stage.context());
    expect(affects).toEqual(['Web requests from 198.51.100.23/32 that rule bad-addresses of web ACL shop sees']);
    expect(subjects).toMatchObject([
      { kind: 'address', value: '198.51.100.23/32' },
      { kind: 'resource', key: `aws:${SET}` },
    ]);
    for (const change of changes) await action.execute(change, stage.context());
    expect(stage.network.ipSets[0]).toMatchObject({
      addresses: ['203.0.113.0/24', '198.51.100.23/32'],
      description: 'kept',
    });
  });

  it('knows IPv6 however it is written, in a set of CloudFront', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ ipSet: SET6, address: '2001:DB8::0:7' }, stage.context());
    for (const change of changes) {
      await action.execute(change, stage.context());
      expect(await action.verify(change, stage.context())).toEqual({ is: 'held' });
      await action.undo?.(change, stage.context());
    }
    expect(stage.network.ipSets[1]?.addresses).toEqual(['2001:db8:1::/48']);
  });

  it('does not put an address into a set of the other version', async () => {
    const stage = await staged();
    const refusal = action.plan({ ipSet: SET, address: '2001:db8::7' }, stage.context());
    await expect(refusal).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('IPv4') as string,
    });
  });

  it.each<[string, Json]>([
    ['lets in', ruleOn(SET, 'Allow')],
    ['counts', ruleOn(SET, 'Count')],
    [
      'blocks what is not in it',
      {
        Name: 'office',
        Action: { Block: {} },
        Statement: { NotStatement: { Statement: { IPSetReferenceStatement: { ARN: SET } } } },
      },
    ],
  ])('does not put an attacker into a set by which a rule %s', async (_what, rule) => {
    const stage = await staged({
      rules: [...RULES, { kind: 'web ACL', scope: 'REGIONAL', name: 'other', rules: [rule] }],
    });
    await expect(action.plan(PARAMETERS, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
    expect(stage.network.writes).toEqual([]);
  });

  it('says where no rule uses the set', async () => {
    const stage = await staged({ rules: [] });
    const refusal = action.plan(PARAMETERS, stage.context());
    await expect(refusal).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('no rule blocks') as string,
    });
  });

  it('merges again where somebody else changed the set at the same time', async () => {
    const stage = await staged();
    const { changes } = await action.plan(PARAMETERS, stage.context());
    let left = 2;
    stage.network.fail({
      times: Infinity,
      when: ({ headers }) => {
        if (left > 0 && String(headers['x-amz-target']).endsWith('UpdateIPSet')) {
          stage.network.changeSet(SET, [`203.0.113.${left--}/32`]);
        }
        return false;
      },
      answer: 'hang up',
    });
    for (const change of changes) await action.execute(change, stage.context());
    expect(stage.network.ipSets[0]?.addresses).toEqual(['203.0.113.1/32', '198.51.100.23/32']);
  });

  it('gives up as a conflict where somebody changes it all the time', async () => {
    const stage = await staged();
    const { changes } = await action.plan(PARAMETERS, stage.context());
    stage.network.fail({
      times: Infinity,
      when: ({ headers }) => String(headers['x-amz-target']).endsWith('UpdateIPSet'),
      answer: { status: 400, body: { __type: 'WAFOptimisticLockException', message: 'invented' } },
    });
    for (const change of changes)
      await expect(action.execute(change, stage.context())).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('leaves an address in the set that others put there', async () => {
    const stage = await staged();
    const { changes } = await action.plan({ ...PARAMETERS, address: '203.0.113.0/24' }, stage.context());
    expect(changes).toMatchObject([{ undo: undefined }]);
    for (const change of changes) await action.undo?.(change, stage.context());
    expect(stage.network.writes).toEqual([]);
  });

  it('says where the set is full', async () => {
    const addresses = Array.from({ length: 10_000 }, (_, at) => `203.0.${at >> 8}.${at & 255}/32`);
    const stage = await staged({ ipSets: [{ arn: SET, version: 'IPV4', addresses }] });
    await expect(action.plan(PARAMETERS, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
  });
});
