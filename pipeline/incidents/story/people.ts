import type { IncidentPrincipal, PrincipalNames } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';
import { UNKNOWN_PRINCIPAL } from '../../timeline/event.ts';
import { isSessionArn, kubernetesUsernameOf, prefixOf } from '../../timeline/identity/key-traits.ts';
import { bounded } from './quoted.ts';
import { readableRole, thingOf } from './thing.ts';

/** Who it is that events without a principal tell of. */
export const UNKNOWN_LABEL = 'somebody unknown';
/** No more of a principal's other keys are listed. */
const MOST_ALIASES = 200;

/** The people and workloads of an incident, with names for people. */
export class People {
  readonly #names: PrincipalNames;
  /** Key → the label that events gave it first. */
  readonly #labels = new Map<string, string>();
  readonly #known = new Map<string, IncidentPrincipal>();

  /** @param observations in order of time, then of id */
  constructor(observations: readonly Observation[], names: PrincipalNames) {
    this.#names = names;
    for (const { entities } of observations) {
      for (const { key, label, part } of entities) {
        if (label !== undefined && !isId(label) && part !== 'credential' && !this.#labels.has(key))
          this.#labels.set(key, label);
      }
    }
  }

  /** @param id the key that stands for the principal */
  of(id: string): IncidentPrincipal {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const aliases = this.#names.aliasesOf(id);
    const keys = [id, ...aliases];
    const principal: IncidentPrincipal = {
      id,
      label: this.#labelOf(keys),
      kind: kindOf(keys),
      aliases: aliases.slice(0, MOST_ALIASES),
    };
    this.#known.set(id, principal);
    return principal;
  }

  /** The name that somebody signs in with, as events of the incident name it; then other names, and an id where there is none. */
  #labelOf(keys: readonly string[]): string {
    const [id = UNKNOWN_PRINCIPAL] = keys;
    if (id === UNKNOWN_PRINCIPAL) return UNKNOWN_LABEL;
    const upns = keys.filter((key) => prefixOf(key) === 'upn');
    const upn = upns.find((key) => this.#labels.has(key)) ?? upns[0];
    if (upn !== undefined) return bounded(upn.slice('upn:'.length));
    for (const prefix of NAMED) {
      for (const key of keys) {
        const name = prefixOf(key) === prefix ? this.#nameOf(key) : undefined;
        if (name !== undefined && !isId(name)) return bounded(name);
      }
    }
    return bounded(id.slice(Math.max(id.lastIndexOf('/'), id.indexOf(':')) + 1));
  }

  #nameOf(key: string): string | undefined {
    if (isSessionArn(key)) return readableRole(thingOf({ key, kind: 'role-session' }).name ?? key);
    return (
      kubernetesUsernameOf(key) ??
      this.#labels.get(key) ??
      this.#names.labelOf?.(key) ??
      thingOf({ key, kind: 'account' }).name
    );
  }
}

/** Kinds of keys that have names, those that tell people most first. */
const NAMED: readonly string[] = [
  ...['entra-user', 'entra-sp', 'entra-app', 'arm', 'aws', 'k8s-user', 'federated'],
  ...['aws-idc-user', 'aws-source-identity', 'aws-service', 'entra-oid', 'aws-id'],
];

/** GUIDs and unique ids of AWS, which name nobody to people. */
export const isId = (name: string): boolean =>
  /^[0-9a-f]{8}(?:-[0-9a-f-]+)?$|^A[A-Z]{3}[A-Z0-9]{12,}(?::|$)/i.test(name);

const PEOPLE: ReadonlySet<string> = new Set(['entra-user', 'upn', 'aws-idc-user']);
const WORKLOADS: ReadonlySet<string> = new Set(['entra-sp', 'entra-app', 'arm', 'aws-service']);

function kindOf(keys: readonly string[]): IncidentPrincipal['kind'] {
  if (keys.some((key) => PEOPLE.has(prefixOf(key)))) return 'person';
  const isWorkload = (key: string) =>
    WORKLOADS.has(prefixOf(key)) ||
    kubernetesUsernameOf(key)?.startsWith('system:') === true ||
    /^federated:.*\|(?:repo|system:serviceaccount):/.test(key);
  return keys.some(isWorkload) ? 'workload' : 'unknown';
}
