import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { affectedCode, lineOf } from '../shared/affected-code.ts';
import { applicationFinding } from '../shared/finding-event.ts';
import { severityIdOf, type SeverityId } from '../shared/finding-state.ts';
import { cutText, MAX_MEMBERS } from '../shared/pick.ts';
import { cweIdsIn, UNSTATED_WEAKNESS } from '../shared/weakness-ids.ts';
import { LONGEST_DESCRIPTION, LONGEST_TITLE, type Described } from './described.ts';

/** A fault in code that a scanner found. https://docs.github.com/rest/code-scanning/code-scanning */
export function codeScanningAlert(alert: JsonObject): Described {
  const rule = objectOf(alert['rule']);
  const tool = objectOf(alert['tool']);
  const id = textOf(rule?.['id']) ?? 'unnamed rule';
  const name = textOf(rule?.['description']) ?? textOf(rule?.['name']);
  const instance = objectOf(alert['most_recent_instance']) ?? objectOf(arrayOf(alert['instances'])?.[0]);
  const location = objectOf(instance?.['location']);
  const code = affectedCode(
    {
      path: textOf(location?.['path']),
      startLine: lineOf(location?.['start_line']),
      endLine: lineOf(location?.['end_line']),
      startColumn: lineOf(location?.['start_column']),
      endColumn: lineOf(location?.['end_column']),
    },
    { uid: id, name: textOf(rule?.['name']) },
  );
  const [cwe = UNSTATED_WEAKNESS] = cweIdsIn(...textsOf(rule?.['tags']));
  const title = cutText(name ?? id, LONGEST_TITLE);
  return {
    title,
    description: cutText(textOf(rule?.['full_description']) ?? '', LONGEST_DESCRIPTION) || undefined,
    message: textOf(objectOf(instance?.['message'])?.['text'])?.slice(0, LONGEST_DESCRIPTION),
    severity: severityOf(rule),
    cves: [],
    analytic: { type_id: 1, uid: id, name: textOf(tool?.['name']), version: textOf(tool?.['version']) },
    event: (base) => applicationFinding(base, [{ title, affected_code: code, cwe: { uid: cwe } }]),
  };
}

/** Rules that are about security say how bad they are; all others have the level of a linter. */
function severityOf(rule: JsonObject | undefined): SeverityId {
  const stated = severityIdOf(rule?.['security_severity_level']);
  if (stated !== 0) return stated;
  const level = rule?.['severity'];
  return level === 'error' ? 4 : level === 'warning' ? 3 : level === 'note' ? 2 : level === 'none' ? 1 : 0;
}

const textsOf = (value: Json | undefined): string[] =>
  (arrayOf(value) ?? []).slice(0, MAX_MEMBERS).filter((text) => typeof text === 'string');
