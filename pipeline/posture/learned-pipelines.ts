import type { PrincipalNames } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { isCloudItself, type Drift } from './drift.ts';
import { byTime, markOf, type PostureMark } from './posture-mark.ts';

/** So many changes of a scope, the first that are known, tell who manages it. */
const FIRST = 10;
/** They must not all be of one day: whoever sets something up makes many changes at once. */
const SPAN = 24 * 3_600_000;

/** One operation that changed something. */
interface Made {
  readonly operation: string;
  readonly mark: PostureMark;
}

/**
 * Which scopes a workload manages, learned from the changes themselves: where one workload made all of the first changes, over more than a
 * day, what others than workloads change there later went past it. A scope is a resource group or subscription of Azure, an account of AWS or a
 * tenant of Entra. A function of the set of observations.
 */
export class LearnedPipelines {
  /** By scope, the first changes, in order of time, then of id. */
  readonly #first = new Map<string, Made[]>();

  /** Takes in who made the changes that an observation tells. */
  take(observation: Observation): void {
    if (observation.posture.length === 0) return;
    const mark = markOf(observation);
    if (isCloudItself(mark)) return;
    const made: Made = { operation: observation.operation ?? observation.id, mark };
    for (const scope of new Set(observation.posture.map(({ resource }) => scopeOf(resource, mark)))) {
      if (scope === undefined) continue;
      const known = this.#first.get(scope) ?? [];
      const first = [...known, made].sort((a, b) => byTime(a.mark, b.mark));
      // Rows of one operation are one change, at the time of the first.
      const kept = first.filter(
        ({ operation }, at) => first.findIndex((other) => other.operation === operation) === at,
      );
      this.#first.set(scope, kept.slice(0, FIRST));
    }
  }

  /** Whether a change went past the workload that manages what it changed. */
  driftOf(resource: string, mark: PostureMark, names?: PrincipalNames): Drift | undefined {
    const scope = scopeOf(resource, mark);
    const first = scope === undefined ? undefined : this.#first.get(scope);
    const [begin, last] = [first?.[0]?.mark, first?.[FIRST - 1]?.mark];
    if (scope === undefined || first === undefined || begin === undefined || last === undefined) return undefined;
    if (last.time - begin.time < SPAN || byTime(mark, last) <= 0 || isCloudItself(mark)) return undefined;
    const [manager, ...others] = new Set(first.map((each) => workloadOf(each.mark, names)));
    if (manager === undefined || others.length > 0 || workloadOf(mark, names) !== undefined) return undefined;
    return { pipeline: manager, scope, learned: true };
  }
}

const RESOURCE_GROUP = /^arm:(\/subscriptions\/[^/]+(?:\/resourcegroups\/[^/]+)?)(?:\/|$)/;

function scopeOf(resource: string, { source, account }: PostureMark): string | undefined {
  if (source === 'cloudtrail') return account === undefined ? undefined : `aws:${account}`;
  if (resource.startsWith('entra-object:'))
    return `entra:${resource.slice('entra-object:'.length).split('/', 1).join()}`;
  return RESOURCE_GROUP.exec(resource)?.[1];
}

/** Keys of people: users of Entra and Identity Center, names that people sign in with, users of IAM. */
const PERSON = /^(?:entra-user:|upn:|aws-idc-user:|aws:arn:[\w-]+:iam::\d*:(?:user\/|root$))/;
/** Keys that stand for a while, or that somebody else may have later. */
const PASSING = /^(?:aws-key:|aws:arn:[\w-]+:sts:|aws-id:|entra-token:|entra-session:)/;
/** Identity Center makes roles of this name for people. */
const ROLE_OF_PEOPLE = ':role/aws-reserved/sso.amazonaws.com/';

/** The key of the workload that made a change; undefined where a person did, or it cannot be told. */
function workloadOf(mark: PostureMark, names: PrincipalNames | undefined): string | undefined {
  const principal = names?.principalOf(mark) ?? mark.principal;
  if (PERSON.test(principal) || mark.entities.some(({ key }) => PERSON.test(key))) return undefined;
  if (!PASSING.test(principal)) return principal;
  const role = mark.entities.find(({ kind }) => kind === 'role')?.key;
  return role?.includes(ROLE_OF_PEOPLE) === true ? undefined : role;
}
