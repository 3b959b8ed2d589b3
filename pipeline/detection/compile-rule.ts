import { isObject, type JsonObject } from '../../platform/json.ts';
import { ConditionError, parseConditions } from './condition.ts';
import { compileExpression, type FieldsTest } from './compile-expression.ts';
import type { Expression } from './expression.ts';
import { fieldNamesOf } from './field-names.ts';
import { RecordField } from './record-field.ts';
import type { LoadOptions } from './load.ts';
import type { RuleDocument } from './rule-documents.ts';
import { RuleError } from './rule-error.ts';
import { parseMetadata } from './rule-metadata.ts';
import type { LogSource, ReadRecord } from '../timeline/read-record.ts';
import type { Detection, SigmaRule } from './rule.ts';
import { parseSelection, type SelectionContext } from './selection.ts';

/** The most selections that a rule may have. */
const MAX_SELECTIONS = 500;

/**
 * Compiles one document of a rule file.
 * @throws RuleError where it is no rule, or one that cannot be used
 */
export function compileRule({ file, line, value }: RuleDocument, options: LoadOptions): SigmaRule {
  if (!isObject(value)) throw new RuleError('expected a Sigma rule: a map with title, logsource and detection', []);
  refuseOthers(value);
  const metadata = parseMetadata(value, { file, line });
  const detection = parseDetection(value['detection'], metadata.logsource, options);
  return { kind: 'sigma', ...metadata, detection, matches: matcherOf(detection.condition) };
}

const NO_PLACEHOLDERS: ReadonlyMap<string, readonly string[]> = new Map();

/** Compiled when it is first asked: a rule of a set is matched with the others, not by itself. */
function matcherOf(condition: Expression): (record: ReadRecord) => boolean {
  let test: FieldsTest | undefined;
  return ({ fields }) => (test ??= compileExpression(condition))(fields);
}

/** Documents of Sigma that are no detection rules. */
function refuseOthers(document: JsonObject): void {
  if (Object.hasOwn(document, 'correlation')) {
    throw new RuleError('correlation rules are not supported yet; the rules that this one names stay in use', [
      'correlation',
    ]);
  }
  if (Object.hasOwn(document, 'filter')) throw new RuleError('filters are not supported yet', ['filter']);
  if (Object.hasOwn(document, 'action')) {
    throw new RuleError("rule collections ('action') are no longer part of Sigma; write each rule out", ['action']);
  }
}

/**
 * Reads the `detection` of a rule, or of what is written like one.
 * @param logsource whose names of fields it uses
 * @throws RuleError
 */
export function parseDetection(
  detection: unknown,
  logsource: LogSource,
  { placeholders = NO_PLACEHOLDERS }: LoadOptions,
): Detection {
  const path = ['detection'];
  const names = fieldNamesOf(logsource);
  const field = (name: string): RecordField => new RecordField(name, names.reach(name));
  const context: SelectionContext = { field, meanings: (name, text) => names.meanings(name, text), placeholders };
  if (!isObject(detection)) throw new RuleError('detection: expected a map of selections and a condition', path);
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
  const written = conditionTexts(detection['condition']);
  return { selections, condition: conditionOf(written, selections), written };
}

const CONDITION_PATH = ['detection', 'condition'];

function conditionTexts(condition: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(condition) ? condition : [condition];
  const texts = all.filter((text) => typeof text === 'string');
  if (texts.length === 0 || texts.length < all.length)
    throw new RuleError('condition: expected a text or a list of texts', CONDITION_PATH);
  return texts;
}

/** A list of conditions is true where one of them is. */
function conditionOf(texts: readonly string[], selections: ReadonlyMap<string, Expression>): Expression {
  try {
    return parseConditions(texts, selections);
  } catch (error) {
    if (error instanceof ConditionError) throw new RuleError(`condition: ${error.message}`, CONDITION_PATH);
    throw error;
  }
}
