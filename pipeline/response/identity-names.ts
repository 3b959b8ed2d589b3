/** By which texts a configuration and a key, an id or a name mean the same identity. All are compared in lower case. */

/** Nothing longer is compared: keys have 512 characters, ARNs and ids of resources some 2,000. */
const LONGEST = 2048;
const PREFIX =
  /^(?:entra-(?:user|sp|app|object|oid|credential)|upn|aws|aws-(?:key|id|idc-user|service)|federated|arm|k8s-user|k8s|github-user|slack-user|local-user):/;
const GUID_AT_END = /(?:^|[/:])([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/;
const IAM_NAMED = /^arn:([^:]*):iam::([^:]*):(user|role)\/(?:.*\/)?([^/]+)$/;
const ROLE_SESSION = /^arn:([^:]*):sts:[^:]*:([^:]*):assumed-role\/([^/]+)/;

/** A text as it is compared: names of Entra, IAM and ARM do not differ by case alone, and look-alike forms of a character are one. */
export const folded = (text: string): string => text.slice(0, LONGEST).normalize('NFKC').trim().toLowerCase();

/** An id without the prefix that makes it a key, both in lower case. */
export const bareId = (key: string): string => folded(key).replace(PREFIX, '');

/** A user or a role of IAM: its name is unique within the account. */
interface IamIdentity {
  readonly kind: string;
  readonly place: string;
  readonly name: string;
}

/** @param bare an ARN, in lower case; of a session it is its role */
function iamIdentityOf(bare: string): IamIdentity | undefined {
  const [, partition = '', account = '', kind = '', name = ''] = IAM_NAMED.exec(bare) ?? [];
  if (name !== '') return { kind, place: `${partition} ${account}`, name };
  const [, ofPartition = '', ofAccount = '', role = ''] = ROLE_SESSION.exec(bare) ?? [];
  return role === '' ? undefined : { kind: 'role', place: `${ofPartition} ${ofAccount}`, name: role };
}

/**
 * What a key or an id means that no other identity can have: itself without its prefix, the object id in it, and of a role and its sessions the role.
 * The paths of users and roles are left out, for sessions and calls do not name them.
 */
export function exactNames(text: string): readonly string[] {
  const whole = folded(text);
  const bare = whole.replace(PREFIX, '');
  const [, guid] = GUID_AT_END.exec(bare) ?? [];
  const iam = iamIdentityOf(bare);
  // A name alone, such as that of a user of one cluster, can be another's too.
  const isName = whole.startsWith('k8s') || whole.startsWith('github-user:');
  const names = [
    whole,
    isName ? '' : bare,
    guid ?? '',
    iam === undefined ? '' : `${iam.kind} ${iam.place} ${iam.name}`,
  ];
  return [...new Set(names)].filter((name) => name !== '');
}

/** The same, and names that others may have too: of users and roles of IAM, of users of Kubernetes and GitHub. Never the name of a session, which whoever opens it chooses. */
function allNames(text: string): readonly string[] {
  const bare = bareId(text);
  const kubernetes = folded(text).startsWith('k8s-user:') ? bare.slice(bare.indexOf(':') + 1) : '';
  const names = [...exactNames(text), bare, iamIdentityOf(bare)?.name ?? '', kubernetes];
  return [...new Set(names)].filter((name) => name !== '');
}

/** So many keys are remembered, with what they mean. */
const MOST_REMEMBERED = 4096;

/** Identities that a configuration names, by key, object id, user principal name, ARN or bare name. */
export class NamedIdentities {
  readonly #byName = new Map<string, string>();
  readonly #exact = new Map<string, string | undefined>();

  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      for (const name of exactNames(entry)) if (!this.#byName.has(name)) this.#byName.set(name, entry);
    }
  }

  /** The entry that one of these keys and names means, counting names that others may have too. */
  entryOf(texts: readonly string[]): string | undefined {
    if (this.#byName.size === 0) return undefined;
    for (const text of texts) {
      const entry = this.#find(allNames(text));
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** The entry that one of these keys means, and no other identity. */
  exactEntryOf(keys: readonly string[]): string | undefined {
    if (this.#byName.size === 0) return undefined;
    for (const key of keys) {
      const entry = this.#exactEntry(key);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** Those who act are the same again and again, and taking a key apart costs more than looking it up. */
  #exactEntry(key: string): string | undefined {
    if (this.#exact.has(key)) return this.#exact.get(key);
    if (this.#exact.size >= MOST_REMEMBERED) this.#exact.clear();
    const entry = this.#find(exactNames(key));
    this.#exact.set(key, entry);
    return entry;
  }

  #find(names: readonly string[]): string | undefined {
    for (const name of names) {
      const entry = this.#byName.get(name);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }
}
