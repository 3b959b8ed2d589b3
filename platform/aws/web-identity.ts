import { objectOf, parseJson, textOf, type JsonObject } from '../json.ts';
import { printable } from '../printable.ts';
import { AwsAccessError } from './access-error.ts';

/** Credentials as the AWS SDK takes them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface WebIdentityOptions {
  readonly region: string;
  readonly roleArn: string;
  /** Stands in every record of CloudTrail that the session causes. */
  readonly sessionName: string;
  /** Gives a token of OpenID Connect; asked anew for each session, for tokens end too. */
  readonly token: () => Promise<string>;
}

const LONGEST_REQUEST = 10_000;
const LONGEST_TEXT = 200;

/**
 * Credentials of a role of AWS for whoever has a token that the role trusts: no secret is kept anywhere.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @throws AwsAccessError
 */
export async function assumeWithWebIdentity({
  region,
  roleArn,
  sessionName,
  token,
}: WebIdentityOptions): Promise<AwsCredentials> {
  const presented = await token().catch((error: unknown) => {
    throw new AwsAccessError(
      `there is no token of the managed identity with which to take ${roleArn}: ${reasonOf(error)}. Check that the function app has an identity, that the audience is the Application ID URI of an app registration of the tenant, and that the identity has an app role of it`,
      true,
    );
  });
  const { STSClient, AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts');
  const client = new STSClient({
    region,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: LONGEST_REQUEST },
  });
  try {
    const { Credentials } = await client.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        WebIdentityToken: presented,
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (
      AccessKeyId === undefined ||
      SecretAccessKey === undefined ||
      SessionToken === undefined ||
      Expiration === undefined
    ) {
      throw new AwsAccessError(`STS gave no credentials for ${roleArn}`, true);
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  } catch (error) {
    throw error instanceof AwsAccessError ? error : refusal(error, roleArn, presented);
  } finally {
    client.destroy();
  }
}

/** What to check, by what STS said. */
const ADVICE: Readonly<Record<string, string>> = {
  InvalidIdentityToken:
    'Check that the account has an OpenID Connect identity provider whose address is the issuer of the token to the letter (that of version 1.0 ends in a slash), and that the audience of the token is among its audiences',
  AccessDenied:
    'Check that the trust policy of the role allows sts:AssumeRoleWithWebIdentity to that provider, with conditions on aud and sub that are those of the token; sub is the object id of the managed identity',
  ExpiredToken: 'Check the clock of this machine',
  IDPRejectedClaim: 'Check that the issuer of the token is the identity provider of the account',
};
const BUSY = new Set(['IDPCommunicationError', 'Throttling', 'ServiceUnavailable', 'InternalFailure']);

function refusal(error: unknown, roleArn: string, token: string): AwsAccessError {
  const code = error instanceof Error ? error.name.replace(/Exception$/, '') : '';
  const advice = Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined;
  const isRefused = advice !== undefined || (statusOf(error) >= 400 && statusOf(error) < 500 && !BUSY.has(code));
  return new AwsAccessError(
    `STS did not give ${roleArn} to the managed identity: ${reasonOf(error, token)}. The token says ${claimsOf(token)}. ${advice ?? (isRefused ? 'Check roleArn and webIdentity of response.aws.accounts' : 'It may be tried again')}`,
    !isRefused,
  );
}

const statusOf = (error: unknown): number => {
  const status = objectOf(objectOf(error)?.['$metadata'])?.['httpStatusCode'];
  return typeof status === 'number' ? status : 0;
};

/** @param token which a service may repeat in what it says of it */
function reasonOf(error: unknown, token = ''): string {
  if (!(error instanceof Error)) return 'unknown';
  const [message = ''] = error.message.split('\n');
  const said = token === '' ? message : message.replaceAll(token, '(the token)');
  return printable(`${error.name}: ${said}`.slice(0, LONGEST_TEXT));
}

/** Whom the token says it is from, for whom and of whom: none of it lets anybody in. */
function claimsOf(token: string): string {
  const claims = payloadOf(token);
  const said = ['iss', 'aud', 'sub'].map((name) => {
    const value = textOf(claims?.[name]);
    return `${name} ${value === undefined ? '(none that can be read)' : printable(value.slice(0, LONGEST_TEXT))}`;
  });
  return said.join(', ');
}

function payloadOf(token: string): JsonObject | undefined {
  try {
    return objectOf(parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}
