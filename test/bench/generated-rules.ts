import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { SourceFile } from '../../pipeline/detection/loading/rule-documents.ts';
import { isObject, type JsonObject } from '../../platform/json.ts';

/** The rules of a directory as they are written. */
export function ruleTexts(directory: string): SourceFile[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yml') && !file.endsWith('.tests.yml'))
    .sort()
    .map((file) => ({ file: join(directory, file), text: readFileSync(join(directory, file), 'utf8') }));
}

/**
 * Rules in the shape of real ones: each takes all that one of `models` says, with other operations to look for and other parts
 * of texts. The operations come from the records at hand, so that a record finds as many rules by its operation as it would in
 * a large set of real ones; a rule that names none is given one, as many rules that fire on the same records would be one rule
 * many times. Nothing is random.
 * @param operations values of `eventName`, of which several records may have the same
 */
export function generatedRules(
  models: readonly SourceFile[],
  operations: readonly string[],
  count: number,
): SourceFile[] {
  const documents = models.map(({ text }) => parse(text) as unknown).filter(isObject);
  return Array.from({ length: count }, (_, at): SourceFile => {
    const model = documents[at % documents.length] ?? {};
    const rule = { ...varied(model, at, operations), id: `generated-${at}`, name: `generated-${at}` };
    return { file: `generated-${at}.yml`, text: JSON.stringify({ ...rule, title: `Generated ${at}` }) };
  });
}

function varied(model: JsonObject, at: number, operations: readonly string[]): JsonObject {
  let next = at * 7;
  const other = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((member) => other(key, member));
    if (isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([inner, part]) => [inner, other(inner, part)]));
    }
    if (typeof value !== 'string' || key === 'condition') return value;
    next += 13;
    if (key === 'eventName') return operations[next % operations.length] ?? value;
    if (key.startsWith('eventName|')) return (operations[next % operations.length] ?? value).slice(0, -2);
    return key.endsWith('|contains') ? `${value}${at}` : value;
  };
  const detection = other('detection', model['detection']);
  if (!isObject(detection)) throw new Error('a model without detection');
  if (JSON.stringify(detection).includes('"eventName')) return { ...model, detection };
  const operation = { eventName: operations[next % operations.length] ?? '' };
  const condition =
    typeof detection['condition'] === 'string' ? `operation and (${detection['condition']})` : 'operation';
  return { ...model, detection: { ...detection, operation, condition } };
}
