/**
 * Request parameters that name a resource, by service (the first part of `eventSource`) and parameter, with the
 * ARN that the value stands in: `$p` partition, `$r` region, `$a` account, `$v` the value. Formats: AWS Service Authorization
 * Reference, "Resource types". A value that is an ARN itself needs no entry.
 */
export const TARGET_PARAMETERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cloudformation: { stackName: 'arn:$p:cloudformation:$r:$a:stack/$v' },
  cloudtrail: { name: 'arn:$p:cloudtrail:$r:$a:trail/$v', trailName: 'arn:$p:cloudtrail:$r:$a:trail/$v' },
  dynamodb: { tableName: 'arn:$p:dynamodb:$r:$a:table/$v' },
  ec2: {
    groupId: 'arn:$p:ec2:$r:$a:security-group/$v',
    imageId: 'arn:$p:ec2:$r::image/$v',
    instanceId: 'arn:$p:ec2:$r:$a:instance/$v',
    internetGatewayId: 'arn:$p:ec2:$r:$a:internet-gateway/$v',
    keyName: 'arn:$p:ec2:$r:$a:key-pair/$v',
    networkAclId: 'arn:$p:ec2:$r:$a:network-acl/$v',
    networkInterfaceId: 'arn:$p:ec2:$r:$a:network-interface/$v',
    routeTableId: 'arn:$p:ec2:$r:$a:route-table/$v',
    snapshotId: 'arn:$p:ec2:$r::snapshot/$v',
    subnetId: 'arn:$p:ec2:$r:$a:subnet/$v',
    volumeId: 'arn:$p:ec2:$r:$a:volume/$v',
    vpcId: 'arn:$p:ec2:$r:$a:vpc/$v',
  },
  'ec2-instance-connect': { instanceId: 'arn:$p:ec2:$r:$a:instance/$v' },
  ecr: { repositoryName: 'arn:$p:ecr:$r:$a:repository/$v' },
  ecs: { cluster: 'arn:$p:ecs:$r:$a:cluster/$v' },
  eks: { name: 'arn:$p:eks:$r:$a:cluster/$v', clusterName: 'arn:$p:eks:$r:$a:cluster/$v' },
  guardduty: { detectorId: 'arn:$p:guardduty:$r:$a:detector/$v' },
  iam: {
    groupName: 'arn:$p:iam::$a:group/$v',
    instanceProfileName: 'arn:$p:iam::$a:instance-profile/$v',
    roleName: 'arn:$p:iam::$a:role/$v',
    userName: 'arn:$p:iam::$a:user/$v',
  },
  // An alias carries its own part of the ARN (`alias/…`), a key does not: a key id is written as ARN or joined by `resources`.
  lambda: { functionName: 'arn:$p:lambda:$r:$a:function:$v' },
  logs: { logGroupName: 'arn:$p:logs:$r:$a:log-group:$v' },
  rds: {
    dBClusterIdentifier: 'arn:$p:rds:$r:$a:cluster:$v',
    dBInstanceIdentifier: 'arn:$p:rds:$r:$a:db:$v',
    dBSnapshotIdentifier: 'arn:$p:rds:$r:$a:snapshot:$v',
  },
  s3: { bucketName: 'arn:$p:s3:::$v' },
  secretsmanager: { secretId: 'arn:$p:secretsmanager:$r:$a:secret:$v', name: 'arn:$p:secretsmanager:$r:$a:secret:$v' },
  ssm: {
    documentName: 'arn:$p:ssm:$r:$a:document/$v',
    instanceId: 'arn:$p:ec2:$r:$a:instance/$v',
    instanceIds: 'arn:$p:ec2:$r:$a:instance/$v',
    name: 'arn:$p:ssm:$r:$a:parameter/$v',
    target: 'arn:$p:ec2:$r:$a:instance/$v',
  },
};

/** Parameters that hold a list of objects (`{"items":[…]}`), with the property of each that names a resource. */
export const LISTED_PARAMETERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ec2: {
    groupSet: 'groupId',
    imagesSet: 'imageId',
    instancesSet: 'instanceId',
    networkInterfaceSet: 'networkInterfaceId',
    snapshotSet: 'snapshotId',
    volumeSet: 'volumeId',
  },
};
