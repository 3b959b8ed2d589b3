import { lastNameOf } from '../../pipeline/enrichment/assets/asset-key.ts';
import type { Priority, WeighedFinding } from '../../pipeline/timeline/finding.ts';
import { styled, table } from '../terminal.ts';
import { shortIdOf } from './weighed-findings.ts';

const STYLES = { act: 'red', attend: 'yellow', track: 'dim' } as const satisfies Record<Priority, string>;

/** A priority in its colour. */
export const styledPriority = (priority: Priority, text: string = priority): string => styled(STYLES[priority], text);

/** Findings for people, a line each. */
export const findingTable = (findings: readonly WeighedFinding[]): string =>
  table(findings, [
    { title: 'PRIORITY', cell: priorityOf, style: ({ priority }, text) => styledPriority(priority, text) },
    { title: 'ID', cell: ({ finding }) => shortIdOf(finding), whole: true },
    { title: 'SEVERITY', cell: ({ finding }) => finding.severity },
    {
      title: 'CVE',
      cell: ({ finding: { cves } }) => `${cves[0] ?? ''}${cves.length > 1 ? ` +${cves.length - 1}` : ''}`,
    },
    { title: 'FINDING', cell: ({ finding }) => finding.title, max: 60 },
    { title: 'IN', cell: ({ finding }) => finding.assetLabel ?? lastNameOf(finding.asset), max: 60 },
    { title: 'WHY', cell: ({ reasons }) => reasons.slice(0, 2).join('; '), max: 120 },
  ]);

const priorityOf = ({ priority, finding }: WeighedFinding): string =>
  finding.status === 'open' ? priority : finding.status;
