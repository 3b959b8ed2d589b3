import type { Observation } from '../../timeline/observation.ts';
import { filled, type Phrase } from './phrase.ts';
import { quoted } from './quoted.ts';
import type { Thing } from './thing.ts';

/** OCSF class Authentication. */
const AUTHENTICATION = 3002;
const LOGON = 1;

/** Whether somebody signed in, or tried to: into a directory, a console, or by a role. */
export const isSignIn = ({ action }: Observation): boolean =>
  action.classUid === AUTHENTICATION && action.activityId === LOGON;

/** Calls that open a session of a role. */
const ROLE_TAKEN: ReadonlySet<string> = new Set([
  'AssumeRole',
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'AssumeRoot',
]);

/** Whether somebody took on a role of AWS, or tried to. */
export const isRoleTaken = ({ source, action }: Observation): boolean =>
  source === 'cloudtrail' && ROLE_TAKEN.has(action.operation);

/** Methods of a sign-in as records name them, in lower case, and how they are told. Those that say nothing are told by nothing. */
const METHODS: ReadonlyMap<string, { readonly by: string; readonly short: string }> = new Map([
  ['devicecode', { by: ' by device code', short: 'device-code ' }],
  ['ropc', { by: ' by password alone', short: 'password-only ' }],
  ['saml', { by: ' by SAML', short: 'SAML ' }],
  ['none', { by: '', short: '' }],
  ['unknown', { by: '', short: '' }],
  ['oauth 2.0', { by: '', short: '' }],
]);

/** How a sign-in or the opening of a session is told; undefined of what is neither. */
export function signInPhrase(observation: Observation, things: readonly Thing[]): Phrase | undefined {
  const { source, action } = observation;
  if (source === 'cloudtrail') return awsSignIn(observation, things);
  if (source !== 'entra' || action.classUid !== AUTHENTICATION) return undefined;
  const method = methodOf(action.method);
  const through = observation.entities.find(({ kind, part }) => kind === 'application' && part === 'origin')?.label;
  const to = action.service === undefined ? '' : ` to ${quoted(action.service)}`;
  const by = through === undefined || through === action.service ? '' : ` through ${quoted(through)}`;
  return { does: `sign in${to}${by}${method.by}`, title: `a ${method.short}sign-in` };
}

function methodOf(method: string | undefined): { readonly by: string; readonly short: string } {
  if (method === undefined) return { by: '', short: '' };
  return METHODS.get(method.toLowerCase()) ?? { by: ` by ${quoted(method)}`, short: '' };
}

function awsSignIn(observation: Observation, things: readonly Thing[]): Phrase | undefined {
  switch (observation.action.operation) {
    case 'ConsoleLogin':
      return { does: 'sign in to the AWS console', title: 'a console sign-in' };
    case 'Authenticate':
    case 'Federate':
    case 'UserAuthentication':
      return observation.action.classUid === AUTHENTICATION
        ? { does: 'sign in to AWS through Identity Center', title: 'an Identity Center sign-in' }
        : undefined;
    case 'AssumeRole':
      return { does: filled('assume {role}', things), title: 'a role assumed' };
    case 'AssumeRoleWithSAML':
      return { does: filled('assume {role} by SAML', things), title: 'a role assumed by SAML' };
    case 'AssumeRoleWithWebIdentity':
      return {
        does: `${filled('assume {role}', things)} with a token of ${issuerOf(observation)}`,
        title: 'a role assumed',
      };
    case 'AssumeRoot':
      return { does: 'assume root of a member account', title: 'root of a member account assumed' };
    case 'GetSessionToken':
    case 'GetFederationToken':
      return { does: 'get temporary credentials', title: 'temporary credentials made' };
    default:
      return undefined;
  }
}

/** Issuers of tokens, by a part of their host, and what people call them. */
const ISSUERS: readonly (readonly [part: string, name: string])[] = [
  ['token.actions.githubusercontent.com', 'GitHub Actions'],
  ['sts.windows.net', 'Entra'],
  ['login.microsoftonline.com', 'Entra'],
  ['oic.prod-aks.azure.com', 'an AKS cluster'],
  ['accounts.google.com', 'Google'],
  ['oidc.eks.', 'an EKS cluster'],
];

function issuerOf({ entities }: Observation): string {
  const subject = entities.find(({ key, part }) => part === 'actor' && key.startsWith('federated:'))?.key ?? '';
  const issuer = subject.slice('federated:'.length).split('|', 1)[0] ?? '';
  const known = ISSUERS.find(([part]) => issuer.includes(part));
  return known?.[1] ?? (issuer === '' ? 'an identity provider' : quoted(issuer));
}
