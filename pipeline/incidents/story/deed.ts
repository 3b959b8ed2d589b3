import type { IncidentAlert, PrincipalNames } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';
import { awsPhrase } from './aws-phrases.ts';
import { azurePhrase } from './azure-phrases.ts';
import { entraPhrase } from './entra-phrases.ts';
import { findingPhrase } from './finding-phrases.ts';
import { githubPhrase } from './github-phrases.ts';
import { kubernetesPhrase } from './kubernetes-phrases.ts';
import type { People } from './people.ts';
import { filled, onThings, type Phrase } from './phrase.ts';
import { quoted } from './quoted.ts';
import { isSignIn, signInPhrase } from './sign-in.ts';
import { thingOf, type Thing } from './thing.ts';

/** One thing done: all rows that its source wrote of one operation. */
export interface Operation {
  /** The row that tells how it ended. */
  readonly told: Observation;
  /** In order of time, then of id. */
  readonly rows: readonly Observation[];
  readonly principal: string;
}

/** What somebody did, once or again and again: one step of the story, before it is put into words. */
export interface Deed {
  readonly operations: readonly Operation[];
  readonly principal: string;
  /** More than one only of sign-ins tried with many accounts, in the order in which they were tried. */
  readonly principals: readonly string[];
  /** Those that its events are in, in order of id. */
  readonly alerts: readonly IncidentAlert[];
  readonly time: number;
  readonly last: number;
}

/**
 * The same done by the same from the same place within this long is one step, in milliseconds; after any time, where nothing else was done
 * between.
 */
const TOGETHER = 30 * 60_000;

/**
 * What was done, in order of time: rows of one operation, and repetitions of it, taken together.
 * @param observations each once, in order of time, then of id
 * @param alertsOf the alerts that an event is in, by its id
 */
export function deedsOf(
  observations: readonly Observation[],
  alertsOf: ReadonlyMap<string, readonly IncidentAlert[]>,
  names: PrincipalNames,
): Deed[] {
  const deeds: Operation[][] = [];
  const open = new Map<string, Operation[]>();
  const operations = operationsOf(observations, names);
  const trying = addressesTryingMany(operations);
  for (const operation of operations) {
    const ip = triedFrom(operation);
    const likeness = ip !== undefined && trying.has(ip) ? `tries ${ip}` : likenessOf(operation);
    const known = open.get(likeness);
    const last = known?.at(-1)?.rows.at(-1);
    const first = operation.rows[0];
    const isSoon = last !== undefined && first !== undefined && first.time - last.time <= TOGETHER;
    if (known !== undefined && (isSoon || known === deeds.at(-1))) {
      known.push(operation);
    } else {
      const begun = [operation];
      open.set(likeness, begun);
      deeds.push(begun);
    }
  }
  return deeds.map((operations) => deedOf(operations, alertsOf));
}

function deedOf(operations: readonly Operation[], alertsOf: ReadonlyMap<string, readonly IncidentAlert[]>): Deed {
  const rows = operations.flatMap((operation) => operation.rows);
  const alerts = new Map<string, IncidentAlert>();
  for (const { id } of rows) for (const one of alertsOf.get(id) ?? []) alerts.set(one.alert.id, one);
  const times = rows.map(({ time }) => time);
  return {
    operations,
    principal: operations[0]?.principal ?? '',
    principals: [...new Set(operations.map(({ principal }) => principal))],
    alerts: [...alerts.values()].sort((a, b) => (a.alert.id < b.alert.id ? -1 : 1)),
    time: times.reduce((a, b) => Math.min(a, b), Infinity),
    last: times.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

function operationsOf(observations: readonly Observation[], names: PrincipalNames): Operation[] {
  const byOperation = Map.groupBy(observations, (one) =>
    one.operation === undefined ? `event ${one.id}` : `operation ${one.source} ${one.operation}`,
  );
  return [...byOperation.values()].flatMap((rows) => {
    const told = rows.find(endsWith('success')) ?? rows.find(endsWith('failure')) ?? rows[0];
    return told === undefined ? [] : [{ told, rows, principal: names.principalOf(told) }];
  });
}

/** Sign-ins that failed for so many accounts from one address were tried by one who knows none of them. */
const MANY_ACCOUNTS = 3;

/** The address of a sign-in that failed. */
const triedFrom = ({ told }: Operation): string | undefined =>
  isSignIn(told) && told.action.outcome === 'failure' ? told.action.from?.ip : undefined;

function addressesTryingMany(operations: readonly Operation[]): ReadonlySet<string> {
  const tried = Map.groupBy(operations, triedFrom);
  const many = [...tried].filter(([, some]) => new Set(some.map(({ principal }) => principal)).size >= MANY_ACCOUNTS);
  return new Set(many.flatMap(([ip]) => ip ?? []));
}

const endsWith =
  (outcome: string) =>
  ({ action }: Observation): boolean =>
    action.outcome === outcome;

/** What repetitions have in common: all but the time and the things acted upon. */
function likenessOf({ told, principal }: Operation): string {
  const { operation, outcome, service, method, account, from } = told.action;
  const through = told.entities.find(({ kind, part }) => kind === 'application' && part === 'origin')?.key;
  return JSON.stringify([
    ...[principal, told.principal, told.source, operation.toLowerCase(), outcome, service, method, account],
    ...[from?.ip, from?.country, through],
  ]);
}

/** What was acted upon, each once, in the order in which it was met. */
export function thingsOf(operations: readonly Operation[]): Thing[] {
  const things = new Map<string, Thing>();
  const labels = new Set<string>();
  for (const { told } of operations) {
    for (const entity of told.entities) {
      if (entity.part !== 'target' || entity.kind === 'vulnerability' || isBesideThePoint(told, entity.key)) continue;
      const thing = thingOf(entity);
      // A user by object id and by name, an application and its service principal: one thing under two ids.
      const label = `${thing.noun} ${thing.name ?? entity.key}`;
      if (!things.has(entity.key) && !labels.has(label)) things.set(entity.key, thing);
      labels.add(label);
    }
  }
  return [...things.values()];
}

/** The cluster and the one impersonated that a call to it names, and the session and people that a call for a role's credentials names. */
function isBesideThePoint(told: Observation, key: string): boolean {
  const { source, action } = told;
  if (source === 'aks-audit')
    return (key.startsWith('arm:') && action.operation.includes(' ')) || key === impersonatedBy(told);
  return source === 'cloudtrail' && action.operation.startsWith('AssumeRole') && !key.includes(':role/');
}

/** Key of the one in whose name a call to a cluster was made. */
export const impersonatedBy = ({ principal, links }: Observation): string | undefined =>
  links.find(({ kind, one }) => kind === 'impersonation' && one === principal)?.other;

/** How a deed is told: by its operation, over all things that were acted upon. */
export function phraseOf({ operations, principals }: Deed, people: People): Phrase {
  const [first] = operations;
  if (first === undefined) return { does: 'do something' };
  if (principals.length > 1) {
    const accounts = principals.map((id): Thing => ({ key: id, noun: 'account', name: people.of(id).label }));
    return { does: filled('sign in as {account}', accounts), title: 'sign-ins tried with many accounts' };
  }
  const { told } = first;
  const things = thingsOf(operations);
  const { operation, service } = told.action;
  const signIn = signInPhrase(told, things);
  if (signIn !== undefined) return signIn;
  switch (told.source) {
    case 'azure-activity':
      return azurePhrase(operation, things);
    case 'entra':
      return entraPhrase(operation, things);
    case 'aks-audit':
      return kubernetesPhrase(operation, things);
    case 'cloudtrail':
      return awsPhrase(operation, service, things);
    case 'defender':
    case 'security-hub':
      return findingPhrase(told, things);
    case 'github':
      return githubPhrase(operation, things);
    case 'sarif':
    case 'trivy':
    case 'crosstrail':
    case 'json':
      return { does: `do ${quoted(operation)}${onThings(things)}` };
  }
}
