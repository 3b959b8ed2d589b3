import type { Entity } from '../../timeline/entity.ts';
import type { PrincipalNames } from '../../timeline/incident.ts';
import { isCredential, isIdentity, isSessionArn, isSsoSession, prefixOf } from '../../timeline/identity/key-traits.ts';
import type { Observation } from '../../timeline/observation.ts';
import { acted, credentialKey, roleId, type KeyUse } from './key-use.ts';
import { specificResource } from './specific-resource.ts';
import { instanceOfSession, isControllerAccount, isMachinery, isMasterclient } from './weak-glue.ts';

const SIGN_IN = 3002;
const PROVIDER = /^aws:arn:[^:]*:iam::[^:]*:(?:saml|oidc)-provider\//;

/** By whom, with what, and through what an event was done. Addresses are none of it. */
export function actedKeys(event: Observation, names: PrincipalNames): KeyUse[] {
  if (isMachinery(event)) {
    // Nothing is joined because a controller did it, but what it did may have been done with a token that somebody made.
    return isControllerAccount(event.principal) ? [acted(event.principal), ...throughKeys(event)] : [];
  }
  return [...principalKeys(event, names), ...credentialKeys(event, names), ...throughKeys(event)];
}

/** The key that stands for who did it, where it stands for nobody else. */
function actingPrincipal(event: Observation, names: PrincipalNames): string | undefined {
  const principal = names.principalOf(event);
  if (!isIdentity(principal) || isMachinery(event)) return undefined;
  // What nobody is known to have done has the resource as its principal.
  const isNamed =
    prefixOf(principal) !== 'arm' || event.entities.some(({ key, part }) => key === principal && part === 'actor');
  return isNamed ? principal : undefined;
}

function principalKeys(event: Observation, names: PrincipalNames): KeyUse[] {
  const strong = actingPrincipal(event, names);
  if (strong !== undefined) return [acted(strong, 'principal')];
  const { principal } = event;
  if (isSessionArn(principal)) {
    // Identity Center names its sessions after their users, EC2 after the machine; all others are named by whoever may open them.
    const isOfOne = isSsoSession(principal) || instanceOfSession(principal) !== undefined;
    return isOfOne ? [acted(principal, 'session')] : [];
  }
  if (!isMasterclient(principal)) return [];
  return [{ ...acted(principal, 'session'), shared: true }];
}

function credentialKeys({ entities, source, action }: Observation, names: PrincipalNames): KeyUse[] {
  // A sign-in that was refused may name a session that somebody else had in the same browser.
  if (source === 'entra' && action.classUid === SIGN_IN && action.outcome !== 'success') return [];
  return entities
    .filter(({ part, key }) => part === 'credential' && isCredential(key))
    .map(({ key }) => acted(credentialKey(key, names), 'session'));
}

/** The role, identity provider, machine, pod or device that it was done through, which others may have been in too. */
function throughKeys(event: Observation): KeyUse[] {
  const keys: KeyUse[] = [];
  const instance = instanceOfSession(event.principal);
  if (instance !== undefined && isSessionArn(event.principal))
    keys.push(acted(event.principal, undefined, `ec2:instance/${instance}`));
  const signsInToAws = event.source === 'cloudtrail' && event.action.classUid === SIGN_IN;
  for (const entity of event.entities) {
    const { key, kind, part } = entity;
    if (part === 'actor' || (part === 'target' && signsInToAws)) {
      if (kind === 'role' && key.startsWith('aws:')) keys.push(acted(key, undefined, roleId(key)));
      else if (PROVIDER.test(key)) keys.push(acted(key));
    }
    const through =
      part === 'origin' || (part === 'actor' && kind === 'managed-identity') ? machineOf(entity) : undefined;
    if (through !== undefined) keys.push(acted(key, undefined, through));
  }
  return keys;
}

const machineOf = (entity: Entity): string | undefined =>
  /^(?:arm|entra-device|k8s):/.test(entity.key) ? specificResource(entity) : undefined;
