import type { SourceId } from '../timeline/event.ts';
import { LEVELS } from '../timeline/signal.ts';
import type { IncidentPrincipal } from '../timeline/incident.ts';
import { UNKNOWN_LABEL } from './story/people.ts';
import type { ToldStep } from './story/story.ts';
import { isSignIn } from './story/sign-in.ts';
import { bounded } from './story/quoted.ts';

/** What people call the place that records of a source tell of. */
const PLACES: Readonly<Record<SourceId, string | undefined>> = {
  'azure-activity': 'Azure',
  entra: 'Entra',
  'aks-audit': 'Kubernetes',
  cloudtrail: 'AWS',
  defender: 'Defender for Cloud',
  'security-hub': 'AWS Security Hub',
  github: 'GitHub',
  sarif: undefined,
  trivy: undefined,
  crosstrail: undefined,
  json: undefined,
};

const LONGEST_TITLE = 200;

/** Where so many were tried and none did anything, it is not about one of them. */
const MANY = 3;

/**
 * One line that says who did what: `mara@contoso.example: from a device-code sign-in in Entra to snapshots shared in AWS`: how it began,
 * and what it led to.
 * @param principals of the incident, the one it is named after first
 */
export function titleOf(steps: readonly ToldStep[], principals: readonly IncidentPrincipal[]): string {
  const onlyTries = steps.every(({ deed }) => deed.operations.every(({ told }) => told.action.outcome === 'failure'));
  const who = whoOf(onlyTries && principals.length >= MANY ? [] : principals);
  const last = goalOf(steps);
  const first = entryOf(steps, last);
  if (first === undefined || last === undefined) return bounded(`${who}: alerts`, LONGEST_TITLE);
  const [begin, end] = [pieceOf(first), pieceOf(last)];
  const [there, here] = [placeOf(first), placeOf(last)];
  if (begin === end && there === here) return bounded(`${who}: ${end}${here}`, LONGEST_TITLE);
  return bounded(`${who}: from ${begin}${there === here ? '' : there} to ${end}${here}`, LONGEST_TITLE);
}

function whoOf([main, ...others]: readonly IncidentPrincipal[]): string {
  if (main === undefined) return UNKNOWN_LABEL;
  // Shared names, such as a cluster's administrator, are not one more person.
  const more = others.filter(({ kind }) => kind !== 'unknown').length;
  return more === 0 ? main.label : `${main.label} and ${more} ${more === 1 ? 'other' : 'others'}`;
}

const gravity = ({ deed }: ToldStep): number =>
  deed.alerts.reduce((most, { alert }) => Math.max(most, LEVELS.indexOf(alert.severity)), -1);

/** What it led to: the last step that is as grave as any or nearly so, and more than one more sign-in. */
function goalOf(steps: readonly ToldStep[]): ToldStep | undefined {
  const most = steps.reduce((level, step) => Math.max(level, gravity(step)), -1);
  const grave = steps.filter((step) => step.deed.alerts.length > 0 && gravity(step) >= most - 1);
  return grave.findLast((step) => !cameIn(step)) ?? grave.at(-1) ?? steps.at(-1);
}

function cameIn({ deed }: ToldStep): boolean {
  const told = deed.operations[0]?.told;
  return told !== undefined && isSignIn(told);
}

/** The first alert, or the sign-in before it that succeeded. */
function entryOf(steps: readonly ToldStep[], last: ToldStep | undefined): ToldStep | undefined {
  const alerted = steps.findIndex(({ deed }) => deed.alerts.length > 0);
  const signIn = steps
    .slice(0, alerted + 1)
    .find((step) => cameIn(step) && step.deed.operations[0]?.told.action.outcome === 'success');
  return signIn ?? steps[alerted] ?? last;
}

function pieceOf({ deed, phrase }: ToldStep): string {
  const rule = deed.alerts[0]?.alert.rule.title;
  const piece = phrase.title ?? (rule === undefined ? 'an action' : `“${bounded(rule)}”`);
  return deed.operations[0]?.told.action.outcome === 'failure' ? `${piece} (failed)` : piece;
}

function placeOf({ deed }: ToldStep): string {
  const place = PLACES[deed.operations[0]?.told.source ?? 'json'];
  return place === undefined ? '' : ` in ${place}`;
}
