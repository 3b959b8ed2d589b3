import { isObject, type JsonObject } from '../../../platform/json.ts';

/** What stands for a secret that was taken out. */
export const REDACTED = '(taken out)';

/**
 * The record of an alert over a secret without the secret itself, which GitHub's API gives to those who may read alerts. Other records as they are.
 * https://docs.github.com/rest/secret-scanning/secret-scanning
 */
export function withoutSecret(record: JsonObject): JsonObject {
  const { alert } = record;
  if (isObject(alert) && holdsSecret(alert)) return { ...record, alert: { ...alert, secret: REDACTED } };
  return holdsSecret(record) ? { ...record, secret: REDACTED } : record;
}

const holdsSecret = (alert: JsonObject): boolean =>
  alert['secret_type'] !== undefined && alert['secret'] !== undefined && alert['secret'] !== REDACTED;
