import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { affectedCode, lineOf } from '../shared/affected-code.ts';
import { exposureTag } from '../shared/finding-event.ts';
import type { SeverityId } from '../shared/finding-state.ts';
import { secretFinding, SECRET_SEVERITY, secretTitle } from '../shared/secret-in-code.ts';
import type { Described } from './described.ts';

/** A secret in code. What the secret is, no event says. https://docs.github.com/rest/secret-scanning/secret-scanning */
export function secretScanningAlert(alert: JsonObject, record: JsonObject): Described {
  const location = objectOf(alert['first_location_detected']);
  const code = affectedCode({
    path: textOf(location?.['path']),
    startLine: lineOf(location?.['start_line']),
    endLine: lineOf(location?.['end_line']),
  });
  const isPublic = alert['publicly_leaked'] === true || objectOf(record['repository'])?.['visibility'] === 'public';
  return {
    title: titleOfSecret(alert),
    severity: secretSeverity(isPublic, alert['validity']),
    cves: [],
    analytic: { type_id: 8, name: 'Secret scanning', uid: textOf(alert['secret_type']) },
    tags: isPublic ? [exposureTag('internet')] : undefined,
    event: (base) => secretFinding(base, code),
  };
}

/** @param alert or an entry of the audit log, which name the type alike */
export const titleOfSecret = (alert: JsonObject): string =>
  secretTitle(textOf(alert['secret_type_display_name']) ?? textOf(alert['secret_type']));

/** GitHub gives secrets no severity. Critical is what is public, or was tried and works. */
export const secretSeverity = (isPublic: boolean, validity: Json | undefined): SeverityId =>
  isPublic || validity === 'active' ? 5 : SECRET_SEVERITY;
