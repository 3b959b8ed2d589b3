import { isObject, type JsonObject } from '../../platform/json.ts';
import { ConditionError, parseConditions } from './condition.ts';
import { compileExpression, requiredLiterals, type Expression } from './expression.ts';
import type { RuleDocument } from './rule-documents.ts';
import { RuleError } from './rule-error.ts';
import { parseMetadata } from './rule-metadata.ts';
import type { CompiledRule } from './rule.ts';
import { parseSelection } from './selection.ts';

/** The most selections that a rule may have. */
const MAX_SELECTIONS = 500;

/**
 * Compiles one document of a rule file.
 * @throws RuleError where it is no rule, or one that cannot be used
 */
export function compileRule({ file, line, value }: RuleDocument): CompiledRule {
  if (!isObject(value)) throw new RuleError('expected a Sigma rule: a map with title, logsource and detection', []);
  refuseOthers(value);
  const metadata = parseMetadata(value, { file, line });
  const expression = parseDetection(value['detection']);
  return { ...metadata, matches: compileExpression(expression), required: requiredLiterals(expression) };
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

function parseDetection(detection: unknown): Expression {
  const path = ['detection'];
  if (!isObject(detection)) throw new RuleError('detection: expected a map of selections and a condition', path);
  const selections = new Map<string, Expression>();
  const names = Object.keys(detection).filter((name) => name !== 'condition');
  if (names.length > MAX_SELECTIONS) throw new RuleError(`a rule has at most ${MAX_SELECTIONS} selections`, path);
  for (const name of names) {
    if (name === 'timeframe') {
      throw new RuleError("'timeframe' is no longer part of Sigma; write a correlation rule", [...path, name]);
    }
    selections.set(name, parseSelection(detection[name], [...path, name]));
  }
  return conditionOf(detection['condition'], selections);
}

/** A list of conditions is true where one of them is. */
function conditionOf(condition: unknown, selections: ReadonlyMap<string, Expression>): Expression {
  const path = ['detection', 'condition'];
  const all: readonly unknown[] = Array.isArray(condition) ? condition : [condition];
  const texts = all.filter((text) => typeof text === 'string');
  if (texts.length === 0 || texts.length < all.length)
    throw new RuleError('condition: expected a text or a list of texts', path);
  try {
    return parseConditions(texts, selections);
  } catch (error) {
    if (error instanceof ConditionError) throw new RuleError(`condition: ${error.message}`, path);
    throw error;
  }
}
