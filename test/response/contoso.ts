import type { FakeTenant } from '../../local/fakes/graph-directory.ts';

/** An invented tenant: people of every kind, groups, roles, and applications with all kinds of credentials. */
const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export const TENANT = id(1);
export const OTHER_TENANT = id(2);

export const ANN = { id: id(11), upn: 'ann@contoso.example' };
/** Holds a role. */
export const GRACE = { id: id(12), upn: 'grace@contoso.example' };
/** Is eligible for a role, and for another by a group. */
export const ELI = { id: id(13), upn: 'eli@contoso.example' };
/** Owns a group to which roles can be assigned. */
export const OLI = { id: id(14), upn: 'oli@contoso.example' };
export const GUEST = { id: id(15), upn: 'bob_fabrikam.example#EXT#@contoso.example' };
/** Comes from Active Directory. */
export const HANA = { id: id(16), upn: 'hana@contoso.example' };
/** Is disabled already. */
export const DEAN = { id: id(17), upn: 'dean@contoso.example' };
/** Entra found her at risk by itself. */
export const RITA = { id: id(18), upn: 'rita@contoso.example' };

/** May join a group to which roles can be assigned. */
export const PIA = { id: id(19), upn: 'pia@contoso.example' };

export const STAFF = id(21);
export const TEAM = id(22);
export const TIER_ZERO = id(23);
export const HELP_DESK = id(24);

const ADMINISTRATOR = id(31);
const READER = id(32);

export const BILLING = { id: id(41), appId: id(42), application: id(43) };
/** The managed identity of a virtual machine. */
export const AGENT = { id: id(44), appId: id(45) };
/** An application of another tenant. */
export const FOREIGN = { id: id(46), appId: id(47) };
export const GRAPH = { id: id(48), appId: id(49) };

export const KEYS = {
  /** On the service principal. */
  secret: id(51),
  certificate: id(52),
  /** On the application. */
  applicationSecret: id(53),
  applicationCertificate: id(54),
  otherCertificate: id(55),
  federation: id(56),
};

export const ROLES = { mail: id(61), files: id(62) };

export const CONTOSO: FakeTenant = {
  id: TENANT,
  users: [
    { id: ANN.id, userPrincipalName: ANN.upn, displayName: 'Ann' },
    { id: GRACE.id, userPrincipalName: GRACE.upn },
    { id: ELI.id, userPrincipalName: ELI.upn },
    { id: OLI.id, userPrincipalName: OLI.upn },
    { id: GUEST.id, userPrincipalName: GUEST.upn, userType: 'Guest', creationType: 'Invitation' },
    { id: HANA.id, userPrincipalName: HANA.upn, onPremisesSyncEnabled: true },
    { id: DEAN.id, userPrincipalName: DEAN.upn, accountEnabled: false },
    { id: PIA.id, userPrincipalName: PIA.upn },
    { id: RITA.id, userPrincipalName: RITA.upn, riskState: 'atRisk', riskLevel: 'medium' },
  ],
  groups: [
    { id: STAFF, displayName: 'Staff', members: [TEAM, GRACE.id] },
    { id: TEAM, displayName: 'Team', members: [ANN.id], eligible: [ANN.id] },
    {
      id: TIER_ZERO,
      displayName: 'Tier zero',
      isAssignableToRole: true,
      members: [BILLING.id],
      owners: [OLI.id],
      eligible: [PIA.id],
    },
    { id: HELP_DESK, displayName: 'Help desk', isAssignableToRole: true, members: [ELI.id] },
  ],
  roles: [
    { id: ADMINISTRATOR, displayName: 'Global Administrator' },
    { id: READER, displayName: 'Security Reader' },
  ],
  roleAssignments: [{ principalId: GRACE.id, roleDefinitionId: ADMINISTRATOR }],
  roleEligibilities: [
    { principalId: ELI.id, roleDefinitionId: ADMINISTRATOR, directoryScopeId: `/administrativeUnits/${id(33)}` },
    { principalId: HELP_DESK, roleDefinitionId: READER },
  ],
  servicePrincipals: [
    {
      id: BILLING.id,
      appId: BILLING.appId,
      displayName: 'billing-sync',
      passwordCredentials: [{ keyId: KEYS.secret, displayName: 'added at night' }],
      keyCredentials: [{ keyId: KEYS.certificate, usage: 'Sign' }],
    },
    {
      id: AGENT.id,
      appId: AGENT.appId,
      displayName: 'vm-agent',
      servicePrincipalType: 'ManagedIdentity',
      alternativeNames: [
        'isExplicit=False',
        '/subscriptions/s/resourcegroups/r/providers/Microsoft.Compute/virtualMachines/vm-agent',
      ],
    },
    { id: FOREIGN.id, appId: FOREIGN.appId, displayName: 'fabrikam-mail', appOwnerOrganizationId: OTHER_TENANT },
    {
      id: GRAPH.id,
      appId: GRAPH.appId,
      displayName: 'Microsoft Graph',
      appOwnerOrganizationId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
      appRoles: [{ id: ROLES.mail, value: 'Mail.Read' }],
    },
  ],
  applications: [
    {
      id: BILLING.application,
      appId: BILLING.appId,
      displayName: 'billing-sync',
      passwordCredentials: [{ keyId: KEYS.applicationSecret }],
      keyCredentials: [{ keyId: KEYS.applicationCertificate }, { keyId: KEYS.otherCertificate }],
      federatedIdentityCredentials: [
        {
          id: KEYS.federation,
          name: 'deploy',
          issuer: 'https://issuer.example',
          subject: 'repo:fabrikam/site:ref:refs/heads/main',
        },
      ],
    },
  ],
  grants: [
    { clientId: FOREIGN.id, consentType: 'AllPrincipals', resourceId: GRAPH.id, scope: 'User.Read Mail.Read' },
    {
      clientId: FOREIGN.id,
      consentType: 'Principal',
      principalId: ANN.id,
      resourceId: GRAPH.id,
      scope: ' Files.Read.All',
    },
    { clientId: BILLING.id, consentType: 'Principal', principalId: ANN.id, resourceId: GRAPH.id, scope: 'User.Read' },
  ],
  appRoleAssignments: [
    { principalId: BILLING.id, resourceId: GRAPH.id, appRoleId: ROLES.mail },
    { principalId: BILLING.id, resourceId: GRAPH.id, appRoleId: ROLES.files },
  ],
};
