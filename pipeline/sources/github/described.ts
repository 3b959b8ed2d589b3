import type { Analytic, KeyValueObject, OcsfEvent } from '../../timeline/ocsf/types.ts';
import type { FindingBase } from '../shared/finding-event.ts';
import type { SeverityId } from '../shared/finding-state.ts';

/** What one kind of alert makes of itself. */
export interface Described {
  readonly title: string;
  readonly description?: string | undefined;
  readonly message?: string | undefined;
  readonly severity: SeverityId;
  /** CVE ids, in upper case. */
  readonly cves: readonly string[];
  readonly analytic?: Analytic | undefined;
  readonly tags?: readonly KeyValueObject[] | undefined;
  readonly event: (base: FindingBase) => OcsfEvent;
}

export const LONGEST_TITLE = 300;
export const LONGEST_DESCRIPTION = 2000;
