import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import type { RestClient, RestRequest } from '../../../platform/rest/rest-client.ts';
import { asked, unless } from '../../contract/refusal.ts';
import { firstOf, githubWords, HEADERS } from '../github-client.ts';

/** Kinds of credentials whose access an organization can end without knowing the credential. */
export const CREDENTIAL_KINDS = ['fine-grained', 'sso-authorization'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** The access that a credential has to an organization. */
export interface Grant {
  /** By which GitHub revokes it. */
  readonly id: number;
  /** Login of whose it is. */
  readonly owner: string;
  /** `fine-grained token`, `personal access token`, `SSH key`. */
  readonly what: string;
}

interface Kind {
  /** Below `/orgs/<organization>`. */
  readonly list: string;
  readonly permission: string;
  readonly query: (id: number) => Readonly<Record<string, string>>;
  readonly isMeant: (member: JsonObject, id: number) => boolean;
  readonly grant: (member: JsonObject) => Grant | undefined;
  readonly revoke: Pick<RestRequest, 'method' | 'body'>;
}

const grantOf = (id: unknown, owner: unknown, what: string): Grant | undefined =>
  typeof id === 'number' && typeof owner === 'string' ? { id, owner, what } : undefined;

const KINDS: Readonly<Record<CredentialKind, Kind>> = {
  // https://docs.github.com/rest/orgs/personal-access-tokens
  'fine-grained': {
    list: 'personal-access-tokens',
    permission: 'Personal access tokens: write',
    query: (id) => ({ 'token_id[]': String(id) }),
    isMeant: (member, id) => member['token_id'] === id,
    grant: (member) => grantOf(member['id'], objectOf(member['owner'])?.['login'], 'fine-grained token'),
    revoke: { method: 'POST', body: { action: 'revoke' } },
  },
  // https://docs.github.com/enterprise-cloud@latest/rest/orgs/orgs#remove-a-saml-sso-authorization-for-an-organization
  'sso-authorization': {
    list: 'credential-authorizations',
    permission: 'Administration: write',
    query: () => ({}),
    isMeant: (member, id) => member['credential_id'] === id,
    grant: (member) =>
      grantOf(member['credential_id'], member['login'], textOf(member['credential_type']) ?? 'credential'),
    revoke: { method: 'DELETE' },
  },
};

/** What an app needs for each kind. */
export const CREDENTIAL_PERMISSIONS = CREDENTIAL_KINDS.map((kind) => `GitHub: organization, ${KINDS[kind].permission}`);

/** Where a credential is looked for. */
export interface CredentialPlace {
  readonly organization: string;
  readonly kind: CredentialKind;
  /** As the audit log names it: `token_id`, or the id of the authorization. */
  readonly credential: number;
}

/** The access of a credential; undefined where it has none, or none any more. @throws ActionError */
export async function findGrant(
  github: RestClient,
  { organization, kind, credential }: CredentialPlace,
): Promise<Grant | undefined> {
  const { list, permission, query, isMeant, grant } = KINDS[kind];
  const path = `/orgs/${organization}/${list}`;
  const where = { path, query: query(credential), words: githubWords(permission) };
  const member = await firstOf(github, where, (one) => isMeant(one, credential));
  return member === undefined ? undefined : grant(member);
}

/** Ends it; where it has ended already, nothing is done. @throws ActionError */
export async function revokeGrant(
  github: RestClient,
  { organization, kind }: CredentialPlace,
  grant: number,
): Promise<void> {
  const { list, permission, revoke } = KINDS[kind];
  const path = `/orgs/${organization}/${list}/${grant}`;
  const sent = github.send({ ...revoke, path, headers: HEADERS, repeatable: true });
  await asked(unless(sent, 404), githubWords(permission));
}
