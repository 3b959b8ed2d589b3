import { createHash } from 'node:crypto';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import { LEVELS, type Decision, type Level } from '../../pipeline/timeline/signal.ts';
import { tame } from './words.ts';

/** What of an incident a ticket tells, so that one sees what is new. Plain data. */
export interface Stand {
  readonly severity: Level;
  readonly decision: Decision;
  readonly headline: string;
  /** Which steps, eight digits of hex each. */
  readonly steps: string;
}

/** Steps beyond these are not told one by one. */
const MOST_STEPS = 1000;
const DIGITS = 8;
const MAX_HEADLINE = 400;

/** How an incident stands, as far as its tickets tell. */
export const standOf = ({ severity, decision, context, steps }: Incident): Stand => ({
  severity,
  decision,
  headline: tame(context?.headline ?? '', MAX_HEADLINE),
  steps: steps.slice(0, MOST_STEPS).map(stepMark).join(''),
});

/** Steps that were not told, in order of time. */
export function newSteps({ steps }: Incident, told: string): Incident['steps'] {
  const known = new Set<string>();
  for (let at = 0; at < told.length; at += DIGITS) known.add(told.slice(at, at + DIGITS));
  return steps.slice(0, MOST_STEPS).filter((step) => !known.has(stepMark(step)));
}

/** A step keeps its first event while others join it. */
const stepMark = ({ eventIds, time, text }: Incident['steps'][number]): string =>
  createHash('sha256')
    .update(eventIds[0] ?? `${time} ${text}`)
    .digest('hex')
    .slice(0, DIGITS);

/** How an incident stood when its ticket was made, in words of its text: by them it is known later what the ticket did not say. */
export const standWords = ({ severity, decision, steps }: Stand): string =>
  `severity ${severity}, decision ${decision}, ${steps.length / DIGITS} steps ${stepsMark(steps)}`;

/**
 * How an incident stood when its ticket was made, as far as the text of the ticket tells. Of one that somebody wrote anew no steps are taken as told.
 * @param key of the ticket, which stands before these words
 * @param now how it stands
 */
export function standIn(text: string, key: string, now: Stand): Stand {
  const words = new RegExp(`${key}, severity (\\w{1,20}), decision (\\w{1,20}), (\\d{1,4}) steps ([0-9a-f]{12})`);
  const [, severity, decision, count, mark] = words.exec(text) ?? [];
  const steps = now.steps.slice(0, Number(count ?? 0) * DIGITS);
  return {
    severity: LEVELS.find((each) => each === severity) ?? now.severity,
    decision: DECISIONS.find((each) => each === decision) ?? now.decision,
    headline: now.headline,
    steps: stepsMark(steps) === mark ? steps : '',
  };
}

const DECISIONS: readonly Decision[] = ['block', 'warn', 'monitor'];

const stepsMark = (steps: string): string => createHash('sha256').update(steps).digest('hex').slice(0, 12);

/** What tickets of an incident are found by, the same for ever: `crosstrail-` and 32 digits of hex, which no language of queries takes for more than a word. */
export const ticketKey = (incident: string): string =>
  `crosstrail-${createHash('sha256').update(incident).digest('hex').slice(0, 32)}`;
