import type { ReadRecord } from '../../timeline/read-record.ts';
import type { Signal } from '../../timeline/signal.ts';
import { compactJson } from '../sigma/contained-text.ts';
import { FieldPath, textOfValue } from '../sigma/field-path.ts';
import type { CompiledRule, RuleMetadata } from '../rule.ts';
import { shortened } from '../shortened.ts';

/** A field that is a list groups by this many of its values. */
const MAX_VALUES = 16;

/** The signal of a rule that fired on a record. @throws whatever a rule throws that makes its own deduplication key */
export function signalOf(rule: CompiledRule, record: ReadRecord): Signal {
  const key = rule.kind === 'typescript' ? rule.key?.(record) : undefined;
  const group =
    key === undefined
      ? Object.fromEntries(rule.group.map((name) => [name, groupValue(name, record)]))
      : { key: shortened(key) };
  return groupedSignal(rule, group);
}

/** The signal of a rule of any kind, with what its signals of one alert have in common. */
export function groupedSignal(rule: Omit<RuleMetadata, 'logsource'>, group: Signal['group']): Signal {
  const { id, title, level, decision, escalate, techniques, window } = rule;
  return { rule: { id, title, level }, decision, ...(escalate && { escalate }), techniques, window, group };
}

/** The text of a field that signals are grouped by; empty where the record has no such field. */
function groupValue(name: string, record: ReadRecord): string {
  if (name === 'principal') return record.event.principal;
  const texts: string[] = [];
  new FieldPath(name).some(record.fields, (value) => {
    const text = value === null ? undefined : (textOfValue(value) ?? compactJson(value));
    if (text !== undefined) texts.push(text);
    return texts.length >= MAX_VALUES;
  });
  return shortened(texts.join(','));
}
