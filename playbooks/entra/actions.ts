import type { Action } from '../contract/action.ts';
import { entraConfirmCompromised } from './entra-confirm-compromised/entra-confirm-compromised.ts';
import { entraDisableServicePrincipal } from './entra-disable-service-principal/entra-disable-service-principal.ts';
import { entraDisableUser } from './entra-disable-user/entra-disable-user.ts';
import { entraRemoveAppRoles } from './entra-remove-app-roles/entra-remove-app-roles.ts';
import { entraRemoveCredentials } from './entra-remove-credentials/entra-remove-credentials.ts';
import { entraRemoveOauthGrants } from './entra-remove-oauth-grants/entra-remove-oauth-grants.ts';
import { entraRevokeSessions } from './entra-revoke-sessions/entra-revoke-sessions.ts';

/** Actions of this folder. */
export const entraActions: readonly Action[] = [
  entraRevokeSessions,
  entraDisableUser,
  entraConfirmCompromised,
  entraDisableServicePrincipal,
  entraRemoveCredentials,
  entraRemoveOauthGrants,
  entraRemoveAppRoles,
];
