import { compareTexts } from '../../../platform/compare-texts.ts';
import type { Finding } from '../../timeline/finding.ts';

/**
 * What is kept of a finding. Of one thing several streams may tell, and not all the same: GitHub's audit log names an alert by its number alone,
 * its webhook with the vulnerability. What the latest event says counts; what it is silent about is that of the latest event which is not.
 */
export interface KeptFinding {
  readonly latest: Finding;
  /** Where `latest` gives no details: the latest that does. */
  readonly detailed?: Finding | undefined;
}

/**
 * Whether one is to take the place of the other: by event time; at the same time it is closed after it was open, for GitHub writes seconds and dismisses an
 * alert in that in which it makes it; then by the ids of the events.
 */
function isLater(one: Finding, other: Finding): boolean {
  if (one.time !== other.time) return one.time > other.time;
  const isOpen = one.status === 'open';
  if (isOpen !== (other.status === 'open')) return !isOpen;
  return compareTexts(one.eventId, other.eventId) > 0;
}

const isDetailed = ({ cves, cvss, subject }: Finding): boolean =>
  cves.length > 0 || cvss !== undefined || subject !== undefined;

/**
 * What is to be kept when an event says this. In whatever order events come, and however often, the same is kept in the end.
 * @returns the same object where the event says nothing new
 */
export function keptWith(kept: KeptFinding | undefined, finding: Finding): KeptFinding {
  if (kept === undefined) return { latest: finding };
  if (isLater(finding, kept.latest)) {
    const detailed = isDetailed(kept.latest) ? kept.latest : kept.detailed;
    return isDetailed(finding) || detailed === undefined ? { latest: finding } : { latest: finding, detailed };
  }
  if (isDetailed(kept.latest) || !isDetailed(finding)) return kept;
  return kept.detailed === undefined || isLater(finding, kept.detailed) ? { ...kept, detailed: finding } : kept;
}

/** The finding as it stands: how the latest event says it stands, with what is known of it. */
export function standing({ latest, detailed }: KeptFinding): Finding {
  if (detailed === undefined) return latest;
  const { status, time, eventId } = latest;
  return { ...detailed, status, time, eventId };
}
