import type { NeededPermissions } from './needed-permissions.ts';

const VERSION = '2012-10-17';

/** A policy of IAM that allows exactly what is needed. */
export interface AwsPolicy {
  readonly Version: string;
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
  }[];
}

/** The policy for what is needed; undefined where nothing of AWS is. @param account in place of the `*` where an account stands */
export function awsPolicy({ aws }: NeededPermissions, account?: string): AwsPolicy | undefined {
  if (aws.length === 0) return undefined;
  const narrowed = (arn: string): string =>
    account === undefined ? arn : arn.replace(/^(arn:[^:]*:[^:]*:[^:]*:)\*(?=:)/, `$1${account}`);
  return {
    Version: VERSION,
    Statement: aws.map(({ actions, resources }, at) => ({
      Sid: `Respond${at + 1}`,
      Effect: 'Allow',
      Action: actions,
      Resource: resources.map(narrowed),
    })),
  };
}

/** Who may take the role: one managed identity of Azure, by the token that Entra gives it for one application. */
export interface WebIdentity {
  /** Of AWS. */
  readonly account: string;
  /** Of Entra. */
  readonly tenant: string;
  /** The application that the token is for: its App ID URI, `api://…`. */
  readonly audience: string;
  /** The object id of the managed identity. */
  readonly identity: string;
}

/**
 * Who may take the role that has the policy: without the condition on `sub` anybody in the tenant who gets a token for the application could.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
 */
export function awsTrustPolicy({ account, tenant, audience, identity }: WebIdentity): object {
  // Tokens of version 1, which managed identities are given, name this issuer, with the slash.
  const issuer = `sts.windows.net/${tenant}/`;
  return {
    Version: VERSION,
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: identity } },
      },
    ],
  };
}
