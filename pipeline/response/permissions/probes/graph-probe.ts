import type { ActionContext } from '../../../../playbooks/contract/action.ts';
import { arrayOf, objectOf, parseJson, textOf, type JsonObject } from '../../../../platform/json.ts';
import { whyOf, type Probe } from './probe.ts';

/**
 * Whether the token that Entra gives for Microsoft Graph carries application permissions. The token is not verified: it is one's own, and only read.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export async function probeGraph(permissions: readonly string[], { connections }: ActionContext): Promise<Probe[]> {
  const named = { service: 'Microsoft Graph', where: 'the tenant' } as const;
  const all = (is: Probe['is'], why: string): Probe[] =>
    permissions.map((permission) => ({ ...named, permission, is, why }));
  let claims: JsonObject | undefined;
  try {
    const { credential, endpoints } = await connections.azure();
    claims = claimsOf((await credential.getToken(`${endpoints.graph}/.default`))?.token ?? '');
  } catch (error) {
    return all('unknown', whyOf(error));
  }
  if (claims === undefined) return all('unknown', 'the token cannot be read');
  if (textOf(claims['scp']) !== undefined) {
    return all('unknown', 'a person is signed in here: what the identity that responds may do is not in their token');
  }
  const roles = new Set((arrayOf(claims['roles']) ?? []).map((role) => textOf(role)));
  return permissions.map((permission) => {
    const by = coveringOf(permission).find((one) => roles.has(one));
    return by === undefined
      ? {
          ...named,
          permission,
          is: 'missing',
          why: 'no administrator consented to it, or the token is older than that',
        }
      : { ...named, permission, is: 'granted' };
  });
}

/** The permission itself, and those that include it. https://learn.microsoft.com/graph/permissions-reference */
function coveringOf(permission: string): string[] {
  const writes = permission.replace('.Read.', '.ReadWrite.');
  const directory = [
    'User.Read.All',
    'GroupMember.Read.All',
    'Group.Read.All',
    'Organization.Read.All',
    'Application.Read.All',
  ];
  return [
    permission,
    ...(writes === permission ? [] : [writes]),
    ...(directory.includes(permission) ? ['Directory.Read.All', 'Directory.ReadWrite.All'] : []),
  ];
}

/** The claims of a token (RFC 7519); undefined for what is none. */
function claimsOf(token: string): JsonObject | undefined {
  const [, body = ''] = token.split('.');
  try {
    return objectOf(parseJson(Buffer.from(body, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}
