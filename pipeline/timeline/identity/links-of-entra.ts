import { entraObjectIdKey } from '../entity-keys.ts';
import type { Event } from '../event.ts';
import { evidenceOf, keysOf, onlyKey } from './acting-keys.ts';
import { linkOf, type Link } from './link.ts';

/** Links of an event of Entra or of the Azure activity log, whose caller is described by the claims of Entra's token. */
export function entraLinks(event: Event): Link[] {
  const links: Link[] = [];
  const user = onlyKey(event, 'actor', 'entra-user');
  const workload = onlyKey(event, 'actor', 'entra-sp');
  const objectId = onlyKey(event, 'actor', 'entra-oid');
  for (const key of [user, workload]) if (key !== undefined) links.push(objectIdLink(event, key));
  const person = user ?? objectId;
  if (person !== undefined) {
    const what = 'object id and user principal name of one caller';
    for (const upn of keysOf(event, 'actor', 'upn')) links.push(linkOf('upn', person, upn, evidenceOf(event, what)));
  }
  if (workload !== undefined) {
    const application = evidenceOf(event, 'service principal and its application');
    for (const app of keysOf(event, 'actor', 'entra-app')) links.push(linkOf('directory', workload, app, application));
    // The resource that a token of a managed identity names (`xms_mirid`).
    const resource = evidenceOf(event, 'managed identity and its resource id in one token');
    for (const arm of keysOf(event, 'actor', 'arm')) links.push(linkOf('immutable-id', workload, arm, resource));
  }
  credentialLinks(event, links);
  return links;
}

/** A user or service principal by its object id alone, as AKS names them. */
export function objectIdLink(event: Event, key: string): Link {
  const objectId = entraObjectIdKey(key.slice(key.lastIndexOf('/') + 1));
  return linkOf('immutable-id', key, objectId, evidenceOf(event, 'object id with and without its tenant'));
}

function credentialLinks(event: Event, links: Link[]): void {
  const { principal, ocsf, source } = event;
  // A sign-in that was refused may name a session that somebody else had in the same browser.
  if (source === 'entra' && ocsf.status_id !== 1) return;
  if (!/^(?:entra-(?:user|sp|oid)|upn):/.test(principal)) return;
  for (const session of keysOf(event, 'credential', 'entra-session'))
    links.push(linkOf('session', principal, session, evidenceOf(event, 'session of the caller')));
  for (const token of keysOf(event, 'credential', 'entra-token'))
    links.push(linkOf('token', principal, token, evidenceOf(event, 'token issued to or used by the caller')));
  for (const key of keysOf(event, 'credential', 'entra-credential'))
    links.push(linkOf('used-credential', principal, key, evidenceOf(event, 'signed in with this credential')));
}
