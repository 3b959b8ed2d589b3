import type { PipelineIdentity } from '../../platform/pipeline-identities.ts';
import { applicationKey, armKey, arnKey } from '../timeline/entity-keys.ts';
import type { PrincipalNames } from '../timeline/incident.ts';
import type { PostureMark } from './posture-mark.ts';

/** A change that went past the pipeline which manages what it changed. */
export interface Drift {
  /** The identity of the pipeline: as configured, or the key of the one that was learned. */
  readonly pipeline: string;
  /** What it manages. */
  readonly scope: string;
  /** Whether nobody configured it: it alone made all changes for long enough. */
  readonly learned: boolean;
}

/**
 * Whether a change went past the pipelines that are configured for what it changed.
 * @param resource key of what was changed
 * @param names by whom to ask who is behind whoever made it; without them the event's own words count
 * @returns undefined where no pipeline manages it, one of those that do made the change, or the cloud itself did
 */
export function driftOf(
  resource: string,
  mark: PostureMark,
  pipelines: readonly PipelineIdentity[],
  names?: PrincipalNames,
): Drift | undefined {
  const managed = pipelines.flatMap(({ identity, scopes }) => {
    const scope = scopes.find((each) => isWithin(resource, mark, each));
    return scope === undefined ? [] : [{ pipeline: identity, scope, learned: false }];
  });
  const [first] = managed;
  if (first === undefined || isCloudItself(mark)) return undefined;
  const keys = actingKeys(mark, names);
  return managed.some(({ pipeline }) => isIdentity(pipeline, keys)) ? undefined : first;
}

/** @param scope an ARM id, `aws:<account>` or `entra:<tenant>` */
function isWithin(resource: string, { source, account }: PostureMark, scope: string): boolean {
  if (scope.startsWith('/')) {
    const prefix = armKey(scope);
    return resource === prefix || resource.startsWith(`${prefix}/`);
  }
  const [kind, id = ''] = scope.toLowerCase().split(':', 2);
  // The ARN of a bucket has no account: the record says whose it is.
  if (kind === 'aws') return source === 'cloudtrail' && account === id;
  return resource.startsWith(`entra-object:${id}/`);
}

/** Services of a cloud act for those who use them: their changes are nobody's by hand. */
export const isCloudItself = ({ principal, entities }: PostureMark): boolean =>
  principal.startsWith('aws-service:') || !entities.some(({ part }) => part === 'actor');

/** All keys by which whoever made a change is known. */
function actingKeys(mark: PostureMark, names: PrincipalNames | undefined): ReadonlySet<string> {
  const keys = new Set([mark.principal, ...mark.entities.map(({ key }) => key)]);
  if (names === undefined) return keys;
  const principal = names.principalOf(mark);
  return new Set([...keys, principal, ...names.aliasesOf(principal)]);
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Whether one of the keys is of the identity that a configuration names. */
function isIdentity(identity: string, keys: ReadonlySet<string>): boolean {
  if (identity.startsWith('arn:')) return keys.has(arnKey(identity));
  if (identity.startsWith('/')) return keys.has(armKey(identity));
  if (!GUID.test(identity)) return keys.has(identity);
  if (keys.has(applicationKey(identity))) return true;
  const object = `/${identity.toLowerCase()}`;
  for (const key of keys) if (key.startsWith('entra-sp:') && key.endsWith(object)) return true;
  return false;
}
