import type { VulnerabilityContext, WeighedFinding } from '../../pipeline/timeline/finding.ts';
import { section } from '../incidents/section.ts';
import { printable, shownTime, styled } from '../terminal.ts';
import { styledPriority } from './finding-table.ts';
import { shortIdOf } from './weighed-findings.ts';

/** All that is known of a finding, for people. */
export function findingPage({
  finding,
  priority,
  reasons,
  vulnerabilities,
  exposure,
  missing,
}: WeighedFinding): string {
  const facts: [string, string | undefined][] = [
    ['where', finding.assetLabel === undefined ? finding.asset : `${finding.assetLabel}  ${finding.asset}`],
    ['what', finding.subject],
    ['mended by', finding.fix],
    ['severity', `${finding.severity}${finding.cvss === undefined ? '' : `, CVSS ${finding.cvss.toFixed(1)}`}`],
    [
      'reachable',
      exposure === 'unknown' ? 'not known' : `from the internet: ${exposure === 'internet' ? 'yes' : 'no'}`,
    ],
    ['status', finding.status],
    ['last told', `${shownTime(finding.time)} UTC by ${finding.source}, event ${finding.eventId}`],
    ['id', `${shortIdOf(finding)}  ${finding.id}`],
  ];
  return [
    `${styledPriority(priority)}  ${styled('bold', printable(finding.title))}`,
    ...facts.flatMap(([name, fact]) => (fact === undefined ? [] : [`${name.padEnd(10)} ${printable(fact)}`])),
    ...section('why', reasons, (reason) => [reason]),
    ...section('vulnerabilities', vulnerabilities, (vulnerability) => [vulnerabilityLine(vulnerability)]),
    ...section('not known', missing, (what) => [what]),
  ].join('\n');
}

function vulnerabilityLine({ cve, kev, epss }: VulnerabilityContext): string {
  const listed =
    kev &&
    [
      `in CISA KEV as “${kev.name}”`,
      kev.dateAdded === '' ? undefined : `since ${kev.dateAdded}`,
      kev.dueDate === '' ? undefined : `due ${kev.dueDate}`,
      kev.ransomware ? 'used by ransomware' : undefined,
    ]
      .filter((part) => part !== undefined)
      .join(', ');
  const scored = epss && `EPSS ${epss.probability} (percentile ${epss.percentile}, model ${epss.model})`;
  const known = [listed, scored].filter((part) => part !== undefined);
  return `${cve}  ${known.length === 0 ? 'nothing is known of it' : known.join('; ')}`;
}
