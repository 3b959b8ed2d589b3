import { createHash } from 'node:crypto';
import { federatedSubjectKey, kubernetesUserKey, oidcIssuerName, servicePrincipalKey, upnKey } from '../entity-keys.ts';
import { linkOf, type Evidence, type Link } from './link.ts';

/** An issuer of OIDC tokens that a cloud trusts, and whose subjects they are. */
export interface OidcTrust {
  /** `https://…`, or without scheme. */
  readonly issuer: string;
  /** The Entra tenant whose service principals are the subjects, by object id. */
  readonly tenant?: string | undefined;
  /** The cluster, by ARM id, whose service accounts are the subjects. */
  readonly cluster?: string | undefined;
}

/** A SAML provider of an AWS account that stands for an Entra tenant. */
export interface SamlTrust {
  /** ARN of the provider: `arn:aws:iam::<account>:saml-provider/<name>`. */
  readonly provider: string;
  /** The entity id by which the identity provider calls itself in its assertions. */
  readonly issuer: string;
  readonly tenant: string;
}

/** The trusts between clouds that somebody has stated, by the issuer's name in keys of federated subjects. */
export interface Trusts {
  readonly oidc: ReadonlyMap<string, OidcTrust>;
  readonly saml: ReadonlyMap<string, SamlTrust>;
}

export const NO_TRUSTS: Trusts = { oidc: new Map(), saml: new Map() };

/** Puts stated trusts in order. */
export function trustsOf(oidc: readonly OidcTrust[], saml: readonly SamlTrust[]): Trusts {
  return {
    oidc: new Map(oidc.map((trust) => [oidcIssuerName(trust.issuer), trust])),
    saml: new Map(saml.map((trust) => [nameQualifierOf(trust), trust])),
  };
}

/**
 * The name qualifier under which CloudTrail names the users of a SAML provider: base64 of SHA-1 over issuer, account and
 * `/<provider name>`. Source: AWS STS API Reference, AssumeRoleWithSAML, NameQualifier.
 */
function nameQualifierOf({ provider, issuer }: SamlTrust): string {
  const account = provider.split(':')[4] ?? '';
  const name = provider.slice(provider.lastIndexOf('/') + 1);
  return createHash('sha1').update(`${issuer}${account}/${name}`).digest('base64');
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * Whom a federated subject stands for by the trusts stated.
 * @param key of the federated subject
 * @param label the subject as the record has it
 */
export function trustLinks(key: string, label: string | undefined, trusts: Trusts, evidence: Evidence): Link[] {
  const bar = key.indexOf('|');
  const issuer = key.slice('federated:'.length, bar);
  const subject = key.slice(bar + 1);
  if (bar < 0 || label !== subject) return []; // a key that was cut names no subject
  const what = 'a subject of an issuer that the directory trusts';
  const oidc = trusts.oidc.get(issuer);
  if (oidc?.cluster !== undefined && subject.startsWith('system:serviceaccount:'))
    return [linkOf('federation', kubernetesUserKey(oidc.cluster, subject), key, { ...evidence, what })];
  if (oidc?.tenant !== undefined && GUID.test(subject))
    return [linkOf('federation', servicePrincipalKey(oidc.tenant, subject), key, { ...evidence, what })];
  if (trusts.saml.has(issuer) && subject.includes('@'))
    return [linkOf('federation', upnKey(subject), key, { ...evidence, what })];
  return [];
}

/** The key of what an issuer calls its subject, the issuer written as configurations write it. */
export const subjectOfIssuer = (issuer: string, subject: string): string =>
  federatedSubjectKey(oidcIssuerName(issuer), subject);
