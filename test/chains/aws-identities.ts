import type { JsonObject } from '../../platform/json.ts';
import { AWS_ACCOUNT, TENANT } from '../../local/demo/tenant.ts';

/** Issuers of tokens and assertions that the AWS account trusts, each by the part of its ARN that names it. */
export const ENTRA_ISSUER = `sts.windows.net/${TENANT}/`;
export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

/** A role session that a call of STS opened: what later calls in it are made with. */
export interface RoleSession {
  readonly role: string;
  readonly name: string;
  readonly accessKeyId: string;
  /** `userIdentity` of its calls. */
  readonly identity: JsonObject;
}

/** An IAM user who calls with a key of their own. */
export function iamUser(name: string, userId: string, accessKeyId: string): JsonObject {
  return {
    type: 'IAMUser',
    principalId: userId,
    arn: `arn:aws:iam::${AWS_ACCOUNT}:user/${name}`,
    accountId: AWS_ACCOUNT,
    accessKeyId,
    userName: name,
  };
}

/** Who presents a token of an OIDC provider. */
export function webIdentity(issuer: string, audience: string, subject: string): JsonObject {
  const provider = `arn:aws:iam::${AWS_ACCOUNT}:oidc-provider/${issuer}`;
  return {
    type: 'WebIdentityUser',
    principalId: `${provider}:${audience}:${subject}`,
    userName: subject,
    identityProvider: provider,
  };
}

/** Who presents a SAML assertion. */
export function samlUser(nameQualifier: string, subject: string): JsonObject {
  return {
    type: 'SAMLUser',
    principalId: `${nameQualifier}:${subject}`,
    userName: subject,
    identityProvider: nameQualifier,
  };
}

/** A user of Identity Center, as its own events name them since July 2025. */
export function identityCenterUser(userId: string, store: string): JsonObject {
  return {
    type: 'IdentityCenterUser',
    principalId: userId,
    accountId: AWS_ACCOUNT,
    onBehalfOf: { userId, identityStoreArn: `arn:aws:identitystore::${AWS_ACCOUNT}:identitystore/${store}` },
    credentialId: `credential-${userId.slice(-4)}`,
  };
}

/** The session of a role, by the role's name and path. */
export function roleSession(
  time: number,
  role: { path?: string; name: string; id: string },
  session: { name: string; accessKeyId: string; sourceIdentity?: string | undefined; provider?: string | undefined },
): RoleSession {
  const issuer = {
    type: 'Role',
    principalId: role.id,
    arn: `arn:aws:iam::${AWS_ACCOUNT}:role/${role.path ?? ''}${role.name}`,
    accountId: AWS_ACCOUNT,
    userName: role.name,
  };
  const federation = session.provider === undefined ? {} : { federatedProvider: session.provider, attributes: {} };
  const sessionContext: JsonObject = {
    sessionIssuer: issuer,
    webIdFederationData: federation,
    attributes: { creationDate: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'), mfaAuthenticated: 'false' },
    ...(session.sourceIdentity === undefined ? {} : { sourceIdentity: session.sourceIdentity }),
  };
  return {
    role: issuer.arn,
    name: session.name,
    accessKeyId: session.accessKeyId,
    identity: {
      type: 'AssumedRole',
      principalId: `${role.id}:${session.name}`,
      arn: `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/${role.name}/${session.name}`,
      accountId: AWS_ACCOUNT,
      accessKeyId: session.accessKeyId,
      sessionContext,
    },
  };
}

/** What STS answers where it opens a session. */
export const sessionAnswer = ({ accessKeyId, identity, name }: RoleSession, role: { id: string }): JsonObject => ({
  credentials: { accessKeyId, sessionToken: '<redacted>', expiration: 'Nov 20, 2026, 10:15:06 PM' },
  assumedRoleUser: { assumedRoleId: `${role.id}:${name}`, arn: identity.arn ?? null },
});
