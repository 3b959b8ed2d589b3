import { arrayOf, textOf, type Json } from '../../../platform/json.ts';
import type { Entity, EntityPart } from '../../timeline/entity.ts';
import { githubRepositoryKey, githubUserKey } from '../../timeline/entity-keys.ts';
import type { Cloud, Product, ResourceDetails } from '../../timeline/ocsf/types.ts';

export const PRODUCT: Product = { name: 'GitHub', vendor_name: 'GitHub' };

/** GitHub itself, which makes and closes alerts under this name. */
const GITHUB_ITSELF = 'github';

/** A person or a bot; nothing where it is GitHub itself or nobody. */
export function userEntity(login: string | undefined, part: EntityPart, isBot = false): Entity | undefined {
  if (login === undefined || login.toLowerCase() === GITHUB_ITSELF) return undefined;
  const kind = isBot || login.endsWith('[bot]') ? 'service-account' : 'user';
  return { kind, key: githubUserKey(login), part, label: login };
}

export const repositoryEntity = (fullName: string): Entity => ({
  kind: 'resource',
  key: githubRepositoryKey(fullName),
  part: 'target',
  label: fullName,
});

export const organizationEntity = (login: string | undefined): Entity | undefined =>
  login === undefined ? undefined : { kind: 'account', key: githubUserKey(login), part: 'target', label: login };

/** A repository as a resource of OCSF. @param fullName `<owner>/<name>` */
export function repositoryResource(fullName: string, uid: string | undefined): ResourceDetails {
  return { uid: uid ?? fullName, name: fullName, type: 'repository', namespace: ownerOf(fullName), role_id: 3 };
}

export const ownerOf = (fullName: string): string => fullName.slice(0, Math.max(fullName.indexOf('/'), 0));

/** Where an event happened: in an organization, which the owner of its repository is where none is named. */
export function cloudOf(organization: string | undefined, uid: string | undefined): Cloud {
  return {
    provider: 'GitHub',
    org: organization === undefined && uid === undefined ? undefined : { name: organization, uid: uid ?? organization },
  };
}

/** An id, which is a number in some places and a text in others. */
export const idOf = (value: Json | undefined): string | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : textOf(value);

/** A text, or the first of a list: entries about a whole enterprise name several organizations. */
export const firstText = (value: Json | undefined): string | undefined => textOf(arrayOf(value)?.[0] ?? value);
