import type { NextStep } from './writer.ts';

/** What calls for a step: ATT&CK techniques (v19), also those below them. */
interface StepFor extends NextStep {
  readonly techniques: readonly string[];
  /** Actions of responses that do it, or part of it. */
  readonly actions?: readonly string[];
}

/** Suggested responses, the most urgent first. Keys are names of playbooks: they stay, so that a task is known again. */
const STEPS: readonly StepFor[] = [
  {
    key: 'stop-destruction',
    title: 'Stop what destroys data, and secure backups',
    description:
      'Disable the identity that deletes or encrypts, lock resources and storage accounts against deletion, and check that backups, snapshots and soft-deleted vaults are still there.',
    actions: ['entra-disable-user', 'aws-quarantine-user', 'aws-quarantine-role'],
    techniques: ['T1485', 'T1486', 'T1490', 'T1561'],
  },
  {
    key: 'revoke-sessions',
    title: 'End the sessions of the account, and reset how it signs in',
    description:
      'Revoke the refresh tokens of the user, reset the password and registered authentication methods, and review its sign-ins of the last days. Access tokens that were given out stay valid for about an hour.',
    actions: ['entra-revoke-sessions', 'entra-confirm-compromised', 'entra-disable-user'],
    techniques: ['T1078', 'T1110', 'T1111', 'T1539', 'T1550', 'T1556', 'T1557', 'T1566', 'T1621'],
  },
  {
    key: 'deactivate-access-key',
    title: 'Deactivate access keys in AWS, and end role sessions',
    description:
      'Set the access keys that were used to inactive, deny sessions that were issued before now by an inline policy of the role, and look for keys, users and roles that were made since.',
    actions: ['aws-deactivate-access-key', 'aws-deny-older-sessions'],
    techniques: [],
  },
  {
    key: 'remove-credentials',
    title: 'Remove credentials and roles that were added',
    description:
      'Remove secrets, certificates and federated credentials that were added to applications and service principals, access keys and login profiles of users, and role assignments that nobody can vouch for.',
    actions: [
      'entra-remove-credentials',
      'aws-delete-login-profile',
      'aws-detach-policies',
      'k8s-remove-role-binding-subject',
    ],
    techniques: ['T1098', 'T1136', 'T1484', 'T1548'],
  },
  {
    key: 'revoke-consent',
    title: 'Withdraw consents of the application',
    description: 'Remove delegated permissions and app roles that were granted, and disable the service principal.',
    actions: ['entra-remove-oauth-grants', 'entra-remove-app-roles', 'entra-disable-service-principal'],
    techniques: ['T1528', 'T1671'],
  },
  {
    key: 'rotate-secrets',
    title: 'Change the secrets that were read',
    description:
      'Change keys, connection strings and certificates that the identity could read, and look for their use from other places since.',
    techniques: ['T1552', 'T1555', 'T1606', 'T1649'],
  },
  {
    key: 'restore-logging',
    title: 'Switch logging and protection on again',
    description:
      'Restore diagnostic settings, trails, detectors and conditional access policies that were changed, and ask what happened unseen in between.',
    techniques: ['T1562', 'T1685', 'T1686', 'T1070'],
  },
  {
    key: 'isolate-workload',
    title: 'Isolate the workload, and keep its evidence',
    description:
      'Cut the workload off the network, take a snapshot of its disks and memory first where that is possible, and detach its identity.',
    actions: ['k8s-isolate-pod', 'k8s-cordon-node'],
    techniques: ['T1190', 'T1610', 'T1611', 'T1609', 'T1059', 'T1651', 'T1496', 'T1578'],
  },
  {
    key: 'check-data-access',
    title: 'Find out which data was read or taken away',
    description:
      'Read the access logs of the storage accounts, buckets and databases that are named, close public access and shares, and tell whoever owns the data.',
    techniques: ['T1530', 'T1537', 'T1567', 'T1213', 'T1041'],
  },
  {
    key: 'patch-vulnerability',
    title: 'Mend the exploited vulnerability, or take the asset off the internet',
    description: 'Install the version that mends it. Until then let nobody reach the asset from the internet.',
    techniques: [],
  },
  {
    key: 'block-address',
    title: 'Block the addresses that are known indicators',
    description:
      'Block them where clients arrive (firewall, web application firewall, conditional access), and look for other accounts that were used from there.',
    actions: ['nsg-deny', 'firewall-ip-group-add', 'aws-waf-ip-set-add', 'aws-network-acl-deny'],
    techniques: [],
  },
];

/** What else calls for steps. */
export interface StepGrounds {
  /** ATT&CK ids. */
  readonly techniques: Iterable<string>;
  /** Whether access keys or role sessions of AWS are involved. */
  readonly aws: boolean;
  /** Whether something exploited was found in an asset, and whether an address is an indicator. */
  readonly exploited: boolean;
  readonly indicators: boolean;
}

/** More tasks than this nobody reads. */
export const MOST_STEPS = 4;

/** The steps that an incident calls for, the most urgent first. */
export function nextSteps({ techniques, aws, exploited, indicators }: StepGrounds): NextStep[] {
  const met = new Set([...techniques].map((id) => id.toUpperCase().split('.')[0] ?? ''));
  const always = new Set([
    ...(aws && met.size > 0 ? ['deactivate-access-key'] : []),
    ...(exploited ? ['patch-vulnerability'] : []),
    ...(indicators ? ['block-address'] : []),
  ]);
  return STEPS.filter(({ key, techniques: of }) => always.has(key) || of.some((id) => met.has(id)))
    .slice(0, MOST_STEPS)
    .map(({ key, title, description, actions }) => ({ key, title, description: withActions(description, actions) }));
}

/** What plans it at the command, reading only. */
const withActions = (description: string, actions: readonly string[] = []): string =>
  actions.length === 0
    ? description
    : `${description} In Crosstrail: crosstrail playbooks plan ${actions.join(' | ')}.`;

/** All actions that steps name. */
export const ACTIONS_OF_STEPS: readonly string[] = STEPS.flatMap(({ actions = [] }) => actions);
