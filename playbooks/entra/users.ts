import { textOf } from '../../platform/json.ts';
import { entraObjectIdKey, entraUserKey, upnKey } from '../../pipeline/timeline/entity-keys.ts';
import { ActionError } from '../contract/action-error.ts';
import type { Subject, Target } from '../contract/action.ts';
import type { GraphClient } from './graph-client.ts';
import { principalFacts } from './principal-facts.ts';
import { guidOf, labelOf, targetId } from './values.ts';

/** A user as the directory has it at one moment. */
export interface User {
  /** The object id, which never changes and is given to nobody else. */
  readonly id: string;
  /** Made safe to show. */
  readonly label: string;
  readonly upn: string | undefined;
  readonly enabled: boolean;
  /** Signs in somewhere else: a guest, or another whose account is not here. */
  readonly external: boolean;
  /** Comes from an Active Directory on premises. */
  readonly synchronised: boolean;
  /** Sign-ins before then have no sessions left: a time as the service wrote it. */
  readonly sessionsValidFrom: string | undefined;
}

const SELECT = [
  'id',
  'userPrincipalName',
  'displayName',
  'accountEnabled',
  'creationType',
  'externalUserState',
  'onPremisesSyncEnabled',
  'signInSessionsValidFromDateTime',
].join(',');

/** A user by object id or user principal name; undefined where there is none. @param user as {@link userParameter} gives it @throws ActionError */
export async function findUser(graph: GraphClient, user: string): Promise<User | undefined> {
  const found = await graph.find({
    path: `/users/${encodeURIComponent(user)}`,
    query: { $select: SELECT },
    needs: 'User.Read.All',
  });
  if (found === undefined) return undefined;
  const id = guidOf(found['id']);
  if (id === undefined) throw new ActionError('failed', 'Microsoft Graph gives a user without an object id');
  const upn = textOf(found['userPrincipalName']);
  return {
    id,
    label: labelOf(found['userPrincipalName']) ?? labelOf(found['displayName']) ?? id,
    upn,
    enabled: found['accountEnabled'] !== false,
    // A guest by `userType` alone may well have the account here.
    external:
      /#EXT#@/i.test(upn ?? '') ||
      found['creationType'] === 'Invitation' ||
      textOf(found['externalUserState']) !== undefined,
    synchronised: found['onPremisesSyncEnabled'] === true,
    sessionsValidFrom: textOf(found['signInSessionsValidFromDateTime']),
  };
}

/** @throws ActionError of kind `absent` where there is none */
export async function getUser(graph: GraphClient, user: string): Promise<User> {
  const found = await findUser(graph, user);
  if (found !== undefined) return found;
  throw new ActionError(
    'absent',
    `There is no user ${user} in this tenant. Check the id; a deleted user holds no sessions`,
  );
}

export const userTarget = (tenant: string, { id, label }: User): Target => ({
  kind: 'user',
  id: targetId(tenant, id),
  label,
});

/** The user as guards ask for it. @throws ActionError where the directory is away */
export async function userSubject(
  graph: GraphClient,
  tenant: string,
  { id, upn, label }: User,
): Promise<Extract<Subject, { kind: 'principal' }>> {
  const names = upn === undefined ? [] : [upnKey(upn), upn.toLowerCase()];
  const keys = [entraUserKey(tenant, id), entraObjectIdKey(id), id, ...names];
  return { kind: 'principal', keys, label, ...(await principalFacts(graph, 'users', id)) };
}
