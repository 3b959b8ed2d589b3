import { objectOf, type JsonObject } from '../../platform/json.ts';
import type { SeededRandom } from '../../local/demo/random.ts';
import { TENANT } from '../../local/demo/tenant.ts';
import type { Place, Workload } from './cast.ts';

/** What a workload signed in with. */
export type WorkloadCredential =
  | { readonly secret: string }
  /** Id of a federated credential. */
  | { readonly federated: string }
  /** ARM id of what the managed identity is attached to. */
  | { readonly attachedTo: string };

/** A time with seven digits of fraction, as Azure writes it. */
const stamp = (time: number): string => new Date(time).toISOString().replace('Z', '0000Z');

/** A sign-in of a service principal or a managed identity; that of the latter says no address. */
export function workloadSignIn(
  time: number,
  random: SeededRandom,
  who: Workload,
  from: Place,
  credential: WorkloadCredential,
  resource: string,
): JsonObject {
  const managed = 'attachedTo' in credential;
  return {
    time: stamp(time),
    resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category: managed ? 'ManagedIdentitySignInLogs' : 'ServicePrincipalSignInLogs',
    tenantId: TENANT,
    resultType: '0',
    resultSignature: 'None',
    durationMs: 0,
    ...(managed ? {} : { callerIpAddress: from.ip, location: from.country }),
    correlationId: random.uuid(),
    Level: 4,
    properties: {
      id: random.uuid(),
      createdDateTime: stamp(time),
      userId: null,
      appId: who.appId,
      ipAddress: managed ? '' : from.ip,
      status: { errorCode: 0 },
      location: managed ? { city: '', countryOrRegion: '' } : { city: from.city, countryOrRegion: from.country },
      conditionalAccessStatus: 'notApplied',
      isInteractive: false,
      riskLevelDuringSignIn: 'none',
      riskState: 'none',
      resourceDisplayName: resource,
      resourceTenantId: TENANT,
      homeTenantId: TENANT,
      tenantId: TENANT,
      servicePrincipalName: who.name,
      servicePrincipalId: who.objectId,
      servicePrincipalCredentialKeyId: 'secret' in credential ? credential.secret : '',
      uniqueTokenIdentifier: random.text(22, 'abcdefghijklmnopqrstuvwxyz0123456789'),
      authenticationProtocol: 'none',
      sessionId: '',
      ...credentialProperties(credential),
    },
  };
}

function credentialProperties(credential: WorkloadCredential): JsonObject {
  if ('secret' in credential) return { clientCredentialType: 'clientSecret' };
  if ('federated' in credential)
    return { clientCredentialType: 'federatedIdentityCredential', federatedCredentialId: credential.federated };
  return {
    clientCredentialType: 'managedIdentity',
    managedServiceIdentity: { msiType: 'systemAssigned', associatedResourceId: credential.attachedTo },
  };
}

/** A record with other values in its `properties`. */
export const withProperties = (record: JsonObject, properties: JsonObject): JsonObject => ({
  ...record,
  properties: { ...objectOf(record.properties), ...properties },
});
