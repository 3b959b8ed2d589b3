import type { IncidentContext } from '../../pipeline/timeline/context.ts';
import type { Incident } from '../../pipeline/timeline/incident.ts';
import { printable, shownTime, styled, styledLevel } from '../terminal.ts';

/** More lines of a story than this are counted, not shown: most of its beginning, and its end. */
const MOST_TOLD = 30;
const LAST_TOLD = 5;
const MOST_NAMED = 6;
const MOST_KEY = 100;
/** Lines that are too long go on under their text: beneath the label of a line, and beneath the time of a step. */
const LABEL = 10;
const STEP = 23;

/**
 * An incident for people: what it is, who is behind it, and what happened, a line each step.
 * @param width lines are broken to be no longer than this
 */
export function incidentText(
  incident: Incident,
  width: number = (process.stdout.isTTY && process.stdout.columns) || Infinity,
): string {
  const { id, clouds, techniques, story } = incident;
  const lines = [
    [`  clouds  ${clouds.join(', ')}`, LABEL],
    [`  who     ${named(incident.principals)}`, LABEL],
    ...(techniques.length === 0 ? [] : [[`  ATT&CK  ${techniques.join(' ')}`, LABEL] as const]),
    ...told(story).map((line) => [`  ${line}`, STEP] as const),
  ] as const;
  return [
    incidentHeading(incident),
    ...headlineLines(incident).map((line) => broken(line, width, 2)),
    styled('dim', `  ${id}, ${spanText(incident)}, ${countsText(incident)}`),
    ...lines.map(([line, indent]) => broken(printable(line), width, indent)),
  ].join('\n');
}

/** People by name; what else acted by name and key, since names of workloads are not unique. */
function named(principals: Incident['principals']): string {
  const names = principals
    .slice(0, MOST_NAMED)
    .map(({ label, id, kind }) =>
      kind === 'person' || label === id
        ? label
        : `${label} (${id.length > MOST_KEY ? `${id.slice(0, MOST_KEY)}…` : id})`,
    );
  const more = principals.length - names.length;
  return [...names, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

function told(story: readonly string[]): readonly string[] {
  if (story.length <= MOST_TOLD) return story;
  return [
    ...story.slice(0, MOST_TOLD - LAST_TOLD),
    `… ${story.length - MOST_TOLD} more steps (--format ndjson has all)`,
    ...story.slice(-LAST_TOLD),
  ];
}

/** Breaks a line at spaces, so that what follows stands `indent` characters in. Words are not broken. */
function broken(line: string, width: number, indent: number): string {
  if (line.length <= width || width <= 2 * indent) return line;
  const [first = '', ...words] = line.slice(indent).split(' ');
  const lines: string[] = [];
  let last = line.slice(0, indent) + first;
  for (const word of words) {
    if (last.length + 1 + word.length <= width) last += ` ${word}`;
    else {
      lines.push(last);
      last = ' '.repeat(indent) + word;
    }
  }
  return [...lines, last].join('\n');
}

/** How bad an incident is, and its title. */
export const incidentHeading = ({ severity, score, title }: Incident): string =>
  `${styledLevel(severity, severity.toUpperCase())} ${score}  ${styled('bold', printable(title))}`;

/** What is to be said of an incident before all else, where there is such a thing. */
export const headlineLines = ({ context }: Incident): string[] =>
  context?.headline === undefined ? [] : [`  ${styled('red', printable(context.headline))}`];

/** How much there is of an incident. */
export const countsText = ({ alertIds, eventIds }: Incident): string =>
  `${counted(alertIds.length, 'alert')}, ${counted(eventIds.length, 'event')}`;

/** When an incident began, and when it was last seen. */
export function spanText({ firstSeen, lastSeen }: Incident): string {
  const [first, last] = [shownTime(firstSeen), shownTime(lastSeen)];
  if (first === last) return `${first} UTC`;
  return `${first} to ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last} UTC`;
}

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** An incident as one object of the ndjson format. */
export const incidentLine = (incident: Incident) => ({
  type: 'incident',
  id: incident.id,
  title: incident.title,
  severity: incident.severity,
  score: incident.score,
  decision: incident.decision,
  ...(incident.context && { headline: incident.context.headline, context: contextLine(incident.context) }),
  principals: incident.principals,
  clouds: incident.clouds,
  sources: incident.sources,
  tactics: incident.tactics,
  techniques: incident.techniques,
  firstSeen: new Date(incident.firstSeen).toISOString(),
  lastSeen: new Date(incident.lastSeen).toISOString(),
  story: incident.story,
  alertIds: incident.alertIds,
  eventIds: incident.eventIds,
});

/** What is known of an incident as part of its object in the ndjson format. */
function contextLine({ assets, findings, hits, paths, missing, decidedBy }: IncidentContext) {
  return {
    decidedBy,
    assets: assets.map(({ key, name, owner, environment, importance, dataClass, exposure, exposedBy }) => ({
      ...{ key, name, owner, environment, importance, dataClass, exposure, exposedBy },
    })),
    findings: findings.map(({ finding, priority, reasons }) => ({
      ...{ id: finding.id, asset: finding.asset, title: finding.title, cves: finding.cves, priority, reasons },
    })),
    indicators: hits.map(({ key, indicator }) => ({
      ...{ key, value: indicator.value, source: indicator.source, confidence: indicator.confidence },
      validUntil: indicator.validUntil === undefined ? undefined : new Date(indicator.validUntil).toISOString(),
    })),
    attackPaths: paths,
    missing,
  };
}
