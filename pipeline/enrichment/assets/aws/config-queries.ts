/** What is asked of AWS Config about resources of one type: paths of its schema. */
export interface ConfigQuery {
  readonly type: string;
  readonly fields: readonly string[];
}

/**
 * The types that are read. Fixed texts: nothing is ever put into them. Advanced queries show no policy of a bucket and no policy document of a role.
 * https://github.com/awslabs/aws-config-resource-schema
 */
export const CONFIG_QUERIES: readonly ConfigQuery[] = [
  {
    type: 'AWS::EC2::Instance',
    fields: [
      'configuration.state.name',
      'configuration.publicIpAddress',
      'configuration.iamInstanceProfile.arn',
      'configuration.securityGroups',
      'configuration.networkInterfaces',
    ],
  },
  { type: 'AWS::EC2::SecurityGroup', fields: ['configuration.ipPermissions'] },
  {
    type: 'AWS::IAM::Role',
    fields: ['configuration.instanceProfileList', 'configuration.attachedManagedPolicies'],
  },
  { type: 'AWS::S3::Bucket', fields: ['supplementaryConfiguration.PublicAccessBlockConfiguration'] },
  {
    type: 'AWS::RDS::DBInstance',
    fields: ['configuration.publiclyAccessible', 'configuration.vpcSecurityGroups'],
  },
  { type: 'AWS::Lambda::Function', fields: ['configuration.role'] },
  {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    fields: ['configuration.scheme', 'configuration.securityGroups'],
  },
  {
    type: 'AWS::EKS::Cluster',
    fields: ['configuration.RoleArn', 'configuration.ResourcesVpcConfig'],
  },
  { type: 'AWS::DynamoDB::Table', fields: [] },
  { type: 'AWS::SecretsManager::Secret', fields: [] },
];

const EVERY = ['resourceId', 'resourceName', 'resourceType', 'accountId', 'awsRegion', 'arn', 'tags'];

/** The query as AWS Config takes it. */
export const expressionOf = ({ type, fields }: ConfigQuery): string =>
  `SELECT ${[...EVERY, ...fields].join(', ')} WHERE resourceType = '${type}'`;
