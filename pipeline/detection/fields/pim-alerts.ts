import type { Meaning } from './source-fields.ts';

/** The kinds of incident in Microsoft Graph, and the titles that their alerts have had. */
const TITLES: readonly (readonly [incident: string, ...titles: string[]])[] = [
  ['staleSignInAlertIncident', 'Potential stale accounts in a privileged role'],
  [
    'invalidLicenseAlertIncident',
    "The organization doesn't have Microsoft Entra ID P2 or Microsoft Entra ID Governance",
    "The organization doesn't have Microsoft Entra Premium P2 or Microsoft Entra ID Governance",
    "The organization doesn't have Azure AD Premium P2",
  ],
  [
    'rolesAssignedOutsidePrivilegedIdentityManagementAlertConfiguration',
    'Roles are being assigned outside of Privileged Identity Management',
    'Role assigned outside of PIM',
  ],
  [
    'rolesAssignedOutsidePrivilegedIdentityManagementAlertIncident',
    'Roles are being assigned outside of Privileged Identity Management',
    'Role assigned outside of PIM',
  ],
  ['sequentialActivationRenewalsAlertIncident', 'Roles are being activated too frequently'],
  [
    'noMfaOnRoleActivationAlertIncident',
    "Roles don't require multifactor authentication for activation",
    "Roles don't require multi-factor authentication for activation",
  ],
  ['redundantAssignmentAlertIncident', "Administrators aren't using their privileged roles"],
  [
    'tooManyGlobalAdminsAssignedToTenantAlertIncident',
    'There are too many Global Administrators',
    'There are too many global administrators',
  ],
];

/**
 * Rules for Privileged Identity Management name what Microsoft Graph says of its alerts. No log has that; what the directory's
 * audit log has of an alert is the activity, with the alert's title as the name of its target.
 * Source: https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-how-to-configure-security-alerts
 */
export const PIM_ALERTS: readonly Meaning[] = TITLES.map(([incident, ...titles]) => ({
  fields: 'riskEventType',
  text: incident,
  is: { operationName: 'Triggered PIM alert', 'properties.targetResources.displayName': titles },
}));
