/** As whom an account of AWS is asked: the SDK's default credentials, a profile of the AWS configuration, or a role assumed from either. */
export interface AwsIdentity {
  readonly region: string;
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  readonly profile?: string | undefined;
}

/**
 * What clients of the AWS SDK are made with to act as an identity; nothing where they find credentials by themselves. Loads the SDK's providers
 * where they are needed.
 * @param sessionName by which CloudTrail tells these calls from others
 */
export async function awsClientIdentity({ region, profile, roleArn, externalId }: AwsIdentity, sessionName: string) {
  if (profile === undefined && roleArn === undefined) return {};
  const { fromIni, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const own = profile === undefined ? undefined : fromIni({ profile });
  const ofProfile = profile === undefined ? {} : { profile };
  if (roleArn === undefined) return { ...ofProfile, ...(own !== undefined && { credentials: own }) };
  const credentials = fromTemporaryCredentials({
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    },
    clientConfig: { region },
    ...(own === undefined ? {} : { masterCredentials: own }),
  });
  return { ...ofProfile, credentials };
}
