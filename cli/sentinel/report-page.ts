import type { EnrichmentReport } from '../../pipeline/sentinel/enrich.ts';
import { printable, styled } from '../terminal.ts';

const SAYS: Readonly<Record<EnrichmentReport['outcome'], string>> = {
  written: 'enriched',
  refused: 'not enriched: Sentinel did not take the comment; the reason is below',
  read: 'nothing was written (--dry-run)',
  gone: 'it is not there any more',
  merged: 'it went into another incident: nothing is written to it',
  closed: 'it is closed: nothing is written to it without --closed',
  own: 'Crosstrail made it: there is nothing to add',
};

/** What became of an incident, for people. */
export function reportPage({ outcome, incident, additions, written, missing, calls }: EnrichmentReport): string {
  const title = incident === undefined ? '' : `${incident.number ?? ''} ${incident.title}`.trim();
  const lines = [styled('bold', printable(title)), SAYS[outcome]];
  if (additions !== undefined) {
    const { comment, labels, severity, tasks } = additions;
    lines.push('', ...textOfHtml(comment), '', `labels  ${labels.join(', ')}`);
    if (severity !== undefined) lines.push(`severity  ${severity}, as Crosstrail holds it to be`);
    for (const { title: task } of tasks) lines.push(`task  ${task}`);
  }
  if (written !== undefined) {
    const { comment, incident: labels, tasks, notes } = written;
    lines.push(
      '',
      `comment ${comment}; labels and severity ${labels}; ${tasks.written} tasks written`,
      ...notes.map(printable),
    );
  }
  if (missing.length > 0) lines.push('', ...missing.map((text) => `not asked  ${printable(text)}`));
  lines.push(`${calls} calls to Azure Resource Manager`);
  return lines.join('\n');
}

/** The comment as lines of a terminal; it is HTML of our own making. */
function textOfHtml(html: string): string[] {
  return html
    .replace(/<\/t[dh]><t[dh]>/g, '  ')
    .replace(/<br>/g, ', ')
    .replace(/<[^>]{1,20}>/g, '')
    .replace(/&#(\d{1,4});/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&rarr;', '→')
    .replaceAll('&amp;', '&')
    .split('\n')
    .filter((line, at, all) => line !== '' || all[at - 1] !== '')
    .map(printable);
}

/** The same for machines: one object. */
export const reportLine = ({ incident, additions, ...report }: EnrichmentReport): object => ({
  type: 'sentinel-enrichment',
  incident: incident && {
    ...incident.address,
    number: incident.number,
    title: incident.title,
    severity: incident.severity,
  },
  ...report,
  ...additions,
});
