import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeAwsConfig } from '../../../../test/fakes/aws-config.ts';
import { arnKey } from '../../../timeline/entity-keys.ts';
import type { Inventory } from '../inventory.ts';
import { connectAwsConfig, type ConfigTarget } from './aws-config.ts';
import {
  ACCOUNT,
  bucket,
  cluster,
  database,
  instance,
  instanceArn,
  OPEN_443,
  OTHER_ACCOUNT,
  REGION,
  role,
  securityGroup,
  WEB_PROFILE,
  WEB_ROLE,
} from './aws-samples.ts';
import { readAws } from './read-aws.ts';

const TAGS = { owner: ['owner'], environment: [], importance: [], dataClass: [] };
const IRELAND = 'eu-west-1';

let service: FakeAwsConfig;
beforeEach(async () => {
  service = await FakeAwsConfig.start();
  service.add(
    instance('i-0web', { publicIp: '203.0.113.4', profile: WEB_PROFILE }),
    securityGroup('sg-0web', [OPEN_443]),
    role(['arn:aws:iam::aws:policy/AmazonS3FullAccess']),
    bucket('contoso-orders', true, { owner: 'shop' }),
    database(false, []),
    cluster({ EndpointPublicAccess: true, PublicAccessCidrs: ['0.0.0.0/0'] }),
    instance('i-0far', { region: IRELAND }),
    instance('i-0other', { account: OTHER_ACCOUNT }),
  );
  const environment = {
    AWS_ENDPOINT_URL: service.url,
    AWS_ACCESS_KEY_ID: 'AKIACONTOSO',
    AWS_SECRET_ACCESS_KEY: 'invented',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  for (const name of ['AWS_SESSION_TOKEN', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await service.close();
});

const HERE: ConfigTarget = { account: ACCOUNT, region: REGION };
const FAR: ConfigTarget = { account: ACCOUNT, region: IRELAND };
const read = (targets: readonly ConfigTarget[], before?: Inventory): Promise<Inventory> =>
  readAws(targets, (target) => connectAwsConfig(target), TAGS, before);
const instancesIn = ({ assets }: Inventory): readonly string[] =>
  assets
    .map(({ key }) => key)
    .filter((key) => key.includes(':instance/'))
    .sort();

describe('the inventory of AWS', () => {
  it('is what the accounts and regions have, of what the queries select alone', async () => {
    const inventory = await read([HERE, FAR]);
    expect(instancesIn(inventory)).toEqual([
      arnKey(instanceArn('i-0web')),
      arnKey(instanceArn('i-0far', { region: IRELAND })),
    ]);
    expect(inventory.assets).toHaveLength(7);
    expect(inventory.assets.find(({ key }) => key === arnKey(instanceArn('i-0web')))).toMatchObject({
      exposure: 'internet',
      identities: [arnKey(WEB_ROLE)],
    });
    expect(inventory.assets.find(({ key }) => key.includes('orders') && key.includes('s3'))).toMatchObject({
      exposure: 'internal',
      owner: 'shop',
      account: `aws-account:${ACCOUNT}`,
    });
    expect(inventory).toMatchObject({ source: 'aws', by: 'cloud', missing: [] });
    expect(inventory.grants).toEqual([
      { principal: arnKey(WEB_ROLE), scope: `aws-account:${ACCOUNT}/s3`, role: 'AmazonS3FullAccess' },
    ]);
  });

  it('is that of all accounts of an aggregator', async () => {
    service.aggregator('organization');
    const inventory = await read([{ region: REGION, aggregator: 'organization' }]);
    expect(instancesIn(inventory)).toHaveLength(3);
    await expect(read([{ region: REGION, aggregator: 'none' }])).rejects.toThrow(
      /aggregator none: NoSuchConfigurationAggregatorException/,
    );
  });

  it('is read page by page, and again where it was throttled', async () => {
    service.add(...Array.from({ length: 250 }, (_, at) => instance(`i-${at}`)));
    let throttled = 0;
    service.failure = ({ token }) =>
      token !== undefined && throttled++ === 0 ? { status: 400, type: 'ThrottlingException' } : undefined;
    expect(instancesIn(await read([HERE]))).toHaveLength(251);
    expect(service.seen.filter(({ type }) => type === 'AWS::EC2::Instance')).toHaveLength(4);
  });

  it('says which target may not be read, and keeps what was known of it', async () => {
    const before = await read([HERE, FAR]);
    service.remove(instanceArn('i-0web'));
    service.failure = ({ region }) => (region === IRELAND ? { status: 400, type: 'AccessDeniedException' } : undefined);
    const after = await read([HERE, FAR], before);
    expect(instancesIn(after)).toEqual([arnKey(instanceArn('i-0far', { region: IRELAND }))]);
    expect(after.missing).toEqual([
      `AWS account ${ACCOUNT} in ${IRELAND}: AccessDeniedException: invented. It needs the IAM permission config:SelectResourceConfig`,
    ]);
  });

  it('is none where everything is refused', async () => {
    service.failure = () => ({ status: 400, type: 'AccessDeniedException' });
    await expect(read([HERE])).rejects.toThrow(
      /^nothing of AWS could be read\. AWS account 111122223333 in eu-central-1/,
    );
  });
});
