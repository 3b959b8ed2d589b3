import { accessKeyKey, arnKey, awsUniqueIdKey, upnKey } from '../entity-keys.ts';
import type { Event } from '../event.ts';
import { evidenceOf, keysOf, onlyKey } from './acting-keys.ts';
import { isIdentity, isSessionArn, isSsoSession, sessionNameOf } from './key-traits.ts';
import { linkOf, type Link } from './link.ts';
import { trustLinks, type Trusts } from './trust.ts';

/**
 * Links of a CloudTrail event. A role session's ARN belongs to nobody, for whoever may assume the role chooses its name: the access
 * key of a session is what belongs to the one who opened it, and it acts as the session.
 */
export function awsLinks(event: Event, trusts: Trusts): Link[] {
  const links: Link[] = [];
  const credential = onlyKey(event, 'credential', 'aws-key');
  const { principal } = event;
  federatedLinks(event, trusts, links);
  callerLinks(event, credential, links);
  const opened = openedSession(event);
  // Who holds what the call gave out: the caller, or of a caller in a role session its own credential.
  const holder = isSessionArn(principal) ? (credential ?? principal) : (uniqueIdOf(event) ?? principal);
  if (opened.credential !== undefined && (isIdentity(holder) || holder === credential || isSessionArn(holder))) {
    const issued = evidenceOf(event, 'STS answered the caller with this access key');
    links.push(linkOf('issued-credential', holder, opened.credential, issued));
  }
  if (opened.arn !== undefined) sessionLinks(event, 'target', opened.arn, opened.credential, links);
  return links;
}

/** The subject of a web identity or SAML token: whose it is by its own issuer, by trust, or by the e-mail address that it is. */
function federatedLinks(event: Event, trusts: Trusts, links: Link[]): void {
  const federated = event.entities.find(({ key, part }) => part === 'actor' && key.startsWith('federated:'));
  if (federated === undefined) return;
  const { key, label } = federated;
  const workload = onlyKey(event, 'actor', 'entra-sp');
  if (workload !== undefined) {
    const what = 'AWS accepted a token of this Entra tenant for the service principal';
    links.push(linkOf('federation', workload, key, evidenceOf(event, what)));
  }
  links.push(...trustLinks(key, label, trusts, evidenceOf(event, '')));
  const person = label === undefined ? undefined : upnKey(label);
  if (person !== undefined && keysOf(event, 'actor', 'upn').includes(person))
    links.push(linkOf('upn', person, key, evidenceOf(event, 'the federated subject is an e-mail address')));
}

function callerLinks(event: Event, credential: string | undefined, links: Link[]): void {
  const { principal } = event;
  const uniqueId = uniqueIdOf(event);
  if (isSessionArn(principal)) {
    sessionLinks(event, 'actor', principal, credential, links);
  } else if (credential !== undefined && isIdentity(principal)) {
    const holder = uniqueId ?? principal;
    links.push(linkOf('used-credential', holder, credential, evidenceOf(event, 'called with this access key')));
  }
  if (uniqueId !== undefined) {
    const what = 'ARN and unique id of one IAM user';
    links.push(linkOf('immutable-id', uniqueId, principal, evidenceOf(event, what)));
  }
  const onBehalfOf = onlyKey(event, 'actor', 'aws-idc-user');
  if (onBehalfOf === undefined || onBehalfOf === principal) return;
  const evidence = evidenceOf(event, 'called on behalf of the Identity Center user');
  if (credential !== undefined) links.push(linkOf('immutable-id', onBehalfOf, credential, evidence));
  else if (isSessionArn(principal)) links.push(linkOf('role-session', onBehalfOf, principal, evidence));
}

/** The session in which a credential acts, or is to act; whom its name and its source identity name. */
function sessionLinks(
  event: Event,
  part: 'actor' | 'target',
  arn: string,
  credential: string | undefined,
  links: Link[],
): void {
  if (credential !== undefined) {
    const what = part === 'actor' ? 'the access key was used in this session' : 'the access key opens this session';
    links.push(linkOf('role-session', credential, arn, evidenceOf(event, what)));
  }
  const people = keysOf(event, part, 'upn');
  // The name says something of the credential that was used under it, not of all who ever use the name.
  const named = credential ?? arn;
  const person = upnKey(sessionNameOf(arn));
  if (people.includes(person)) {
    const kind = isSsoSession(arn) ? 'sso-session-name' : 'session-name';
    links.push(linkOf(kind, person, named, evidenceOf(event, 'the session is named after this address')));
  }
  const source = onlyKey(event, part, 'aws-source-identity');
  if (source === undefined) return;
  links.push(linkOf('source-identity', source, named, evidenceOf(event, 'the session carries this source identity')));
  const chosen = upnKey(sessionNameOf(source));
  if (people.includes(chosen)) {
    const what = 'the source identity is an e-mail address';
    links.push(linkOf('source-identity', chosen, source, evidenceOf(event, what)));
  }
}

/** The session that a call of STS opened, with the access key that it gave out; both undefined for other calls and refused ones. */
function openedSession(event: Event): { arn: string | undefined; credential: string | undefined } {
  const { ocsf } = event;
  const isSts = ocsf.class_uid === 3002 && 'service' in ocsf && ocsf.service?.name === 'sts.amazonaws.com';
  if (!isSts || !('session' in ocsf)) return { arn: undefined, credential: undefined };
  const targets = new Set(event.entities.filter(({ part }) => part === 'target').map(({ key }) => key));
  // Only what the source took for an access key and an ARN.
  const among = (key: string | undefined) => (key !== undefined && targets.has(key) ? key : undefined);
  const session = ocsf.session;
  const arn = among(session?.uid === undefined ? undefined : arnKey(session.uid));
  return {
    arn: arn !== undefined && isSessionArn(arn) ? arn : undefined,
    credential: among(session?.credential_uid === undefined ? undefined : accessKeyKey(session.credential_uid)),
  };
}

/**
 * The unique id of an IAM user who called by ARN: who is created anew under the same name has the same ARN, but another unique id.
 */
function uniqueIdOf({ ocsf, principal }: Event): string | undefined {
  if (!principal.startsWith('aws:') || !isIdentity(principal) || !('actor' in ocsf)) return undefined;
  const id = ocsf.actor?.user?.uid_alt;
  return id !== undefined && /^AIDA[A-Z0-9]{8,124}$/.test(id) ? awsUniqueIdKey(id) : undefined;
}
