import { observationOf } from '../pipeline/correlation/observe.ts';
import { readBody, type Matcher } from '../pipeline/read-body.ts';
import type { Trusts } from '../pipeline/timeline/identity/trust.ts';
import type { Observation } from '../pipeline/timeline/observation.ts';
import type { JsonObject } from '../platform/json.ts';

/**
 * What records come to where events are joined.
 * @throws Error where one cannot be read
 */
export function observationsOf(
  records: readonly { readonly record: JsonObject }[],
  rules: Matcher,
  trusts?: Trusts,
): Observation[] {
  const body = new TextEncoder().encode(JSON.stringify(records.map(({ record }) => record)));
  const { accepted, rejected } = readBody(body, rules);
  if (rejected[0] !== undefined) throw new Error(rejected[0].reason);
  return accepted.map(({ event }) => observationOf(event, trusts));
}
