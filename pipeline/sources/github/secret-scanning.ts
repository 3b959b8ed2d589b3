import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { affectedCode, lineOf } from '../shared/affected-code.ts';
import { applicationFinding, exposureTag } from '../shared/finding-event.ts';
import type { SeverityId } from '../shared/finding-state.ts';
import { cutText } from '../shared/pick.ts';
import { HARD_CODED_CREDENTIALS } from '../shared/weakness-ids.ts';
import { LONGEST_TITLE, type Described } from './described.ts';

export const SECRET_REMEDIATION = {
  desc: 'Revoke the secret and issue a new one; taking it out of the code is not enough.',
};

/** A secret in code. What the secret is, no event says. https://docs.github.com/rest/secret-scanning/secret-scanning */
export function secretScanningAlert(alert: JsonObject, record: JsonObject): Described {
  const location = objectOf(alert['first_location_detected']);
  const code = affectedCode({
    path: textOf(location?.['path']),
    startLine: lineOf(location?.['start_line']),
    endLine: lineOf(location?.['end_line']),
  });
  const isPublic = alert['publicly_leaked'] === true || objectOf(record['repository'])?.['visibility'] === 'public';
  const title = secretTitle(alert);
  return {
    title,
    severity: secretSeverity(isPublic, alert['validity']),
    cves: [],
    analytic: { type_id: 8, uid: textOf(alert['secret_type']) },
    tags: isPublic ? [exposureTag('internet')] : undefined,
    event: (base) =>
      applicationFinding(
        base,
        [{ title, affected_code: code, cwe: { uid: HARD_CODED_CREDENTIALS }, remediation: SECRET_REMEDIATION }],
        SECRET_REMEDIATION,
      ),
  };
}

export const secretTitle = (alert: JsonObject): string =>
  cutText(
    `Secret in code: ${textOf(alert['secret_type_display_name']) ?? textOf(alert['secret_type']) ?? 'unknown type'}`,
    LONGEST_TITLE,
  );

/** GitHub gives secrets no severity. Whoever reads the code can use one; critical is what is public, or was tried and works. */
export const secretSeverity = (isPublic: boolean, validity: Json | undefined): SeverityId =>
  isPublic || validity === 'active' ? 5 : 4;
