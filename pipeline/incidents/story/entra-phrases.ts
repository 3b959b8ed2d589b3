import { filled, onThings, Phrases, type Phrase, type PhraseRow } from './phrase.ts';
import { quoted } from './quoted.ts';
import type { Thing } from './thing.ts';

const ROLE_GIVEN: PhraseRow = [
  'give a directory role to {user|service principal|managed identity|group|application}',
  'a directory role given',
  'vague',
];

/**
 * What activities of Entra's audit log do, by their name, folded. Each: `does`, and the `title`.
 * Source of the names: https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
 */
const PHRASES = new Phrases({
  // Applications
  'add service principal credentials': [
    'add a credential to {service principal}',
    'a credential added to an application',
  ],
  'remove service principal credentials': ['remove a credential of {service principal}'],
  'update application - certificates and secrets management': [
    'change the credentials of {application}',
    'a credential added to an application',
    'vague',
  ],
  'add application': ['register {application}', 'an application registered'],
  'update application': ['change {application}', 'an application changed', 'vague'],
  'add service principal': ['add {service principal}', 'an application added'],
  'consent to application': ['consent to {service principal|application}', 'consent given to an application', 'vague'],
  'add delegated permission grant': [
    'grant permissions to {service principal|application}',
    'permissions granted',
    'vague',
  ],
  'add app role assignment to service principal': [
    'grant application permissions to {service principal|application}',
    'application permissions granted',
  ],
  'add app role assignment grant to user': ['give {user} access to an application'],
  'add owner to application': ['make {user|service principal} an owner of {application}', 'an owner added'],
  'add owner to service principal': ['make {user} an owner of {service principal}', 'an owner added'],
  // Roles and groups
  'add member to role': ROLE_GIVEN,
  'add eligible member to role': ROLE_GIVEN,
  'add member to role completed (pim activation)': ['activate a directory role', 'a directory role activated'],
  'add member to role in pim completed (timebound)': ROLE_GIVEN,
  'add member to role in pim completed (permanent)': ROLE_GIVEN,
  'add eligible member to role in pim completed (timebound)': ROLE_GIVEN,
  'add eligible member to role in pim completed (permanent)': ROLE_GIVEN,
  'add member to role outside of pim (permanent)': ROLE_GIVEN,
  'remove member from role': ['take a directory role from {user|service principal|*}'],
  'user has elevated their access to user access administrator for their azure resources': [
    'take the right to give out roles over all subscriptions',
    'access elevated to all subscriptions',
  ],
  'assigns the caller to user access admin': [
    'take the right to give out roles over all subscriptions',
    'access elevated to all subscriptions',
  ],
  'user has removed their elevated access': ['give back the right over all subscriptions'],
  'add member to group': ['add {user|service principal} to a group', 'a group widened'],
  'add owner to group': ['make {user|service principal} an owner of a group', 'a group widened'],
  // The tenant
  'set domain authentication': ['change how the users of a domain sign in[: {*}]', 'a domain federated'],
  'set federation settings on domain': ['change the federation of a domain[: {*}]', 'a domain federated'],
  'add unverified domain': ['add a domain to the tenant[: {*}]', 'a domain added'],
  'verify domain': ['verify a domain[: {*}]', 'a domain added'],
  'delete conditional access policy': [
    'delete a Conditional Access policy[: {*}]',
    'a Conditional Access policy deleted',
  ],
  'update conditional access policy': [
    'change a Conditional Access policy[: {*}]',
    'a Conditional Access policy changed',
    'vague',
  ],
  'add conditional access policy': ['add a Conditional Access policy[: {*}]'],
  'set company information': ['change the settings of the tenant', 'the tenant changed'],
  'set dirsyncenabled flag': ['change directory synchronisation', 'directory synchronisation changed'],
  'add partner to company': ['let a partner into the tenant', 'a partner let into the tenant'],
  // Users and how they sign in
  'user registered security info': ['register a new sign-in method', 'a sign-in method added'],
  'admin registered security info': ['register a sign-in method for {user}', 'a sign-in method added'],
  'user deleted security info': ['remove a sign-in method', 'a sign-in method removed'],
  'admin deleted security info': ['remove a sign-in method of {user}', 'a sign-in method removed'],
  'create temporary access pass method for user': [
    'make a temporary access pass for {user}',
    'a temporary access pass made',
  ],
  'disable strong authentication': ['switch MFA off for {user}', 'MFA switched off'],
  'reset user password': ['reset the password of {user}', 'a password reset'],
  'reset password (by admin)': ['reset the password of {user}', 'a password reset'],
  'reset password (self-service)': ['reset their own password', 'a password reset'],
  'change user password': ['change their own password', 'a password changed'],
  'change password (self-service)': ['change their own password', 'a password changed'],
  'add user': ['create {user}', 'a user created'],
  'delete user': ['delete {user}', 'users deleted'],
  'disable account': ['disable {user}', 'users disabled'],
  'invite external user': ['invite {user} as a guest', 'a guest invited'],
  'register device': ['register {device}', 'a device registered'],
  'add device': ['add {device}', 'a device registered'],
  'add registered owner to device': ['make {user} the owner of {device}', 'a device registered'],
  // What Entra itself tells
  'user risk detection': ['be reported at risk by Entra', 'a risk seen by Entra', 'vague'],
  'risky user': ['be reported at risk by Entra', 'a risk seen by Entra'],
  'service principal risk detection': ['be reported at risk by Entra', 'a risk seen by Entra'],
  'risky service principal': ['be reported at risk by Entra', 'a risk seen by Entra'],
});

/**
 * How an activity of Entra's audit log is told.
 * @param activity its name, as written: with any dash, and spaces around it
 */
export function entraPhrase(activity: string, things: readonly Thing[]): Phrase {
  const folded = activity
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .trim()
    .toLowerCase();
  if (folded.startsWith('update application') && things.some(({ noun }) => noun === 'credential')) {
    return {
      does: filled('add a credential to {application|service principal}', things),
      title: 'a credential added to an application',
    };
  }
  return PHRASES.of(folded, things) ?? { does: `do ${quoted(activity.trim())}${onThings(things)}` };
}
