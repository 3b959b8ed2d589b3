/** Whole accounts: a policy for everything, or for giving rights, which leads to everything. */
export const ACCOUNT = '';

/** What AWS's own policies open, by name: the service, as ARNs name it, or the whole account. Those that are left out lead to no data. */
const OPENED: ReadonlyMap<string, string> = new Map([
  ['AdministratorAccess', ACCOUNT],
  ['PowerUserAccess', ACCOUNT],
  ['IAMFullAccess', ACCOUNT],
  ['ReadOnlyAccess', ACCOUNT],
  ['AmazonS3FullAccess', 's3'],
  ['AmazonS3ReadOnlyAccess', 's3'],
  ['AmazonRDSFullAccess', 'rds'],
  ['AmazonRDSDataFullAccess', 'rds'],
  ['AmazonRDSReadOnlyAccess', 'rds'],
  ['AmazonDynamoDBFullAccess', 'dynamodb'],
  ['AmazonDynamoDBFullAccess_v2', 'dynamodb'],
  ['AmazonDynamoDBReadOnlyAccess', 'dynamodb'],
  ['AmazonRedshiftFullAccess', 'redshift'],
  ['AmazonRedshiftReadOnlyAccess', 'redshift'],
  ['SecretsManagerReadWrite', 'secretsmanager'],
  ['AmazonSSMFullAccess', 'ssm'],
  ['AmazonSSMReadOnlyAccess', 'ssm'],
  ['AmazonEC2FullAccess', 'ec2'],
  ['AWSLambda_FullAccess', 'lambda'],
]);

/** Of AWS itself, in whichever partition, with the path that some have. */
const MANAGED = /^arn:[^:]{1,20}:iam::aws:policy\/(?:[^/]{1,64}\/)?([^/]{1,128})$/;

/**
 * What a policy opens.
 * @returns the service, {@link ACCOUNT}, or undefined where it is not one of AWS's or leads to no data
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
export function openedBy(policyArn: string): { readonly service: string; readonly name: string } | undefined {
  const name = MANAGED.exec(policyArn)?.[1];
  const service = name === undefined ? undefined : OPENED.get(name);
  return name === undefined || service === undefined ? undefined : { service, name };
}
