import type { Entity } from '../../timeline/entity.ts';
import { kubernetesUserKey } from '../../timeline/entity-keys.ts';
import type { PrincipalNames } from '../../timeline/incident.ts';
import { isCredential, isIdentity, prefixOf } from '../../timeline/identity/key-traits.ts';
import type { Observation } from '../../timeline/observation.ts';
import { credentialKey, given, roleId, type KeyUse } from './key-use.ts';
import { clusterOf, specificResource } from './specific-resource.ts';
import { isControllerAccount, isMachinery, isWorkload } from './weak-glue.ts';

const SIGN_IN = 3002;
const DETECTION_FINDING = 2004;
/** In API Activity and Entity Management the activity 2 is to read; in Account Change it is to enable, as a password does that is made for a user. */
const READ = 2;
const CLASSES_WITH_READ: ReadonlySet<number> = new Set([6003, 3004]);

/** Operations on a cluster that hand out the certificate of its administrator, by how they end. */
const LISTS_ADMINISTRATOR = /\/(?:listclusteradmincredential|accessprofiles\/listcredential)\/action$/;
/** Grants name the interface that access is given to, mostly Microsoft Graph: it has nothing to do with whoever else has access to it. */
const GRANT = /app role assignment|delegated permission grant|oauth2permissiongrant|^consent to application/;
/** Calls to a cluster that hand over what an identity may do: its token, or more permissions. Others name whom the caller impersonates. */
const HANDS_OVER = / (?:serviceaccounts|rolebindings|clusterrolebindings)(?:\/|$)/;

/** What an event made, changed, read or gave out, as far as it is specific enough to tell a story by. */
export function givenKeys(event: Observation, names: PrincipalNames): KeyUse[] {
  const { source, action, entities } = event;
  if (action.outcome === 'failure' || isMachinery(event)) return [];
  if (action.classUid === DETECTION_FINDING) return WATCHING.has(source) ? attackedKeys(event) : [];
  const isSignIn = action.classUid === SIGN_IN;
  if (isSignIn && source === 'entra') return [];
  const principal = names.principalOf(event);
  const acts: Act = {
    operation: action.operation.toLowerCase(),
    source,
    changes: !(action.activityId === READ && CLASSES_WITH_READ.has(action.classUid)),
    principal,
    // Pipelines touch everything: that two touched the same says nothing where one of them is a workload.
    alike: isWorkload(principal) ? undefined : 'resource',
  };
  const keys: KeyUse[] = [];
  for (const entity of entities) {
    if (entity.part !== 'target') continue;
    if (isCredential(entity.key)) keys.push(...credentialKeys(entity.key, acts, names));
    else if (!isSignIn) keys.push(...targetKeys(entity, acts, names));
  }
  if (source === 'azure-activity' && LISTS_ADMINISTRATOR.test(acts.operation)) {
    for (const { key } of entities) {
      const cluster = clusterOf(key);
      if (cluster !== undefined) keys.push(given(kubernetesUserKey(cluster, 'masterclient')));
    }
  }
  return keys;
}

/** What watches workloads tells what was attacked; what watches accounts, such as risks of Entra, tells who. */
const WATCHING: ReadonlySet<Observation['source']> = new Set<Observation['source']>(['defender', 'security-hub']);

/** What an attack was seen on: who acted on it, and what is done from it afterwards, are of the same story. */
const attackedKeys = ({ entities }: Observation): KeyUse[] =>
  entities.flatMap((entity) => {
    const resource = entity.part === 'target' ? specificResource(entity) : undefined;
    return resource === undefined ? [] : [given(entity.key, 'resource', resource)];
  });

interface Act {
  readonly operation: string;
  readonly source: Observation['source'];
  /** Whether it did more than read. */
  readonly changes: boolean;
  readonly principal: string;
  readonly alike: 'resource' | undefined;
}

/** A credential, and whose it has turned out to be: what is done with it need not name it. */
function credentialKeys(key: string, act: Act, names: PrincipalNames): KeyUse[] {
  const holder = names.resolve(key);
  const known = isIdentity(holder) && holder !== act.principal ? [given(holder)] : [];
  return [given(credentialKey(key, names), act.alike), ...known];
}

function targetKeys(entity: Entity, act: Act, names: PrincipalNames): KeyUse[] {
  const { key, kind } = entity;
  if (kind === 'role' && key.startsWith('aws:')) {
    const isServiceRole = key.includes(':role/aws-service-role/');
    return act.changes && !isServiceRole ? [given(key, act.alike, roleId(key))] : [];
  }
  if (IDENTITIES.has(prefixOf(key)) || isIdentity(key)) {
    const identity = act.changes ? identityKey(key, act, names) : undefined;
    if (identity !== undefined) return [identity];
  }
  const resource = specificResource(entity);
  if (resource === undefined) return [];
  const resourceUse = given(key, act.alike, resource);
  // A machine whose own identity is known: who commands it acts with that.
  const machine = prefixOf(key) === 'arm' && act.changes ? names.resolve(resource) : resource;
  return machine !== resource && isIdentity(machine) ? [resourceUse, given(machine)] : [resourceUse];
}

const IDENTITIES: ReadonlySet<string> = new Set([
  'entra-user',
  'entra-sp',
  'entra-oid',
  'entra-app',
  'upn',
  'k8s-user',
  'federated',
]);

/** Somebody else whom the event gave more power, a new credential, or a new way in. */
function identityKey(key: string, act: Act, names: PrincipalNames): KeyUse | undefined {
  if (prefixOf(key) === 'arm') return undefined;
  if (act.source === 'aks-audit' && !HANDS_OVER.test(act.operation)) return undefined;
  const identity = names.resolve(key);
  if (identity === act.principal || !(isIdentity(identity) || isControllerAccount(identity))) return undefined;
  // That two have changed one person's account joins them; that two have given rights to one workload does too, unless as a grant names it.
  const isNoPerson = isWorkload(identity) && (act.source === 'aks-audit' || GRANT.test(act.operation));
  return given(identity, isNoPerson ? undefined : act.alike);
}
