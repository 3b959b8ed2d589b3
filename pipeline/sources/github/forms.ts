import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { isRepositoryName } from '../shared/code-repository.ts';

/** The scanners of GitHub whose alerts are read, by the names that stand in the addresses of their alerts. */
export type AlertKind = 'dependabot' | 'code-scanning' | 'secret-scanning';

/** An alert: the body of a webhook (`{ action, alert, repository, sender, … }`), or as the REST API lists it, alone. */
export interface AlertForm {
  readonly form: 'alert';
  readonly kind: AlertKind;
  readonly alert: JsonObject;
  /** What happened to the alert; undefined where the API lists it, which says only how it stands. */
  readonly action: string | undefined;
  /** `<owner>/<name>`; what stands in its place where it is no such name. */
  readonly repository: Json | undefined;
}

/** An entry of the audit log, as it is streamed, exported or listed. */
export interface AuditForm {
  readonly form: 'audit';
  readonly record: JsonObject;
}

/** The actions of the audit log: a category, and what was done. */
const ACTION = /^[a-z][a-z0-9_]{0,80}\.[a-z0-9_.]{1,120}$/;

/** Whether a value is an action of the audit log. Those of webhooks have no category. */
export const isAction = (value: Json | undefined): value is string => typeof value === 'string' && ACTION.test(value);

/** What kind of record this is: what is no alert is read as an entry of the audit log. */
export function formOf(record: JsonObject): AlertForm | AuditForm {
  const inner = objectOf(record['alert']);
  const alert = inner ?? record;
  const kind = isAction(record['action']) ? undefined : kindOf(alert);
  if (kind === undefined) return { form: 'audit', record };
  const named = objectOf(record['repository'])?.['full_name'] ?? objectOf(alert['repository'])?.['full_name'];
  return {
    form: 'alert',
    kind,
    alert,
    action: inner === undefined ? undefined : textOf(record['action']),
    repository: named ?? repositoryIn(alert['url']) ?? repositoryIn(alert['html_url']),
  };
}

function kindOf(alert: JsonObject): AlertKind | undefined {
  if (isObject(alert['security_advisory']) || isObject(alert['security_vulnerability'])) return 'dependabot';
  if (typeof alert['secret_type'] === 'string') return 'secret-scanning';
  return isObject(alert['rule']) && isObject(alert['tool']) ? 'code-scanning' : undefined;
}

/** The repository in the address of an alert: `https://github.com/<owner>/<name>/security/…`, `https://api.github.com/repos/<owner>/<name>/…`. */
function repositoryIn(address: Json | undefined): string | undefined {
  if (typeof address !== 'string') return undefined;
  const [, , , ...segments] = address.slice(0, 500).split('/');
  const from = segments.indexOf('repos') + 1;
  const name = segments.slice(from, from + 2).join('/');
  return isRepositoryName(name) ? name : undefined;
}

const ACTORS = ['actor', 'org', 'business', 'repo', 'repository', 'user'] as const;
const MARKS = ['_document_id', '@timestamp', 'created_at'] as const;

/** Whether a record is of GitHub: an alert with its repository, or an entry of the audit log. */
export function isOfGithub(record: JsonObject): boolean {
  if (isAction(record['action'])) {
    return MARKS.some((name) => record[name] !== undefined) && ACTORS.some((name) => record[name] !== undefined);
  }
  const form = formOf(record);
  return form.form === 'alert' && form.repository !== undefined;
}
