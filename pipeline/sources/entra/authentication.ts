import { isObject, textOf, type Json } from '../../../platform/json.ts';
import type { Authentication, AuthenticationToken, AuthFactor, Authorization } from '../../timeline/ocsf/types.ts';
import type { Outcome } from './outcome.ts';
import { listOf } from './values.ts';

type FactorType = AuthFactor['factor_type_id'];

const [SMS, PHONE_CALL, PUSH, OTP, MAIL, WEB_AUTHN, PASSWORD] = [1, 3, 5, 7, 8, 10, 11] as const;

/** Authentication methods as Entra names them in `authenticationDetails`, in lower case; others are named as written. */
const FACTORS: ReadonlyMap<string, readonly [FactorType, string]> = new Map<string, readonly [FactorType, string]>([
  ['password', [PASSWORD, 'Password']],
  ['text message', [SMS, 'SMS']],
  ['phone call approval', [PHONE_CALL, 'Phone Call']],
  ['phone call approval (office phone)', [PHONE_CALL, 'Phone Call']],
  ['mobile app notification', [PUSH, 'Push Notification']],
  ['passwordless phone sign-in', [PUSH, 'Push Notification']],
  ['mobile app verification code', [OTP, 'OTP']],
  ['oath verification code', [OTP, 'OTP']],
  ['email otp', [MAIL, 'Email']],
  ['fido2 security key', [WEB_AUTHN, 'WebAuthn']],
  ['passkey', [WEB_AUTHN, 'WebAuthn']],
  ['passkey (device-bound)', [WEB_AUTHN, 'WebAuthn']],
  ['windows hello for business', [WEB_AUTHN, 'WebAuthn']],
]);

/** An earlier sign-in stood in for the factor: it was not given now. */
const EARLIER = 'previously satisfied';
const MOST_STEPS = 16;

/** The factors that the steps of a sign-in went through, successful or not. */
export function factorsOf(details: Json | undefined): readonly AuthFactor[] | undefined {
  const steps = listOf(details);
  let factors: AuthFactor[] | undefined;
  for (let i = 0; i < steps.length && i < MOST_STEPS; i++) {
    const step = steps[i];
    const method = isObject(step) ? textOf(step.authenticationMethod) : undefined;
    const folded = method?.toLowerCase();
    if (method === undefined || folded === undefined || folded === EARLIER) continue;
    const [factor_type_id, factor_type] = FACTORS.get(folded) ?? [99, method];
    (factors ??= []).push({ factor_type_id, factor_type });
  }
  return factors;
}

/** `authenticationProtocol`; Entra writes `none` for those that it has no name for. */
const PROTOCOLS: ReadonlyMap<string, 5 | 6> = new Map<string, 5 | 6>([
  ['oAuth2', 6],
  ['saml20', 5],
]);
const PROTOCOL_NAMES = { 5: 'SAML', 6: 'OAUTH 2.0' } as const;

/** The protocol of a sign-in: the flows that OCSF has no number for (device code, passwords of the owner) by their own name. */
export function protocolOf(value: Json | undefined): Pick<Authentication, 'auth_protocol' | 'auth_protocol_id'> {
  const name = textOf(value);
  if (name === undefined || name === 'none') return UNKNOWN_PROTOCOL;
  const id = PROTOCOLS.get(name);
  return id === undefined
    ? { auth_protocol_id: 99, auth_protocol: name }
    : { auth_protocol_id: id, auth_protocol: PROTOCOL_NAMES[id] };
}
const UNKNOWN_PROTOCOL = { auth_protocol_id: 0, auth_protocol: 'Unknown' } as const;

/** The token that was presented in place of a credential (`incomingTokenType`). */
export function incomingTokenOf(value: Json | undefined): AuthenticationToken | undefined {
  const type = textOf(value);
  if (type === undefined || type === 'none') return undefined;
  return type === 'saml11' || type === 'saml20' ? SAML_ASSERTION : { type_id: 99, type };
}
const SAML_ASSERTION: AuthenticationToken = { type_id: 5, type: 'SAML Assertion' };

const MOST_POLICIES = 100;

/** The Conditional Access policies that had a say, in force or to report only, each with its result. */
export function policiesOf(applied: Json | undefined): readonly Authorization[] | undefined {
  const policies = listOf(applied);
  let authorizations: Authorization[] | undefined;
  for (let i = 0; i < policies.length && i < MOST_POLICIES; i++) {
    const policy = policies[i];
    if (!isObject(policy)) continue;
    const decision = textOf(policy.result);
    if (decision === undefined || SILENT.has(decision)) continue;
    const uid = textOf(policy.id);
    const name = textOf(policy.displayName);
    if (uid === undefined && name === undefined) continue;
    (authorizations ??= []).push({ decision, policy: { uid, name } });
  }
  return authorizations;
}
const SILENT: ReadonlySet<string> = new Set(['notApplied', 'notEnabled', 'unknown', 'reportOnlyNotApplied']);

type Control = Pick<Authentication, 'action' | 'action_id' | 'disposition' | 'disposition_id'>;

const ALLOWED: Control = { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' };
const BLOCKED: Control = { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' };
const REJECTED: Control = { action_id: 2, action: 'Denied', disposition_id: 25, disposition: 'Rejected' };
const CHALLENGED: Control = { action_id: 99, action: 'Challenged', disposition_id: 23, disposition: 'Challenge' };
const UNDECIDED: Control = { action_id: 0, action: 'Unknown', disposition_id: 0, disposition: 'Unknown' };

/** What Entra did with a sign-in: let it through, asked for more, blocked it by policy or rejected it otherwise. */
export function controlOf(outcome: Outcome, conditionalAccess: Json | undefined): Control {
  switch (outcome.status_id) {
    case 1:
      return ALLOWED;
    case 2:
      return conditionalAccess === 'failure' ? BLOCKED : REJECTED;
    case 99:
      return CHALLENGED;
    default:
      return UNDECIDED;
  }
}

/** A risk level of Entra in OCSF, with the severity that it has while it stands. */
export interface RiskLevel {
  readonly id: Authentication['risk_level_id'];
  readonly caption: Authentication['risk_level'];
  readonly severity: 1 | 2 | 3 | 4;
}

const RISK_LEVELS: ReadonlyMap<Json | undefined, RiskLevel> = new Map<Json | undefined, RiskLevel>([
  ['none', { id: 0, caption: 'Info', severity: 1 }],
  ['low', { id: 1, caption: 'Low', severity: 2 }],
  ['medium', { id: 2, caption: 'Medium', severity: 3 }],
  ['high', { id: 3, caption: 'High', severity: 4 }],
]);
const NO_LEVEL: RiskLevel = { id: undefined, caption: undefined, severity: 1 };

/** A risk level of Entra; none where Entra hides it from the tenant's licence. */
export const riskLevelOf = (level: Json | undefined): RiskLevel => RISK_LEVELS.get(level) ?? NO_LEVEL;

const STANDING: ReadonlySet<Json | undefined> = new Set<Json | undefined>(['atRisk', 'confirmedCompromised']);

/** Whether a risk stands: not where it is dismissed, remediated or confirmed safe, nor where there is none. */
export const stands = (riskState: Json | undefined): boolean => STANDING.has(riskState);
