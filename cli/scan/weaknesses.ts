import { PRIORITIES, type WeighedFinding } from '../../pipeline/timeline/finding.ts';
import { styled, table } from '../terminal.ts';

/** So many are shown to people; all of them are told to machines. */
const MOST_SHOWN = 10;

/** Findings that a scan met, for people: how many there are to act on, to attend to and to track, and the first of them. */
export function weaknessesText(weaknesses: readonly WeighedFinding[]): string {
  const counts = PRIORITIES.map(
    (priority) => [priority, weaknesses.filter((one) => one.priority === priority).length] as const,
  )
    .filter(([, count]) => count > 0)
    .map(([priority, count]) => `${count} to ${priority}${priority === 'attend' ? ' to' : ''}`);
  const rows = table(weaknesses.slice(0, MOST_SHOWN), [
    { title: 'PRIORITY', cell: ({ priority }) => priority },
    { title: 'CVE', cell: ({ finding }) => finding.cves[0] ?? '' },
    { title: 'FINDING', cell: ({ finding }) => finding.title, max: 50 },
    { title: 'IN', cell: ({ finding }) => finding.assetLabel ?? finding.asset, max: 40 },
    { title: 'WHY', cell: ({ reasons }) => reasons.slice(0, 3).join('; '), max: 90 },
  ]);
  const more = weaknesses.length - MOST_SHOWN;
  const rest = more > 0 ? `\n  and ${more} more (--format ndjson names each)` : '';
  return `${styled('bold', `Findings: ${counts.join(', ')}`)}\n${rows}${rest}\n`;
}

/** A finding as one object of the ndjson format. */
export const findingLine = ({
  finding,
  priority,
  rank,
  reasons,
  vulnerabilities,
  exposure,
  missing,
}: WeighedFinding) => ({
  type: 'finding',
  id: finding.id,
  priority,
  rank,
  reasons,
  title: finding.title,
  asset: finding.asset,
  cves: finding.cves,
  severity: finding.severity,
  status: finding.status,
  time: new Date(finding.time).toISOString(),
  subject: finding.subject,
  fix: finding.fix,
  cvss: finding.cvss,
  exposure,
  vulnerabilities,
  missing,
});
