import type { Json, JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord } from '../../timeline/read-record.ts';
import type { SourceId } from '../../timeline/event.ts';
import { compileRules } from '../loading/load.ts';
import type { CompiledRule } from '../rule.ts';

/** What the tests of this folder build rules and records from. */

/** The text of a rule file, with this detection; JSON is YAML. */
export function ruleText(detection: unknown, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ title: 'A rule', logsource: { product: 'aws', service: 'cloudtrail' }, detection, ...more });
}

/** A rule with one selection. @throws Error with the reason where it is rejected */
export function ruleOf(selection: unknown): CompiledRule {
  return compiled(ruleText({ selection, condition: 'selection' }));
}

/** The one rule of a file. @throws Error with the reason where it is rejected */
export function compiled(text: string): CompiledRule {
  const { rules, rejected } = compileRules([{ file: 'rule.yml', text }]);
  const [rule] = rules;
  if (rule === undefined) throw new Error(rejected[0]?.reason ?? 'no rule');
  return rule;
}

/** Why the one rule of a file is rejected. */
export function reasonFor(text: string): string {
  return compileRules([{ file: 'rule.yml', text }]).rejected[0]?.reason ?? 'it is not rejected';
}

/** Why a rule with this one selection is rejected. */
export function reasonForSelection(selection: unknown): string {
  return reasonFor(ruleText({ selection, condition: 'selection' }));
}

/** A record as read by its source. */
export function recordOf(
  fields: JsonObject,
  logsource: LogSource = { product: 'aws', service: 'cloudtrail' },
  source: SourceId = 'cloudtrail',
): ReadRecord {
  const time = 1_772_442_847_000;
  const metadata = { version: '1.8.0', product: { name: 'Example', vendor_name: 'Example' }, uid: '1' };
  const ocsf = { category_uid: 0, class_uid: 0, activity_id: 0, type_uid: 0, severity_id: 0, time, metadata } as const;
  return {
    event: { id: `${source}/1`, source, recordId: '1', time, ocsf, entities: [], principal: PRINCIPAL },
    fields,
    logsource,
  };
}

export const PRINCIPAL = 'aws:arn:aws:iam::111122223333:user/deploy';

/** Objects within objects, so many deep. */
export function nested(depth: number, innermost: Json): Json {
  let value = innermost;
  for (let level = 0; level < depth; level += 1) value = { inner: value };
  return value;
}
