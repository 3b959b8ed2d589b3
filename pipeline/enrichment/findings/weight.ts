import type { Finding } from '../../timeline/finding.ts';
import type { Level } from '../../timeline/signal.ts';

/** What one thing that is known adds to the weight of a finding. */
export interface Weight {
  readonly points: number;
  /** For people. */
  readonly reason: string;
}

const SEVERITY_POINTS: Readonly<Record<Level, number>> = {
  critical: 20,
  high: 15,
  medium: 8,
  low: 3,
  informational: 0,
};

/** How bad the finding is by itself, as its source says. */
export const severityWeight = ({ severity, cvss }: Finding): Weight => ({
  points: SEVERITY_POINTS[severity],
  reason: `severity ${severity}${cvss === undefined ? '' : `, CVSS ${cvss.toFixed(1)}`}`,
});
