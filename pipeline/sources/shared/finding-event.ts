import type { JsonObject } from '../../../platform/json.ts';
import { EXPOSURE_TAG } from '../../timeline/finding-of.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import type {
  ApplicationSecurityPostureFinding,
  Cloud,
  Compliance,
  ComplianceFinding,
  DetectionFinding,
  Evidences,
  FindingInfo,
  KeyValueObject,
  Metadata,
  Remediation,
  ResourceDetails,
  Vulnerability,
  VulnerabilityFinding,
} from '../../timeline/ocsf/types.ts';
import { isOpen, type FindingState, type SeverityId } from './finding-state.ts';

/** The profile of OCSF that brings `cloud`. */
export const FINDING_PROFILES: readonly string[] = ['cloud'];

/** What findings of every class have. */
export interface FindingBase {
  readonly state: FindingState;
  readonly severity: SeverityId;
  readonly time: number;
  readonly metadata: Metadata;
  readonly cloud?: Cloud | undefined;
  readonly finding_info: FindingInfo;
  readonly resources: readonly ResourceDetails[] | undefined;
  readonly message?: string | undefined;
  readonly status_code?: string | undefined;
  readonly status_detail?: string | undefined;
  readonly unmapped: JsonObject | undefined;
}

/**
 * What is weak in an asset for a known vulnerability.
 * @param vulnerabilities at least one
 * @param remediation of them all; stands with the first
 */
export const vulnerabilityFinding = (
  base: FindingBase,
  vulnerabilities: readonly Vulnerability[],
  remediation?: Remediation,
): VulnerabilityFinding => ({
  ...classification(2002, base.state.activity),
  ...common(base),
  vulnerabilities: vulnerabilities.map((vulnerability, at) =>
    at > 0 || remediation === undefined ? vulnerability : { ...vulnerability, remediation },
  ),
});

/** What is weak in an asset as it is set up. */
export const complianceFinding = (
  base: FindingBase,
  compliance: Compliance,
  remediation?: Remediation,
): ComplianceFinding => ({ ...classification(2003, base.state.activity), ...common(base), compliance, remediation });

/** What is weak in code: a fault, or a secret that stands in it. */
export const applicationFinding = (
  base: FindingBase,
  vulnerabilities: readonly Vulnerability[],
  remediation?: Remediation,
): ApplicationSecurityPostureFinding => ({
  ...classification(2007, base.state.activity),
  ...common(base),
  vulnerabilities,
  remediation,
});

/** What looks like an attack. */
export const detectionFinding = (
  base: FindingBase,
  evidences: readonly Evidences[] | undefined,
  remediation?: Remediation,
): DetectionFinding => ({
  ...classification(2004, base.state.activity),
  ...common(base),
  is_alert: isOpen(base.state),
  evidences,
  remediation,
});

function common({
  state,
  severity,
  ...rest
}: FindingBase): Omit<FindingBase, 'state' | 'severity'> & FindingState['status'] & { severity_id: SeverityId } {
  return { ...rest, ...state.status, severity_id: severity };
}

/** How a source passes on that the asset of a finding can be reached from the internet, or only from within. */
export const exposureTag = (exposure: 'internet' | 'internal'): KeyValueObject => ({
  name: EXPOSURE_TAG,
  value: exposure,
});
