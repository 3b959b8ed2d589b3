import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import type { GraphClient } from './graph-client.ts';
import { guidOf, labelOf } from './values.ts';

/** What holds credentials: the application, which all tenants share, and its service principal in this one. */
export type CredentialHolder = 'applications' | 'servicePrincipals';

/** A secret, certificate or federation that an application signs in with: what it is known by, never what it is. */
export interface Credential {
  readonly kind: 'secret' | 'certificate' | 'federation';
  readonly id: string;
  readonly name: string | null;
  /** Times as the service wrote them. */
  readonly start: string | null;
  readonly end: string | null;
  /** Of a certificate: its thumbprint, or another name that its owner gave. Of a federation: issuer and subject. */
  readonly of: string | null;
  /** A certificate that signs assertions of single sign-on, rather than tells who the application is. */
  readonly signs: boolean;
}

const MOST_FEDERATIONS = 100;

/** The credentials of an application or a service principal. @param holder as the service gives it without `$select` @throws ActionError */
export async function credentialsOf(
  graph: GraphClient,
  kind: CredentialHolder,
  holder: JsonObject,
): Promise<readonly Credential[]> {
  const secrets = objectsIn(holder['passwordCredentials']).flatMap((one) => credential('secret', one['keyId'], one));
  const certificates = objectsIn(holder['keyCredentials']).flatMap((one) =>
    credential('certificate', one['keyId'], one),
  );
  const id = guidOf(holder['id']);
  if (kind === 'servicePrincipals' || id === undefined) return [...secrets.sort(byId), ...certificates.sort(byId)];
  const { items } = await graph.list(
    { path: `/applications/${id}/federatedIdentityCredentials`, needs: 'Application.Read.All' },
    MOST_FEDERATIONS,
  );
  const federations = items.flatMap((one) => credential('federation', one['id'], one));
  return [...secrets.sort(byId), ...certificates.sort(byId), ...federations.sort(byId)];
}

/** The service promises no order, and a plan is to be the same while nothing changes. */
const byId = (one: Credential, other: Credential): number => (one.id < other.id ? -1 : 1);

const objectsIn = (value: Json | undefined): JsonObject[] => (arrayOf(value) ?? []).map((one) => objectOf(one) ?? {});

function credential(kind: Credential['kind'], key: Json | undefined, one: JsonObject): Credential[] {
  const id = guidOf(key);
  if (id === undefined) return [];
  const parts = kind === 'federation' ? [labelOf(one['issuer']), labelOf(one['subject'])] : [];
  if (kind === 'certificate') parts.push(labelOf(one['customKeyIdentifier']));
  return [
    {
      kind,
      id,
      name: labelOf(one['displayName'] ?? one['name']) ?? null,
      start: textOf(one['startDateTime']) ?? null,
      end: textOf(one['endDateTime']) ?? null,
      of: parts.flatMap((part) => part ?? []).join(' ') || null,
      signs: kind === 'certificate' && one['usage'] === 'Sign',
    },
  ];
}

/** Removes a credential, and no other. Bears to be called where it is gone. @throws ActionError */
export async function removeCredential(
  graph: GraphClient,
  { holder, holderId, kind, id }: { holder: CredentialHolder; holderId: string; kind: Credential['kind']; id: string },
): Promise<void> {
  const needs = 'Application.ReadWrite.All';
  const path = `/${holder}/${holderId}`;
  if (kind === 'secret') {
    await graph.write({
      method: 'POST',
      path: `${path}/removePassword`,
      body: { keyId: id },
      needs,
      repeatable: true,
      done: ({ status, message }) => status === 400 && /No password credential found/i.test(message),
    });
  } else if (kind === 'federation') {
    await graph.write({
      method: 'DELETE',
      path: `${path}/federatedIdentityCredentials/${id}`,
      needs,
      repeatable: true,
      done: ({ status }) => status === 404,
    });
  } else {
    // Taking out one (`removeKey`) needs a proof by the private key of another, which only the owner has. The whole list is written
    // instead, read right before, for the service takes no condition. It comes without the keys themselves: so one that somebody
    // else removed, and that a late replica still shows, is refused rather than put back.
    const found = await graph.get({ path, needs: 'Application.Read.All' });
    const keyCredentials = objectsIn(found['keyCredentials']).filter(({ keyId }) => guidOf(keyId) !== id);
    await graph.write({ method: 'PATCH', path, body: { keyCredentials }, needs, repeatable: true });
  }
}
