import type { IncidentPrincipal, PrincipalNames } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';
import { UNKNOWN_PRINCIPAL } from '../../timeline/event.ts';
import { isCredential, isSessionArn, kubernetesUsernameOf, prefixOf } from '../../timeline/identity/key-traits.ts';
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
        if (part === 'actor' && label !== undefined && !this.#labels.has(key)) this.#labels.set(key, label);
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

  /** The name that somebody signs in with, as events of the incident name it; then what the key itself says. */
  #labelOf(keys: readonly string[]): string {
    if (keys[0] === UNKNOWN_PRINCIPAL) return UNKNOWN_LABEL;
    const upns = keys.filter((key) => prefixOf(key) === 'upn');
    const upn = upns.find((key) => this.#labels.has(key)) ?? upns[0];
    if (upn !== undefined) return bounded(upn.slice('upn:'.length));
    for (const key of keys) {
      const label = isCredential(key) ? undefined : this.#shown(key);
      if (label !== undefined) return bounded(label);
    }
    return bounded(keys[0] ?? UNKNOWN_PRINCIPAL);
  }

  #shown(key: string): string | undefined {
    const label = this.#labels.get(key);
    if (isSessionArn(key)) return readableRole(thingOf({ key, kind: 'role-session' }).name ?? key);
    if (kubernetesUsernameOf(key) !== undefined || label === undefined)
      return thingOf({ key, kind: 'account' }).name ?? undefined;
    return label;
  }
}

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
