/** By which texts a configuration and a key, an id or a name mean the same identity. All are compared in lower case. */

/** Nothing longer is compared: keys have 512 characters, ARNs and ids of resources some 2,000. */
const LONGEST = 2048;
const PREFIX =
  /^(?:entra-(?:user|sp|app|object|oid|credential)|upn|aws|aws-(?:key|id|idc-user|service)|federated|arm|k8s-user|k8s|github-user|slack-user|local-user):/;
const GUID_AT_END = /(?:^|[/:])([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/;
const IAM_ROLE = /^arn:([^:]*):iam::([^:]*):role\/(?:.*\/)?([^/]+)$/;
const ROLE_SESSION = /^arn:([^:]*):sts:[^:]*:([^:]*):assumed-role\/([^/]+)/;
const IAM_USER = /^arn:[^:]*:iam::[^:]*:user\/(?:.*\/)?([^/]+)$/;

/** A text as it is compared: names of Entra, IAM and ARM do not differ by case alone, and look-alike forms of a character are one. */
export const folded = (text: string): string => text.slice(0, LONGEST).normalize('NFKC').trim().toLowerCase();

/** An id without the prefix that makes it a key, both in lower case. */
export const bareId = (key: string): string => folded(key).replace(PREFIX, '');

/**
 * What a key or an id means that no other identity can have: itself without its prefix, the object id in it, and of a role and its sessions the role.
 * A role's path is left out, for sessions do not name it.
 */
export function exactNames(text: string): readonly string[] {
  const whole = folded(text);
  const bare = whole.replace(PREFIX, '');
  const [, guid] = GUID_AT_END.exec(bare) ?? [];
  const role = IAM_ROLE.exec(bare) ?? ROLE_SESSION.exec(bare);
  return [
    ...new Set([
      whole,
      // A name alone, such as that of a user of one cluster, can be another's too.
      ...(whole.startsWith('k8s') || whole.startsWith('github-user:') ? [] : [bare]),
      ...(guid === undefined ? [] : [guid]),
      ...(role === null ? [] : [`role ${role[1] ?? ''} ${role[2] ?? ''} ${role[3] ?? ''}`]),
    ]),
  ].filter((name) => name !== '');
}

/** The same, and names that others may have too: of users and roles of IAM, of users of Kubernetes and GitHub. Never the name of a session, which whoever opens it chooses. */
export function allNames(text: string): readonly string[] {
  const bare = bareId(text);
  const [, user] = IAM_USER.exec(bare) ?? [];
  const role = (IAM_ROLE.exec(bare) ?? ROLE_SESSION.exec(bare))?.[3];
  const kubernetes = folded(text).startsWith('k8s-user:') ? bare.slice(bare.indexOf(':') + 1) : undefined;
  const more = [bare, user, role, kubernetes].filter((name) => name !== undefined && name !== '');
  return [...new Set([...exactNames(text), ...more.filter((name) => name !== undefined)])];
}

/** Identities that a configuration names, by key, object id, user principal name, ARN or bare name. */
export class NamedIdentities {
  readonly #byName = new Map<string, string>();

  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      for (const name of exactNames(entry)) if (!this.#byName.has(name)) this.#byName.set(name, entry);
    }
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** The entry that one of these keys and names means, counting names that others may have too. */
  entryOf(texts: readonly string[]): string | undefined {
    return this.#find(texts, allNames);
  }

  /** The entry that one of these keys means, and no other identity. */
  exactEntryOf(keys: readonly string[]): string | undefined {
    return this.#find(keys, exactNames);
  }

  #find(texts: readonly string[], namesOf: (text: string) => readonly string[]): string | undefined {
    if (this.isEmpty) return undefined;
    for (const text of texts) {
      for (const name of namesOf(text)) {
        const entry = this.#byName.get(name);
        if (entry !== undefined) return entry;
      }
    }
    return undefined;
  }
}
