import { isObject } from '../../../platform/json.ts';
import { ConditionError, parseConditions } from './condition.ts';
import { compileExpression, type FieldsTest } from './compile-expression.ts';
import type { Expression } from './expression.ts';
import { fieldNamesOf } from '../fields/field-names.ts';
import { RecordField } from './record-field.ts';
import { NO_PLACEHOLDERS, type Placeholders } from './placeholders.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';
import { RuleError, type DocumentPath } from '../loading/rule-error.ts';
import { parseMetadata } from './rule-metadata.ts';
import type { LogSource, ReadRecord } from '../../timeline/read-record.ts';
import type { Detection, SigmaRule } from '../rule.ts';
import { parseSelection, type SelectionContext } from './selection.ts';

/** The most selections that a rule may have. */
const MAX_SELECTIONS = 500;

/** What the detections of rules are read with. */
export interface DetectionOptions {
  /** The values of placeholders (modifier `expand`), by name. */
  readonly placeholders?: Placeholders | undefined;
}

/**
 * Compiles one document of a rule file.
 * @throws RuleError where it is no rule, or one that cannot be used
 */
export function compileRule({ file, line, value }: RuleDocument, options: DetectionOptions): SigmaRule {
  if (!isObject(value)) throw new RuleError('expected a Sigma rule: a map with title, logsource and detection', []);
  if (Object.hasOwn(value, 'action')) {
    throw new RuleError("rule collections ('action') are no longer part of Sigma; write each rule out", ['action']);
  }
  const metadata = parseMetadata(value, { file, line });
  const detection = parseDetection(value['detection'], metadata.logsource, options);
  return { kind: 'sigma', ...metadata, detection, matches: matcherOf(detection.condition) };
}

/** What a condition says by itself. Compiled when it is first asked: a rule of a set is matched with the others. */
export function matcherOf(condition: Expression): (record: ReadRecord) => boolean {
  let test: FieldsTest | undefined;
  return ({ fields }) => (test ??= compileExpression(condition))(fields);
}

/**
 * Reads the `detection` of a rule, or of what is written like one.
 * @param logsource whose names of fields it uses
 * @param path where it stands in its document
 * @throws RuleError
 */
export function parseDetection(
  detection: unknown,
  logsource: LogSource,
  { placeholders = NO_PLACEHOLDERS }: DetectionOptions,
  path: DocumentPath = ['detection'],
): Detection {
  const names = fieldNamesOf(logsource);
  const field = (name: string): RecordField => new RecordField(name, names.reach(name));
  const context: SelectionContext = { field, meanings: (name, text) => names.meanings(name, text), placeholders };
  if (!isObject(detection))
    throw new RuleError(`${path.join('.')}: expected a map of selections and a condition`, path);
  const selections = new Map<string, Expression>();
  const selectionNames = Object.keys(detection).filter((name) => name !== 'condition');
  if (selectionNames.length > MAX_SELECTIONS)
    throw new RuleError(`a rule has at most ${MAX_SELECTIONS} selections`, path);
  for (const name of selectionNames) {
    if (name === 'timeframe') {
      throw new RuleError("'timeframe' is no longer part of Sigma; write a correlation rule", [...path, name]);
    }
    selections.set(name, parseSelection(detection[name], [...path, name], context));
  }
  const conditionPath = [...path, 'condition'];
  const written = conditionTexts(detection['condition'], conditionPath);
  return { selections, condition: conditionOf(written, selections, conditionPath), written };
}

/**
 * Reads a detection that is to be understood by the field names of whatever rule it is applied to: once for each log source.
 * @param path where it stands in its document
 * @returns takes a log source; throws RuleError
 */
export function detectionReader(
  detection: unknown,
  options: DetectionOptions,
  path: DocumentPath = ['detection'],
): (logsource: LogSource) => Detection {
  const read = new Map<string, Detection>();
  return (logsource) => {
    const key = JSON.stringify([logsource.category, logsource.product, logsource.service]);
    const known = read.get(key) ?? parseDetection(detection, logsource, options, path);
    read.set(key, known);
    return known;
  };
}

function conditionTexts(condition: unknown, path: DocumentPath): readonly string[] {
  const all: readonly unknown[] = Array.isArray(condition) ? condition : [condition];
  const texts = all.filter((text) => typeof text === 'string');
  if (texts.length === 0 || texts.length < all.length)
    throw new RuleError('condition: expected a text or a list of texts', path);
  return texts;
}

/** A list of conditions is true where one of them is. */
function conditionOf(
  texts: readonly string[],
  selections: ReadonlyMap<string, Expression>,
  path: DocumentPath,
): Expression {
  try {
    return parseConditions(texts, selections);
  } catch (error) {
    if (error instanceof ConditionError) throw new RuleError(`condition: ${error.message}`, path);
    throw error;
  }
}
