/**
 * Canonical keys of entities. One function per kind of id; every key is `<prefix>:<id>` with the id in the case in which
 * its cloud compares it (Entra and ARM ids: lower; AWS ids and Kubernetes names: as written).
 */

import { createHash } from 'node:crypto';

/** No key of an entity is longer than this many characters. */
export const MAX_KEY = 512;

/** The key itself, or where it is too long its beginning and a hash of the whole. */
export function boundedKey(key: string): string {
  if (key.length <= MAX_KEY) return key;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 40);
  return `${key.slice(0, MAX_KEY - 41)}~${hash}`;
}

/** An Entra user by tenant and object id. */
export const entraUserKey = (tenant: string, objectId: string): string =>
  `entra-user:${tenant.toLowerCase()}/${objectId.toLowerCase()}`;

/** An Entra service principal (a managed identity is one too) by tenant and object id. */
export const servicePrincipalKey = (tenant: string, objectId: string): string =>
  `entra-sp:${tenant.toLowerCase()}/${objectId.toLowerCase()}`;

/** An Entra application by its client id. */
export const applicationKey = (appId: string): string => `entra-app:${appId.toLowerCase()}`;

/** An Entra tenant. */
export const entraTenantKey = (tenant: string): string => `entra-tenant:${tenant.toLowerCase()}`;

/** Any other object of an Entra directory (a group, role, policy, application or device object) by tenant and object id. */
export const entraObjectKey = (tenant: string, objectId: string): string =>
  `entra-object:${tenant.toLowerCase()}/${objectId.toLowerCase()}`;

/** An object of Entra of which only the object id is known: neither its tenant nor whether it is a user or a service principal. */
export const entraObjectIdKey = (objectId: string): string => `entra-oid:${objectId.toLowerCase()}`;

/** A credential of an Entra application or service principal: the key id of a secret or certificate, or the id of a federated credential. */
export const entraCredentialKey = (keyId: string): string => `entra-credential:${keyId.toLowerCase()}`;

/** A token that Entra issued, by its unique identifier (`uti` in the token's claims), where case matters. */
export const entraTokenKey = (uniqueTokenIdentifier: string): string => `entra-token:${uniqueTokenIdentifier}`;

/** A user principal name or e-mail address. */
export const upnKey = (upn: string): string => `upn:${upn.trim().toLowerCase()}`;

/** Any AWS principal or resource by its ARN. */
export const arnKey = (arn: string): string => `aws:${arn}`;

/** An AWS access key id. */
export const accessKeyKey = (accessKeyId: string): string => `aws-key:${accessKeyId}`;

/** An AWS account. */
export const awsAccountKey = (account: string): string => `aws-account:${account}`;

/** A service of AWS that acts in an account, by its service principal (`ec2.amazonaws.com`). */
export const awsServiceKey = (account: string, service: string): string => `aws-service:${account}/${service}`;

/** An AWS identity of which only the unique id is known (`AIDA…`, or `AROA…:<session name>`), as in calls from another account. */
export const awsUniqueIdKey = (uniqueId: string): string => `aws-id:${uniqueId}`;

/** A user of AWS IAM Identity Center by identity store (`d-…`) and user id. */
export const identityCenterUserKey = (identityStore: string, userId: string): string =>
  `aws-idc-user:${identityStore}/${userId.toLowerCase()}`;

/** The source identity that sessions of one AWS account carry through role chaining. */
export const awsSourceIdentityKey = (account: string, sourceIdentity: string): string =>
  `aws-source-identity:${account}/${sourceIdentity}`;

/** What a trusted issuer says of its subject: (issuer, sub) of an OIDC token, (name qualifier, NameID) of a SAML assertion. */
export const federatedSubjectKey = (issuer: string, subject: string): string =>
  `federated:${issuer.replaceAll('|', '%7C')}|${subject}`;

/** The issuer of OIDC tokens as keys name it: without scheme and last slash, its host in lower case. */
export function oidcIssuerName(issuer: string): string {
  const [host = '', ...path] = issuer.replace(/^https:\/\//i, '').split('/');
  return [host.toLowerCase(), ...path].join('/').replace(/\/$/, '');
}

/** An Azure resource by its ARM id. */
export function armKey(resourceId: string): string {
  // A loop, for a pattern that looks for slashes at the end takes quadratic time on slashes that are not.
  let end = resourceId.length;
  while (end > 0 && resourceId.charCodeAt(end - 1) === 47) end--;
  return `arm:${resourceId.slice(0, end).toLowerCase()}`;
}

/** A sign-in session of Entra. */
export const entraSessionKey = (sessionId: string): string => `entra-session:${sessionId.toLowerCase()}`;

/** A device registered in Entra. */
export const deviceKey = (deviceId: string): string => `entra-device:${deviceId.toLowerCase()}`;

/** A Kubernetes user name, in the cluster that wrote it (`cluster` is an ARM id, or empty where unknown). */
export const kubernetesUserKey = (cluster: string, username: string): string =>
  `k8s-user:${cluster.toLowerCase()}:${username}`;

/** A Kubernetes object, in its cluster; `path` is `<namespace>/<resource>/<name>`. */
export const kubernetesObjectKey = (cluster: string, path: string): string => `k8s:${cluster.toLowerCase()}:${path}`;

/** A user or an organization of GitHub, by login. */
export const githubUserKey = (login: string): string => `github-user:${login.toLowerCase()}`;

/** Crosstrail itself, which acts in responses. */
export const crosstrailKey = (): string => 'crosstrail:response';

/** A user of Slack, by the ids of its team and its own. */
export const slackUserKey = (team: string, user: string): string => `slack-user:${team}/${user}`;

/** A user of the machine that the command runs on, by the name of the account. */
export const localUserKey = (name: string): string => `local-user:${name}`;

/** A repository of GitHub, as `<owner>/<name>`. */
export const githubRepositoryKey = (fullName: string): string => `github-repo:${fullName.toLowerCase()}`;

/** A container image, as its reference names it, with its registry where it has one; without its digest. */
export const imageKey = (reference: string): string => `image:${reference}`;

/** A file system, a project or whatever else a scanner names that is in no cloud. */
export const scanTargetKey = (target: string): string => `scan-target:${target}`;

/** A domain name. */
export const domainKey = (domain: string): string => `domain:${domain.toLowerCase().replace(/\.$/, '')}`;

/** A vulnerability, by its CVE id. */
export const cveKey = (cve: string): string => `cve:${cve.toLowerCase()}`;

/** An IP address, in canonical text. */
export const ipKey = (address: string): string => `ip:${address}`;
