import { githubRepositoryKey, scanTargetKey } from '../../timeline/entity-keys.ts';

/** What a scanner looked at, as an entity. */
export interface ScannedAsset {
  readonly key: string;
  /** A name for people. */
  readonly name: string;
}

const GITHUB_NAME = /^\w[\w-]{0,99}\/[\w.-]{1,100}$/;
const SCHEME = /^[a-z][a-z0-9+.-]{0,30}:\/\//i;
const USER_AT_HOST = /^[^@]+@[^@:]+\.[^@:]+:/;
const GITHUB =
  /^(?:https?:\/\/|ssh:\/\/|git:\/\/)?(?:www\.)?github\.com[/:]([\w.-]{1,100})\/([\w.-]{1,100}?)(?:\.git)?\/?$/i;

/** Whether a text is the full name of a repository: `contoso-example/shop`. */
export const isRepositoryName = (text: string): boolean => GITHUB_NAME.test(text);

/**
 * The repository at an address, as `git` and scanners write it: `https://github.com/contoso-example/shop.git`, `git@github.com:contoso-example/shop`. One
 * that is not at github.com is known by its address without scheme and `.git`.
 */
export function repositoryAt(address: string): ScannedAsset {
  const plain = withoutCredentials(address);
  const [, owner, name] = GITHUB.exec(plain) ?? [];
  if (owner !== undefined && name !== undefined) {
    return { key: githubRepositoryKey(`${owner}/${name}`), name: `${owner}/${name}` };
  }
  const shown = plain.replace(SCHEME, '').replace(/(?:\.git)?\/?$/, '');
  return { key: scanTargetKey(shown), name: shown };
}

/** An address without user name and password, which may be a token: `https://token@github.com/…`, `git@github.com:…`. */
export function withoutCredentials(address: string): string {
  const scheme = SCHEME.exec(address)?.[0] ?? '';
  const end = address.slice(scheme.length).search(/[/?#]/);
  const authority = end < 0 ? address.slice(scheme.length) : address.slice(scheme.length, scheme.length + end);
  const at = authority.lastIndexOf('@');
  // Without a scheme only `user@host:path` has a user: a digest stands behind `@` too, but has no path behind its colon.
  if (at < 0 || (scheme === '' && !USER_AT_HOST.test(authority.slice(0, 300)))) return address;
  return scheme + address.slice(scheme.length + at + 1);
}
