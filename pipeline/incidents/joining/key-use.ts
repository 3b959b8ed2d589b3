import type { Join, PrincipalNames } from '../../timeline/incident.ts';
import { isIdentity } from '../../timeline/identity/key-traits.ts';

/**
 * How an event has to do with a key. `acted`: it was done by it, with it, or through it. `given`: it made, changed or gave out what
 * the key names, so that who acts by it later may be who did so.
 */
export type Side = 'acted' | 'given';

export interface KeyUse {
  /** What is compared: the key, or what stands for it where several keys mean one thing. */
  readonly id: string;
  /** The key for people to read. */
  readonly key: string;
  readonly side: Side;
  /** As what it joins two events on the same side of it; undefined where it does not: many act through one role. */
  readonly alike?: Exclude<Join['by'], 'link'> | undefined;
  /** Whether several may have it, so that two who acted by it are one only from one address, and only where nobody is known to have given it out. */
  readonly shared?: true | undefined;
}

/** That one used what the other gave, made or changed is a link, whatever it is. */
export const acted = (key: string, alike?: KeyUse['alike'], id = key): KeyUse => ({ id, key, side: 'acted', alike });
export const given = (key: string, alike?: KeyUse['alike'], id = key): KeyUse => ({ id, key, side: 'given', alike });

/** By a role's name in its account: session issuers are written with the path of the role, parameters of calls without. */
export function roleId(key: string): string {
  const account = key.split(':', 6)[5] ?? '';
  return `role:${account}/${key.slice(key.lastIndexOf('/') + 1)}`;
}

/**
 * The credential that stands for a credential: of those that came of each other (a session that opened a session), while nobody knows whose they
 * are, the same.
 */
export function credentialKey(key: string, names: PrincipalNames): string {
  const holder = names.resolve(key);
  return isIdentity(holder) ? key : holder;
}
