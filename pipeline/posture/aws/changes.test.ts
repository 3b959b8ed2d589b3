import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { ACCOUNT, changesOf, trailRecord } from '../posture-samples.ts';

describe('CloudTrail: public addresses', () => {
  const EC2 = `aws:arn:aws:ec2:eu-west-1:${ACCOUNT}`;
  const DATABASE = `aws:arn:aws:rds:eu-west-1:${ACCOUNT}:db:orders`;
  const BALANCER = `arn:aws:elasticloadbalancing:eu-west-1:${ACCOUNT}:loadbalancer/app/web/0aaa`;
  const ASSOCIATION = `${EC2}:elastic-ip-association/eipassoc-0aaa`;
  const instances = { instancesSet: { items: [{ instanceId: 'i-0aaa' }, { instanceId: 'i-0bbb' }] } };
  const given = { associationId: 'eipassoc-0aaa', _return: true };

  it.each<[string, string, JsonObject, JsonObject | null, readonly (readonly [string, string | undefined, boolean])[]]>(
    [
      [
        'ec2',
        'AssociateAddress',
        { allocationId: 'eipalloc-0aaa', instanceId: 'i-0aaa' },
        given,
        [[ASSOCIATION, 'instance/i-0aaa', true]],
      ],
      [
        'ec2',
        'AssociateAddress',
        { allocationId: 'eipalloc-0aaa', networkInterfaceId: 'eni-0aaa' },
        given,
        [[ASSOCIATION, 'network-interface/eni-0aaa', true]],
      ],
      ['ec2', 'AssociateAddress', { publicIp: '203.0.113.4' }, given, []],
      ['ec2', 'AssociateAddress', { instanceId: 'i-0aaa' }, null, []],
      [
        'ec2',
        'DisassociateAddress',
        { associationId: 'eipassoc-0aaa' },
        { _return: true },
        [[ASSOCIATION, undefined, false]],
      ],
      [
        'ec2',
        'RunInstances',
        { networkInterfaceSet: { items: [{ deviceIndex: 0, associatePublicIpAddress: true }] } },
        instances,
        [
          [`${EC2}:instance/i-0aaa`, undefined, true],
          [`${EC2}:instance/i-0bbb`, undefined, true],
        ],
      ],
      [
        'ec2',
        'RunInstances',
        { networkInterfaceSet: { items: [{ deviceIndex: 0, associatePublicIpAddress: false }] } },
        instances,
        [],
      ],
      ['ec2', 'RunInstances', { networkInterfaceSet: {} }, instances, []],
      [
        'ec2',
        'TerminateInstances',
        { instancesSet: { items: [{ instanceId: 'i-0aaa' }] } },
        null,
        [[`${EC2}:instance/i-0aaa`, undefined, false]],
      ],
      [
        'rds',
        'CreateDBInstance',
        { dBInstanceIdentifier: 'Orders', publiclyAccessible: true },
        null,
        [[DATABASE, undefined, true]],
      ],
      [
        'rds',
        'ModifyDBInstance',
        { dBInstanceIdentifier: 'orders', publiclyAccessible: true },
        { dBInstanceArn: DATABASE.slice(4) },
        [[DATABASE, undefined, true]],
      ],
      [
        'rds',
        'ModifyDBInstance',
        { dBInstanceIdentifier: 'orders', publiclyAccessible: false },
        null,
        [[DATABASE, undefined, false]],
      ],
      ['rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'orders', allocatedStorage: 20 }, null, []],
      ['rds', 'DeleteDBInstance', { dBInstanceIdentifier: 'orders' }, null, [[DATABASE, undefined, false]]],
      [
        'elasticloadbalancing',
        'CreateLoadBalancer',
        { name: 'web' },
        { loadBalancers: [{ loadBalancerArn: BALANCER, scheme: 'internet-facing' }] },
        [[`aws:${BALANCER}`, undefined, true]],
      ],
      [
        'elasticloadbalancing',
        'CreateLoadBalancer',
        { name: 'web' },
        { loadBalancers: [{ loadBalancerArn: BALANCER, scheme: 'internal' }] },
        [],
      ],
      ['elasticloadbalancing', 'CreateLoadBalancer', { loadBalancerName: 'classic' }, { dNSName: 'x' }, []],
      [
        'elasticloadbalancing',
        'DeleteLoadBalancer',
        { loadBalancerArn: BALANCER },
        null,
        [[`aws:${BALANCER}`, undefined, false]],
      ],
    ],
  )('%s %s %j', (source, name, request, response, expected) => {
    const changes = changesOf(trailRecord({ source, name, request, response }));
    expect(changes.every(({ condition }) => condition === 'public-address')).toBe(true);
    expect(changes.map(({ resource, part, weakened }) => [resource, part, weakened])).toEqual(expected);
    expect(changesOf(trailRecord({ source, name, request, response, error: 'UnauthorizedOperation' }))).toEqual([]);
  });
});

describe('CloudTrail', () => {
  const shown = (call: Parameters<typeof trailRecord>[0]): readonly string[] =>
    changesOf(trailRecord(call)).map(
      ({ condition, resource, part, also, weakened }) =>
        `${weakened ? '+' : '-'} ${condition} ${resource} ${part ?? '*'}${also === undefined ? '' : ` = ${also}`}`,
    );
  const TRAIL = `logging-off aws:arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/organization`;
  const arnOfTrail = `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/organization`;
  const selectors = (includeManagementEvents: boolean): JsonObject => ({
    trailName: 'organization',
    eventSelectors: [{ readWriteType: 'All', includeManagementEvents, dataResources: [] }],
  });
  const advanced = (equals: string, name = 'selector'): JsonObject => ({
    trailName: 'organization',
    advancedEventSelectors: [{ name, fieldSelectors: [{ field: 'eventCategory', equals: [equals] }] }],
  });

  it.each([
    ['StopLogging', { name: 'organization' }, [`+ ${TRAIL} recording`]],
    ['StopLogging', { name: arnOfTrail }, [`+ ${TRAIL} recording`]],
    ['DeleteTrail', { name: 'organization' }, [`+ ${TRAIL} recording`]],
    ['StartLogging', { name: arnOfTrail }, [`- ${TRAIL} recording`]],
    ['CreateTrail', { name: 'organization' }, []],
    ['UpdateTrail', { name: 'organization', isMultiRegionTrail: false }, [`+ ${TRAIL} all regions`]],
    ['UpdateTrail', { name: 'organization', isMultiRegionTrail: true }, [`- ${TRAIL} all regions`]],
    ['UpdateTrail', { name: 'organization', s3BucketName: 'contoso-logs' }, []],
    ['PutEventSelectors', selectors(false), [`+ ${TRAIL} management events`]],
    ['PutEventSelectors', selectors(true), [`- ${TRAIL} management events`]],
    ['PutEventSelectors', advanced('Data', 'Management'), [`+ ${TRAIL} management events`]],
    ['PutEventSelectors', advanced('Management'), [`- ${TRAIL} management events`]],
    ['GetTrailStatus', { name: 'organization' }, []],
  ])('%s %j', (name, request, expected) => {
    expect(shown({ source: 'cloudtrail', name, request })).toEqual(expected);
  });

  it('what was denied changes nothing', () => {
    expect(
      shown({ source: 'cloudtrail', name: 'StopLogging', request: { name: 'organization' }, error: 'AccessDenied' }),
    ).toEqual([]);
  });

  it.each([
    ['guardduty', 'DeleteDetector', { detectorId: 'd1' }, '+', 'GuardDuty'],
    ['guardduty', 'CreateDetector', { enable: true }, '-', 'GuardDuty'],
    ['guardduty', 'UpdateDetector', { detectorId: 'd1', enable: false }, '+', 'GuardDuty'],
    ['securityhub', 'DisableSecurityHub', null, '+', 'Security Hub'],
    ['config', 'StartConfigurationRecorder', { configurationRecorderName: 'default' }, '-', 'Config'],
  ])('%s: %s', (source, name, request, sign, service) => {
    expect(shown({ source, name, request })).toEqual([
      `${sign} logging-off aws-account:${ACCOUNT} ${service} in eu-west-1`,
    ]);
  });

  it('a detector that publishes more often changes nothing', () => {
    const request = { detectorId: 'd1', findingPublishingFrequency: 'FIFTEEN_MINUTES' };
    expect(shown({ source: 'guardduty', name: 'UpdateDetector', request })).toEqual([]);
  });

  it('flow logs are deleted by their ids, and made for networks', () => {
    const made = {
      request: { CreateFlowLogsRequest: { ResourceType: 'VPC', ResourceId: { tag: 1, content: 'vpc-1' } } },
      response: { CreateFlowLogsResponse: { unsuccessful: '', flowLogIdSet: { item: 'fl-1' } } },
    };
    expect(shown({ source: 'ec2', name: 'CreateFlowLogs', ...made })).toEqual([
      `- logging-off aws-account:${ACCOUNT} flow log vpc-1 = flow log fl-1`,
    ]);
    const request = { DeleteFlowLogsRequest: { FlowLogId: { tag: 1, content: 'fl-1' } } };
    expect(shown({ source: 'ec2', name: 'DeleteFlowLogs', request })).toEqual([
      `+ logging-off aws-account:${ACCOUNT} flow log fl-1`,
    ]);
  });

  const groupId = 'sg-0123456789abcdef0';
  const SG = `network-open aws:arn:aws:ec2:eu-west-1:${ACCOUNT}:security-group/${groupId}`;
  const permission = (cidrIp: string, fromPort: number, toPort = fromPort, ipProtocol = 'tcp'): JsonObject => ({
    items: [{ ipProtocol, fromPort, toPort, groups: {}, ipRanges: { items: [{ cidrIp }] }, ipv6Ranges: {} }],
  });
  const answer = (name: string, more: JsonObject = {}): JsonObject => ({
    _return: true,
    [name]: {
      items: [
        {
          groupId,
          securityGroupRuleId: 'sgr-1',
          isEgress: false,
          ipProtocol: 'tcp',
          fromPort: 22,
          toPort: 22,
          ...more,
        },
      ],
    },
  });

  it.each([
    [permission('0.0.0.0/0', 22), ['tcp 22-22 0.0.0.0/0']],
    [permission('128.0.0.0/1', 20, 25), ['tcp 20-25 128.0.0.0/1']],
    [permission('0.0.0.0/0', -1, -1, '-1'), ['-1 -1--1 0.0.0.0/0']],
    [permission('0.0.0.0/0', 443), []],
    [permission('203.0.113.0/24', 22), []],
    [permission('0.0.0.0/0', 8000, 9000), []],
    [permission('0.0.0.0/0', -1, -1, 'icmp'), []],
  ])('a group is opened for %j', (ipPermissions, parts) => {
    const call = { source: 'ec2', name: 'AuthorizeSecurityGroupIngress', request: { groupId, ipPermissions } };
    expect(shown(call)).toEqual(parts.map((part) => `+ ${SG} ${part}`));
  });

  it('a rule goes by what it says and by its id', () => {
    const response = answer('securityGroupRuleSet', { cidrIpv4: '0.0.0.0/0' });
    const request = { groupId, ipPermissions: permission('0.0.0.0/0', 22) };
    expect(shown({ source: 'ec2', name: 'AuthorizeSecurityGroupIngress', request, response })).toEqual([
      `+ ${SG} tcp 22-22 0.0.0.0/0 = sgr-1`,
    ]);
  });

  it.each([
    [
      { groupId, ipPermissions: {}, ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIp: '0.0.0.0/0' },
      null,
      ['tcp 22-22 0.0.0.0/0'],
    ],
    [{ groupId, ipPermissions: permission('0.0.0.0/0', 22) }, { _return: true }, ['tcp 22-22 0.0.0.0/0']],
    [{ groupId, securityGroupRuleIds: { items: [{ securityGroupRuleId: 'sgr-1' }] } }, { _return: true }, ['sgr-1']],
    [
      { groupId, ipPermissions: {} },
      answer('revokedSecurityGroupRuleSet', { cidrIpv4: '0.0.0.0/0' }),
      ['tcp 22-22 0.0.0.0/0 = sgr-1'],
    ],
    [
      { groupId, ipPermissions: permission('0.0.0.0/0', 22) },
      { _return: true, unknownIpPermissionSet: { items: [{ ipProtocol: 'tcp' }] } },
      [],
    ],
    [{ groupId, ipPermissions: permission('203.0.113.0/24', 22) }, { _return: true }, []],
  ])('a group is closed by %j', (request, response, parts) => {
    expect(shown({ source: 'ec2', name: 'RevokeSecurityGroupIngress', request, response })).toEqual(
      parts.map((part) => `- ${SG} ${part}`),
    );
  });

  it('a rule is changed by its id', () => {
    const change = (CidrIpv4: string, IpProtocol = 'tcp'): readonly string[] =>
      shown({
        source: 'ec2',
        name: 'ModifySecurityGroupRules',
        request: {
          ModifySecurityGroupRulesRequest: {
            GroupId: groupId,
            SecurityGroupRule: {
              SecurityGroupRuleId: 'sgr-1',
              tag: 1,
              SecurityGroupRule: { CidrIpv4, FromPort: 3389, ToPort: 3389, IpProtocol },
            },
          },
        },
      });
    expect(change('0.0.0.0/0')).toEqual([`- ${SG} sgr-1`, `+ ${SG} tcp 3389-3389 0.0.0.0/0 = sgr-1`]);
    expect(change('203.0.113.0/24')).toEqual([`- ${SG} sgr-1`]);
    expect(change('0.0.0.0/0', '-1')).toEqual([`- ${SG} sgr-1`]);
  });

  const BUCKET = 'storage-public aws:arn:aws:s3:::contoso-payroll';
  const statement = (more: object): JsonObject => ({
    bucketPolicy: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', ...more }] },
  });
  const block = (BlockPublicPolicy: boolean): JsonObject => ({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy,
      RestrictPublicBuckets: true,
    },
  });
  const grant = (group: string): JsonObject => ({
    AccessControlPolicy: {
      AccessControlList: {
        Grant: [{ Grantee: { URI: `http://acs.amazonaws.com/groups/${group}` }, Permission: 'READ' }],
      },
    },
  });

  it.each([
    ['PutBucketPolicy', statement({}), ['+ policy']],
    ['PutBucketPolicy', statement({ Principal: { AWS: ['*'] } }), ['+ policy']],
    ['PutBucketPolicy', statement({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }), ['- policy']],
    ['PutBucketPolicy', statement({ Effect: 'Deny' }), ['- policy']],
    ['PutBucketPolicy', statement({ Principal: { Service: 'cloudtrail.amazonaws.com' } }), ['- policy']],
    ['DeleteBucketPolicy', {}, ['- policy']],
    ['PutBucketAcl', { 'x-amz-acl': 'public-read' }, ['+ access list']],
    ['PutBucketAcl', { 'x-amz-acl': 'private' }, ['- access list']],
    ['PutBucketAcl', grant('global/AllUsers'), ['+ access list']],
    ['PutBucketAcl', grant('s3/LogDelivery'), ['- access list']],
    [
      'PutBucketAcl',
      { 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' },
      ['+ access list'],
    ],
    ['CreateBucket', { 'x-amz-acl': 'public-read' }, ['+ access list']],
    ['CreateBucket', {}, []],
    ['PutBucketPublicAccessBlock', block(false), ['+ public access block']],
    ['PutBucketPublicAccessBlock', block(true), ['- public access block']],
    ['DeleteBucketPublicAccessBlock', {}, ['+ public access block']],
    ['DeleteBucket', {}, ['- *']],
    ['GetBucketPolicy', {}, []],
  ])('%s %j', (name, request, expected) => {
    expect(shown({ source: 's3', name, request: { bucketName: 'contoso-payroll', ...request } })).toEqual(
      expected.map((change) => `${change.slice(0, 1)} ${BUCKET} ${change.slice(2)}`),
    );
  });

  it('the block of a whole account', () => {
    const place = `storage-public aws-account:${ACCOUNT} public access block`;
    expect(shown({ source: 's3', name: 'DeleteAccountPublicAccessBlock' })).toEqual([`+ ${place}`]);
    expect(shown({ source: 's3', name: 'PutAccountPublicAccessBlock', request: block(true) })).toEqual([`- ${place}`]);
  });

  const SAML = `arn:aws:iam::${ACCOUNT}:saml-provider/fabrikam`;
  const OIDC = `arn:aws:iam::${ACCOUNT}:oidc-provider/idp.fabrikam.example`;
  const ANCHOR = `arn:aws:rolesanywhere:eu-west-1:${ACCOUNT}:trust-anchor/00000000-0000-4000-8000-000000000a01`;

  it.each([
    ['iam', 'CreateSAMLProvider', { name: 'fabrikam' }, null, `+ federation-changed aws:${SAML} *`],
    ['iam', 'UpdateSAMLProvider', { sAMLProviderArn: SAML }, null, `+ federation-changed aws:${SAML} *`],
    ['iam', 'DeleteSAMLProvider', { sAMLProviderArn: SAML }, null, `- federation-changed aws:${SAML} *`],
    [
      'iam',
      'CreateOpenIDConnectProvider',
      { url: 'https://idp.fabrikam.example' },
      null,
      `+ federation-changed aws:${OIDC} *`,
    ],
    [
      'iam',
      'DeleteOpenIDConnectProvider',
      { openIDConnectProviderArn: OIDC },
      null,
      `- federation-changed aws:${OIDC} *`,
    ],
    [
      'rolesanywhere',
      'CreateTrustAnchor',
      { name: 'laptops' },
      { trustAnchor: { trustAnchorArn: ANCHOR } },
      `+ federation-changed aws:${ANCHOR} *`,
    ],
    [
      'rolesanywhere',
      'DeleteTrustAnchor',
      { trustAnchorId: ANCHOR.slice(-36) },
      null,
      `- federation-changed aws:${ANCHOR} *`,
    ],
  ])('%s: %s', (source, name, request, response, expected) => {
    expect(shown({ source, name, request, response })).toEqual([expected]);
  });

  it('Identity Center puts its own provider into the account', () => {
    const role = 'aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO';
    expect(shown({ source: 'iam', name: 'CreateSAMLProvider', request: { name: 'AWSSSO_1' }, role })).toEqual([]);
  });
});
