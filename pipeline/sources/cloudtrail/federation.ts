import { textOf, type JsonObject } from '../../../platform/json.ts';
import type { Entity } from '../../timeline/entity.ts';
import { federatedSubjectKey, oidcIssuerName, servicePrincipalKey } from '../../timeline/entity-keys.ts';
import { guidOf } from '../shared/entra-names.ts';

const ENTRA_ISSUER = /^(?:sts\.windows\.net|login\.microsoftonline\.com)\/([0-9a-f-]{36})(?:\/|$)/i;
const OIDC_PROVIDER = ':oidc-provider/';
/** Longer than OIDC lets a subject be (255 characters, OpenID Connect Core 1.0, section 2). */
const LONGEST = 512;

/**
 * The entities of a federated caller (`WebIdentityUser`, `SAMLUser`): the subject as its issuer names it, before it the
 * Entra service principal where the issuer is an Entra tenant. An Entra token for an application carries the object id of its service
 * principal as subject; one for a user carries an id that only its application knows, which is no GUID.
 */
export function federatedEntities(identity: JsonObject): Entity[] {
  const subject = subjectOf(identity);
  const provider = textOf(identity['identityProvider']);
  if (subject === undefined || provider === undefined) return [];
  if (subject.length > LONGEST || provider.length > LONGEST) return [];
  const isSaml = identity['type'] === 'SAMLUser';
  const issuer = issuerOf(provider, isSaml);
  const kind = isSaml ? 'user' : 'service-account';
  const federated: Entity = { kind, key: federatedSubjectKey(issuer, subject), part: 'actor', label: subject };
  const tenant = ENTRA_ISSUER.exec(issuer)?.[1];
  const objectId = guidOf(subject);
  if (guidOf(tenant) === undefined || tenant === undefined || objectId === undefined) return [federated];
  return [
    { kind: 'service-principal', key: servicePrincipalKey(tenant, objectId), part: 'actor', label: subject },
    federated,
  ];
}

/** `userName` is the subject; where it is missing, the end of `principalId` (`issuer:audience:subject`, `namequalifier:subject`) has it. */
function subjectOf(identity: JsonObject): string | undefined {
  const userName = textOf(identity['userName']);
  if (userName !== undefined) return userName;
  const provider = textOf(identity['identityProvider']);
  const principalId = textOf(identity['principalId']);
  if (provider === undefined || principalId?.startsWith(`${provider}:`) !== true) return undefined;
  const rest = principalId.slice(provider.length + 1);
  const subject = identity['type'] === 'SAMLUser' ? rest : rest.slice(rest.indexOf(':') + 1);
  return subject === '' ? undefined : subject;
}

/**
 * The issuer by which a subject is known: of an OIDC provider what its ARN (`arn:aws:iam::…:oidc-provider/<issuer>`) or URL
 * names, its host in lower case; of a SAML provider its name qualifier as it is, a hash in base64.
 */
function issuerOf(provider: string, isSaml: boolean): string {
  if (isSaml) return provider;
  const at = provider.startsWith('arn:') ? provider.indexOf(OIDC_PROVIDER) : -1;
  return oidcIssuerName(at < 0 ? provider : provider.slice(at + OIDC_PROVIDER.length));
}
