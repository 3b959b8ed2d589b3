import type * as Jose from 'jose';
import type { Clock } from '../../../platform/clock.ts';
import type { ApprovalSettings } from '../../../platform/configuration/response/approval.ts';
import { printable } from '../../../platform/printable.ts';
import { entraObjectIdKey, entraUserKey, upnKey } from '../../timeline/entity-keys.ts';
import type { ApproverPort, ApproverRefusal, ApproverRefusalReason, RequestHeaders } from './approver-port.ts';
import { mayApprove, type AnsweringPerson, type ApprovalRules } from './decide.ts';

/** Clocks of machines differ by less, seconds. */
const SKEW = 60;
/** A token with 200 groups has some ten kilobytes. */
const LONGEST_TOKEN = 64 * 1024;
const KEYS_KEPT = 3_600_000;
const LONGEST_WAIT = 5000;

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Issuers of tokens of version 1 by the address of the login service; all others are those of the public cloud. */
const V1_ISSUERS = new Map([['https://login.chinacloudapi.cn', 'https://sts.chinacloudapi.cn']]);

export interface EntraApproverOptions {
  readonly settings: ApprovalSettings;
  /** The login service of the cloud: `https://login.microsoftonline.com`; http only on this machine. */
  readonly login: string;
  readonly clock: Clock;
}

/** Ids under which a configuration's approvers are known. */
export const entraApproverId = (tenant: string, objectId: string): string => `entra:${tenant}/${objectId}`;

/** The rules that a configuration states for people of its tenant; a role is named as `role:<value>` among the groups. */
export function entraRules({
  tenant = '',
  approvers,
  approverGroups,
  approverRoles,
  quorum,
}: ApprovalSettings): ApprovalRules {
  return {
    approvers: approvers.map((objectId) => entraApproverId(tenant, objectId)),
    groups: [...approverGroups, ...approverRoles.map((role) => `role:${role}`)],
    quorum,
  };
}

/**
 * Knows people by tokens that Entra signed: the id token that App Service authentication hands on, or a bearer token for the same app registration. Only the token is
 * believed, and only after its signature is verified here: `X-MS-CLIENT-PRINCIPAL` and other headers could be anybody's where that authentication is not switched on.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
export class EntraApprovers implements ApproverPort {
  readonly #options: EntraApproverOptions;
  readonly #rules: ApprovalRules;
  #keys: Jose.JWTVerifyGetKey | undefined;

  constructor(options: EntraApproverOptions) {
    this.#options = options;
    this.#rules = entraRules(options.settings);
  }

  async identify(headers: RequestHeaders): Promise<AnsweringPerson | ApproverRefusal> {
    const bearer = /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '')?.[1];
    return this.identifyToken(bearer ?? headers.get('x-ms-token-aad-id-token') ?? '');
  }

  /** @param token an id token or access token; empty where there is none */
  async identifyToken(token: string): Promise<AnsweringPerson | ApproverRefusal> {
    const { tenant, audience } = this.#options.settings;
    const missing = notConfigured(this.#options.settings);
    if (missing !== undefined || tenant === undefined || audience === undefined) {
      return refusal('not-configured', missing ?? 'response.approval is not complete');
    }
    if (token === '') return refusal('no-token', 'Nobody is signed in: sign in with App Service authentication.');
    if (token.length > LONGEST_TOKEN) return refusal('bad-token', 'The token is too long to be one of Entra.');
    // Only those who verify tokens pay for it.
    const jose = await import('jose');
    const { login, clock } = this.#options;
    this.#keys ??= jose.createRemoteJWKSet(new URL(`${login}/${tenant}/discovery/v2.0/keys`), {
      ...{ cacheMaxAge: KEYS_KEPT, timeoutDuration: LONGEST_WAIT },
    });
    try {
      const { payload } = await jose.jwtVerify(token, this.#keys, {
        algorithms: ['RS256'],
        issuer: issuersOf(login, tenant),
        audience: [audience, `api://${audience}`],
        clockTolerance: SKEW,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'iat', 'tid', 'oid', 'sub'],
      });
      return this.#personOf(payload, tenant);
    } catch (error) {
      return refusalOf(error, jose);
    }
  }

  origin(headers: RequestHeaders): string | undefined {
    const host = headers.get('host');
    const { baseUrl } = this.#options.settings;
    return baseUrl ?? (host === null || !/^[\w.:-]{1,255}$/.test(host) ? undefined : `https://${host}`);
  }

  /** https://learn.microsoft.com/azure/app-service/configure-authentication-customize-sign-in-out */
  signIn(page: string): string | undefined {
    return `/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent(page)}`;
  }

  #personOf(claims: Jose.JWTPayload, tenant: string): AnsweringPerson | ApproverRefusal {
    const objectId = textOf(claims['oid'])?.toLowerCase() ?? '';
    if (textOf(claims['tid'])?.toLowerCase() !== tenant || !GUID.test(objectId)) {
      return refusal('bad-token', 'The token is of no user of the tenant that response.approval.tenant names.');
    }
    // https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference: of an application's own token both are the same.
    if (claims['idtyp'] === 'app' || textOf(claims.sub)?.toLowerCase() === objectId) {
      return refusal('not-allowed', 'The token is that of an application: only a person may approve.');
    }
    const person = personOf(claims, tenant, objectId, this.#rules);
    if (mayApprove(person, this.#rules)) return person;
    return refusal('not-allowed', whyNot(claims, objectId, this.#options.settings));
  }
}

function personOf(claims: Jose.JWTPayload, tenant: string, objectId: string, rules: ApprovalRules): AnsweringPerson {
  const names = ['preferred_username', 'upn', 'unique_name', 'email']
    .map((claim) => textOf(claims[claim])?.slice(0, 320).toLowerCase() ?? '')
    .filter((name) => name.includes('@'));
  const groups = [
    ...textsOf(claims['groups']).map((id) => id.toLowerCase()),
    ...textsOf(claims['roles']).map((role) => `role:${role}`),
  ];
  return {
    id: entraApproverId(tenant, objectId),
    name: printable(names[0] ?? objectId),
    // The names of a token can be chosen and only ever keep somebody from approving; ids decide who may.
    aliases: [
      ...new Set([
        entraUserKey(tenant, objectId),
        entraObjectIdKey(objectId),
        objectId,
        ...names.flatMap((name) => [upnKey(name), name]),
      ]),
    ],
    by: 'Entra token',
    // Of many, those that count.
    groups: rules.groups.filter((group) => groups.includes(group)),
  };
}

/** What is to be configured; undefined where all is. */
function notConfigured({ tenant, audience, approvers, approverGroups, approverRoles }: ApprovalSettings) {
  const missing = [
    ...(tenant === undefined ? ['tenant'] : []),
    ...(audience === undefined ? ['audience'] : []),
    ...(approvers.length + approverGroups.length + approverRoles.length === 0 ? ['approvers'] : []),
  ];
  if (missing.length === 0) return undefined;
  return `Nobody can approve yet: set ${missing.map((name) => `response.approval.${name}`).join(', ')} in crosstrail.yaml, and switch on App Service authentication.`;
}

function whyNot(claims: Jose.JWTPayload, objectId: string, { approverGroups }: ApprovalSettings): string {
  const base = `You (${objectId}) are none of those who may approve.`;
  const names = claims['_claim_names'];
  const overage = claims['hasgroups'] === true || (typeof names === 'object' && names !== null && 'groups' in names);
  if (approverGroups.length === 0 || !overage) return `${base} An administrator names them under response.approval.`;
  return `${base} Your token does not list your groups, for you are in too many: ask an administrator to let the app registration list only groups assigned to it, to use response.approval.approverRoles, or to name you in approvers.`;
}

function issuersOf(login: string, tenant: string): string[] {
  return [`${login}/${tenant}/v2.0`, `${V1_ISSUERS.get(login) ?? 'https://sts.windows.net'}/${tenant}/`];
}

const refusal = (refused: ApproverRefusalReason, message: string): ApproverRefusal => ({ refused, message });

function refusalOf(error: unknown, { errors }: typeof Jose): ApproverRefusal {
  if (error instanceof errors.JWTExpired) return refusal('expired', 'You were signed in too long ago: sign in again.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refusal(
      'bad-token',
      `The token is not for this: its claim ${error.claim} is not as response.approval says.`,
    );
  }
  const unsigned = [
    ...[errors.JWSSignatureVerificationFailed, errors.JWKSNoMatchingKey],
    // Entra names its key in each token.
    errors.JWKSMultipleMatchingKeys,
  ];
  if (unsigned.some((kind) => error instanceof kind)) {
    return refusal('bad-token', 'The token is not signed by Entra for this tenant.');
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return refusal('bad-token', 'The token is signed by another algorithm than RS256.');
  const broken = [errors.JWSInvalid, errors.JWTInvalid, errors.JOSENotSupported];
  if (broken.some((kind) => error instanceof kind)) return refusal('bad-token', 'The token cannot be read.');
  return refusal(
    'unavailable',
    'The keys of Entra cannot be had at this moment, so no token can be verified: try again.',
  );
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.slice(0, 1000).filter((one) => typeof one === 'string') : [];
