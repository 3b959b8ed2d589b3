import { isObject, type JsonObject } from '../../../platform/json.ts';

/** What stands for a secret that was taken out. */
const REDACTED = '(taken out)';

/**
 * The record of an alert over a secret without the secret itself, which GitHub's API gives to those who may read alerts. Records without such a field stay
 * as they are.
 * https://docs.github.com/rest/secret-scanning/secret-scanning
 */
export function withoutSecret(record: JsonObject): JsonObject {
  const { alert } = record;
  const outer = holdsSecret(record) ? { ...record, secret: REDACTED } : record;
  return isObject(alert) && holdsSecret(alert) ? { ...outer, alert: { ...alert, secret: REDACTED } } : outer;
}

/** Whatever else it says: where its type is left out, or written in another way, it holds its secret all the same. */
const holdsSecret = ({ secret }: JsonObject): boolean => secret !== undefined && secret !== null && secret !== REDACTED;
