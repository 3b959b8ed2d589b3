import type { JsonObject } from '../../platform/json.ts';
import type { Person } from '../../local/demo/tenant.ts';
import type { Workload } from './cast.ts';

/** An activity of Entra's audit log, as `RecordMaker.directoryChange` takes it. */
export interface DirectoryChange {
  readonly operation: string;
  readonly area: string;
  readonly type: string;
  readonly target: JsonObject;
}

const modified = (displayName: string, oldValue: string | null, newValue: string | null): JsonObject => ({
  displayName,
  oldValue,
  newValue,
});

const person = ({ objectId, name, upn }: Person): JsonObject => ({
  id: objectId,
  displayName: name,
  type: 'User',
  userPrincipalName: upn,
  modifiedProperties: [],
});

/** A secret is added to a service principal. */
export const secretAdded = ({ objectId, name }: Workload, keyId: string): DirectoryChange => ({
  operation: 'Add service principal credentials',
  area: 'ApplicationManagement',
  type: 'Update',
  target: {
    id: objectId,
    displayName: name,
    type: 'ServicePrincipal',
    modifiedProperties: [
      modified(
        'KeyDescription',
        '[]',
        `["[KeyIdentifier=${keyId},KeyType=Password,KeyUsage=Verify,DisplayName=sync]"]`,
      ),
    ],
  },
});

/** An application is told to trust a subject of another issuer. */
export const federatedCredentialAdded = (
  { applicationObjectId, name }: Workload,
  credential: { id: string; issuer: string; subject: string },
): DirectoryChange => ({
  operation: 'Update application',
  area: 'ApplicationManagement',
  type: 'Update',
  target: {
    id: applicationObjectId,
    displayName: name,
    type: 'Application',
    modifiedProperties: [
      modified(
        'FederatedIdentityCredentials',
        '[]',
        JSON.stringify([
          {
            Name: 'sync',
            Issuer: credential.issuer,
            Subject: credential.subject,
            Id: credential.id,
            Audiences: ['api://AzureADTokenExchange'],
          },
        ]),
      ),
      modified('Included Updated Properties', null, '"FederatedIdentityCredentials"'),
    ],
  },
});

/** An application is given delegated permissions. */
export const consentGiven = ({ objectId, name }: Workload, by: Person, scopes: string): DirectoryChange => ({
  operation: 'Consent to application',
  area: 'ApplicationManagement',
  type: 'Assign',
  target: {
    id: objectId,
    displayName: name,
    type: 'ServicePrincipal',
    modifiedProperties: [
      modified('ConsentContext.IsAdminConsent', null, '"False"'),
      modified(
        'ConsentAction.Permissions',
        null,
        `"[] => [[Id: 0, ClientId: ${objectId}, PrincipalId: ${by.objectId}, ResourceId: 1, ConsentType: Principal, Scope: ${scopes}, CreatedDateTime: , LastModifiedDateTime ]]; "`,
      ),
    ],
  },
});

/** A domain is handed to another identity provider. */
export const domainFederated = (domain: string): DirectoryChange => ({
  operation: 'Set federation settings on domain',
  area: 'DirectoryManagement',
  type: 'Update',
  target: {
    id: null,
    displayName: domain,
    type: 'Domain',
    modifiedProperties: [modified('IssuerUri', '""', '"https://login.fabrikam.example/adfs/services/trust"')],
  },
});

/** Somebody is made Global Administrator for good. */
export const globalAdministratorAdded = (who: Person | Workload): DirectoryChange => ({
  operation: 'Add member to role',
  area: 'RoleManagement',
  type: 'Assign',
  target: {
    ...('upn' in who ? person(who) : { id: who.objectId, displayName: who.name, type: 'ServicePrincipal' }),
    modifiedProperties: [
      modified('Role.DisplayName', null, '"Global Administrator"'),
      modified('Role.TemplateId', null, '"62e90394-69f5-4237-9190-012177145e10"'),
    ],
  },
});

/** The switch by which a Global Administrator takes access to all subscriptions. */
export const accessElevated: DirectoryChange = {
  operation: 'User has elevated their access to User Access Administrator for their Azure Resources',
  area: 'AzureRBACRoleManagementElevateAccess',
  type: 'Assign',
  target: { id: null, displayName: null, type: 'Other', modifiedProperties: [] },
};

/** A conditional access policy is switched off. */
export const policyDisabled = (id: string): DirectoryChange => ({
  operation: 'Update conditional access policy',
  area: 'Policy',
  type: 'Update',
  target: {
    id,
    displayName: 'Second factor for everyone',
    type: 'Policy',
    modifiedProperties: [
      modified(
        'ConditionalAccessPolicy',
        `{"id":"${id}","displayName":"Second factor for everyone","state":"enabled"}`,
        `{"id":"${id}","displayName":"Second factor for everyone","state":"disabled"}`,
      ),
    ],
  },
});

/** The password of a user is set by somebody else. */
export const passwordReset = (of: Person): DirectoryChange => ({
  operation: 'Reset user password',
  area: 'UserManagement',
  type: 'Update',
  target: person(of),
});

/** Somebody is given a pass by which they sign in without password and second factor. */
export const temporaryAccessPass = (of: Person): DirectoryChange => ({
  operation: 'Create Temporary Access Pass method for user',
  area: 'UserManagement',
  type: 'Add',
  target: person(of),
});

/** A user registers another second factor of their own. */
export const securityInfoRegistered = (of: Person): DirectoryChange => ({
  operation: 'User registered security info',
  area: 'UserManagement',
  type: 'Add',
  target: person(of),
});
