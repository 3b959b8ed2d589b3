import type { Json } from '../../../platform/json.ts';
import type { DetectionFinding } from '../../timeline/ocsf/types.ts';

/** Where a finding stands, in OCSF's words: what its event does to it, and its status from then on. */
export interface FindingState {
  /** 1 Create, 2 Update, 3 Close. */
  readonly activity: 1 | 2 | 3;
  readonly status: Required<Pick<DetectionFinding, 'status' | 'status_id'>>;
}

export const NEW: FindingState = { activity: 1, status: { status_id: 1, status: 'New' } };
/** As new, of a finding that was told of before. */
export const STILL_NEW: FindingState = { activity: 2, status: NEW.status };
export const IN_PROGRESS: FindingState = { activity: 2, status: { status_id: 2, status: 'In Progress' } };
export const SUPPRESSED: FindingState = { activity: 3, status: { status_id: 3, status: 'Suppressed' } };
export const RESOLVED: FindingState = { activity: 3, status: { status_id: 4, status: 'Resolved' } };
export const ARCHIVED: FindingState = { activity: 3, status: { status_id: 5, status: 'Archived' } };
export const DELETED: FindingState = { activity: 3, status: { status_id: 6, status: 'Deleted' } };

/** Whether there is still something to do about it. */
export const isOpen = ({ activity }: FindingState): boolean => activity !== 3;

export type SeverityId = DetectionFinding['severity_id'];

const SEVERITIES: ReadonlyMap<string, SeverityId> = new Map<string, SeverityId>([
  ['informational', 1],
  ['info', 1],
  ['none', 1],
  ['low', 2],
  ['medium', 3],
  ['moderate', 3],
  ['high', 4],
  ['important', 4],
  ['critical', 5],
  ['fatal', 6],
]);

/** OCSF's number of the first value that names a severity, in any case; 0 (Unknown) where none does. */
export function severityIdOf(...values: readonly (Json | undefined)[]): SeverityId {
  for (const value of values) {
    const known = typeof value === 'string' ? SEVERITIES.get(value.toLowerCase()) : undefined;
    if (known !== undefined) return known;
  }
  return 0;
}
