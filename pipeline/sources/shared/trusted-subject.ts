import type { Entity } from '../../timeline/entity.ts';
import { arnKey, federatedSubjectKey, oidcIssuerName } from '../../timeline/entity-keys.ts';

/** Longer than OIDC lets a subject be (255 characters, OpenID Connect Core 1.0, section 2), and any issuer in use. */
const LONGEST = 512;
const ROLE = /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;

/**
 * The entities of one whom a federated credential lets in: the subject as its issuer names it, and the role where AWS is the issuer, which calls its
 * roles by ARN (AWS IAM User Guide, "Federating AWS identities to external services").
 */
export function trustedSubject(issuer: string, subject: string): Entity[] {
  if (issuer.length > LONGEST || subject.length > LONGEST) return [];
  const federated: Entity = {
    kind: 'service-account',
    key: federatedSubjectKey(oidcIssuerName(issuer), subject),
    part: 'target',
    label: subject,
  };
  if (!ROLE.test(subject)) return [federated];
  return [
    federated,
    { kind: 'role', key: arnKey(subject), part: 'target', label: subject.slice(subject.lastIndexOf('/') + 1) },
  ];
}
