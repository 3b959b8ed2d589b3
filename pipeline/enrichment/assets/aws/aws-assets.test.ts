import { describe, expect, it } from 'vitest';
import { textOf, type JsonObject } from '../../../../platform/json.ts';
import { arnKey } from '../../../timeline/entity-keys.ts';
import type { StatedAsset } from '../inventory.ts';
import { awsAssets, awsGrants } from './aws-assets.ts';
import {
  balancer,
  bucket,
  cluster,
  database,
  instance,
  lambda,
  OFFICE_22,
  OPEN_443,
  REGION,
  role,
  securityGroup,
  WEB_PROFILE,
  WEB_ROLE,
} from './aws-samples.ts';

const TAGS = { owner: ['owner'], environment: ['env'], importance: ['criticality'], dataClass: ['data-class'] };
const OPEN = securityGroup('sg-0web', [OFFICE_22, OPEN_443]);
const CLOSED = securityGroup('sg-0web', [OFFICE_22]);

/** The asset of the first row, among the others. */
const assetOf = (...rows: readonly JsonObject[]): StatedAsset | undefined =>
  awsAssets(rows, TAGS).find(({ key }) => key === arnKey(textOf(rows[0]?.['arn']) ?? ''));

describe('assets of AWS Config', () => {
  it.each<[string, readonly JsonObject[], string | undefined, string | undefined]>([
    ['an instance with an address behind an open group', [instance('i-0a', { publicIp: '203.0.113.4' }), OPEN], 'internet', 'public address 203.0.113.4, and sg-0web lets every address in to 443'],
    ['an instance with an address behind a closed group', [instance('i-0a', { publicIp: '203.0.113.4' }), CLOSED], 'internal', 'public address 203.0.113.4, but no security group lets every address in'],
    ['an instance without an address', [instance('i-0a'), OPEN], 'internal', 'it has no public address'],
    ['an instance behind a group that is not known', [instance('i-0a', { publicIp: '203.0.113.4' })], undefined, undefined],
    ['an instance behind two groups of which one is open', [instance('i-0a', { publicIp: '203.0.113.4', groups: ['sg-0x', 'sg-0web'] }), OPEN], 'internet', 'public address 203.0.113.4, and sg-0web lets every address in to 443'],
    ['a group that is open', [OPEN], 'internet', 'it lets every address in to 443'],
    ['a group for all ports', [securityGroup('sg-0x', [{ ipProtocol: '-1', ipv6Ranges: [{ cidrIpv6: '::/0' }] }])], 'internet', 'it lets every address in to all ports'],
    ['a group for echo requests', [securityGroup('sg-0x', [{ ipProtocol: 'icmp', fromPort: 8, toPort: -1, ipRanges: ['0.0.0.0/0'] }])], 'internal', 'it does not let every address in'],
    ['a group for another group', [securityGroup('sg-0x', [{ ipProtocol: '-1', userIdGroupPairs: [{ groupId: 'sg-0web' }] }])], 'internal', 'it does not let every address in'],
    ['a group that is closed', [CLOSED], 'internal', 'it does not let every address in'],
    ['a database', [database(true, ['sg-0web']), OPEN], 'internet', 'it is publicly accessible, and sg-0web lets every address in to 443'],
    ['a database behind a closed group', [database(true, ['sg-0web']), CLOSED], 'internal', 'it is publicly accessible, but no security group lets every address in'],
    ['a database inside', [database(false, ['sg-0web']), OPEN], 'internal', 'it has no public address'],
    ['a load balancer', [balancer('internet-facing', ['sg-0web']), OPEN], 'internet', 'it faces the internet, and sg-0web lets every address in to 443'],
    ['a load balancer that has no groups', [balancer('internet-facing', [])], 'internet', 'it faces the internet'],
    ['a load balancer inside', [balancer('internal', [])], 'internal', 'it has no public address'],
    ['a bucket that is blocked', [bucket('orders', true)], 'internal', 'public access is blocked'],
    ['a bucket that is blocked in part', [bucket('orders', false)], undefined, undefined],
    ['a bucket of which nothing is said', [bucket('orders', undefined)], undefined, undefined],
    ['a cluster', [cluster({ EndpointPublicAccess: true, PublicAccessCidrs: ['0.0.0.0/0'] })], 'internet', 'its API server lets every network in'],
    ['a cluster for the office', [cluster({ EndpointPublicAccess: true, PublicAccessCidrs: ['198.51.100.0/24'] })], undefined, undefined],
    ['a private cluster', [cluster({ EndpointPublicAccess: false })], 'internal', 'its API server is private'],
  ])('%s', (_what, rows, exposure, exposedBy) => {
    const asset = assetOf(...rows);
    expect([asset?.exposure, asset?.exposedBy]).toEqual([exposure, exposedBy]);
  }); // prettier-ignore

  it('act as their roles, and are behind what guards them', () => {
    const named = { Name: 'web-1', Owner: 'shop', env: 'Prod', criticality: 'critical' };
    const web = instance('i-0a', { publicIp: '203.0.113.4', profile: WEB_PROFILE, named });
    expect(assetOf(web, OPEN, role([]))).toMatchObject({
      name: 'web-1',
      owner: 'shop',
      environment: 'prod',
      importance: 1,
      identities: [arnKey(WEB_ROLE)],
      behind: [
        arnKey(`arn:aws:ec2:${REGION}:111122223333:security-group/sg-0web`),
        'ip:203.0.113.4',
        arnKey(`arn:aws:ec2:${REGION}:111122223333:network-interface/eni-i-0a`),
      ],
      account: 'aws-account:111122223333',
    });
    expect(assetOf(web, OPEN)?.identities).toEqual([]);
    expect(assetOf(lambda())?.identities).toEqual([arnKey(WEB_ROLE)]);
  });

  it('leaves out instances that are gone, and takes whatever it is given', () => {
    expect(assetOf(instance('i-0a', { state: 'terminated' }))).toBeUndefined();
    const odd: JsonObject[] = [
      {},
      { arn: 7 },
      { arn: 'x' },
      { arn: 'arn:aws:ec2:::instance/i', resourceType: 'AWS::EC2::Instance', configuration: 'x', tags: { a: 1 } },
      {
        arn: 'arn:aws:iam::1:role/r',
        resourceType: 'AWS::IAM::Role',
        configuration: { instanceProfileList: [null, 3] },
      },
    ];
    expect(awsAssets(odd, TAGS).map(({ key }) => key)).toEqual([
      'aws:arn:aws:ec2:::instance/i',
      'aws:arn:aws:iam::1:role/r',
    ]);
    expect(awsGrants(odd)).toEqual([]);
  });
});

describe('rights by policies of AWS', () => {
  it.each<[string, string | undefined]>([
    ['arn:aws:iam::aws:policy/AdministratorAccess', 'aws-account:111122223333'],
    ['arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess', 'aws-account:111122223333/s3'],
    ['arn:aws:iam::aws:policy/SecretsManagerReadWrite', 'aws-account:111122223333/secretsmanager'],
    ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore', undefined],
    ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole', undefined],
    ['arn:aws:iam::111122223333:policy/AdministratorAccess', undefined],
    ['arn:aws:iam::aws:policy/constructor', undefined],
  ])('%s opens %s', (policy, scope) => {
    const principal = arnKey(WEB_ROLE);
    const expected = scope === undefined ? [] : [{ principal, scope, role: policy.split('/').at(-1) }];
    expect(awsGrants([role([policy])])).toEqual(expected);
  });
});
