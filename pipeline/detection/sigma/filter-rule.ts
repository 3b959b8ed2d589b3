import { isObject, own } from '../../../platform/json.ts';
import type { LogSource } from '../../timeline/read-record.ts';
import { detectionReader, matcherOf, type DetectionOptions } from './compile-rule.ts';
import type { Expression } from './expression.ts';
import { FilterBounds } from './filter-bounds.ts';
import { covers } from '../log-source.ts';
import { rejection, type RuleDocument } from '../loading/rule-documents.ts';
import { RuleError, shown } from '../loading/rule-error.ts';
import { parseHead, parseLogSource } from './rule-metadata.ts';
import type { RuleReferences } from '../loading/rule-references.ts';
import type { CompiledRule, Detection, RejectedRule, RuleMetadata, SigmaRule } from '../rule.ts';

/** A filter of Sigma: rules that it applies to fire only where its condition holds as well. */
export interface SigmaFilter extends Pick<RuleMetadata, 'id' | 'name' | 'title' | 'logsource' | 'file' | 'line'> {
  /** The rules that it applies to: ids, once resolved; or all of its log source. */
  readonly rules: readonly string[] | 'any';
  /** Its selections and condition, with the names that a log source gives fields. */
  readonly detectionFor: (logsource: LogSource) => Detection;
}

/** A filter as it was read, and where. */
export interface ReadFilter {
  readonly filter: SigmaFilter;
  readonly document: RuleDocument;
}

const MAX_RULES = 1000;
const PATH = ['filter'];
const RULES = ['filter', 'rules'];

/**
 * Reads a document with `filter:`.
 * @throws RuleError where it is none, or one that cannot be used
 */
export function parseFilter({ file, line, value }: RuleDocument, options: DetectionOptions): SigmaFilter {
  if (!isObject(value)) throw new RuleError('expected a filter: a map with title, logsource and filter', []);
  for (const key of ['detection', 'correlation']) {
    if (Object.hasOwn(value, key)) throw new RuleError(`${key}: a filter has none; write a document of its own`, [key]);
  }
  const { id, name, title } = parseHead(value, { file, line });
  const logsource = parseLogSource(value);
  const section = own(value, 'filter');
  if (!isObject(section)) throw new RuleError('filter: expected a map of rules, selections and a condition', PATH);
  const rules = parseRules(own(section, 'rules'));
  if (typeof own(section, 'condition') !== 'string') {
    throw new RuleError('filter.condition: expected a text, and no list', [...PATH, 'condition']);
  }
  const detection = Object.fromEntries(Object.entries(section).filter(([key]) => key !== 'rules'));
  const detectionFor = detectionReader(detection, options, PATH);
  detectionFor(logsource);
  return { id, name, title, logsource, file, line, rules, detectionFor };
}

function parseRules(rules: unknown): SigmaFilter['rules'] {
  const texts: readonly unknown[] = Array.isArray(rules) ? rules : [rules];
  if (texts.length === 0) return 'any';
  if (texts.length > MAX_RULES) throw new RuleError(`filter.rules: names at most ${MAX_RULES} rules`, RULES);
  const found = texts.map((text, index) => {
    if (typeof text === 'string' && text !== '') return text;
    const reason = "filter.rules: expected the ids or names of rules, or 'any' for all of the log source";
    throw new RuleError(reason, rules === undefined ? PATH : [...RULES, index]);
  });
  // pySigma takes `all` for `any`.
  return typeof rules === 'string' && ['any', 'all'].includes(rules.toLowerCase()) ? 'any' : found;
}

export interface ResolvedFilters {
  /** With ids in place of references. */
  readonly filters: readonly SigmaFilter[];
  readonly rejected: readonly RejectedRule[];
}

/** Finds the rules that filters refer to. A filter that refers to one that it cannot apply to is rejected, and filters none. */
export function resolveFilters(
  read: readonly ReadFilter[],
  references: RuleReferences,
  rules: readonly CompiledRule[],
): ResolvedFilters {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const bounds = new FilterBounds(rules);
  const filters: SigmaFilter[] = [];
  const rejected: RejectedRule[] = [];
  for (const { filter, document } of read) {
    try {
      const applied = { ...filter, rules: resolved(filter, references, byId) };
      bounds.add(applied);
      filters.push(applied);
    } catch (error) {
      rejected.push(rejection(document, error));
    }
  }
  return { filters, rejected };
}

function resolved(
  filter: SigmaFilter,
  references: RuleReferences,
  rules: ReadonlyMap<string, CompiledRule>,
): SigmaFilter['rules'] {
  if (filter.rules === 'any') return 'any';
  return filter.rules.map((reference, index) => {
    const path = [...RULES, index];
    const id = references.idOf(reference, path);
    const rule = rules.get(id);
    if (rule === undefined) {
      throw new RuleError(
        `filters do not apply to correlations; name a rule that ${shown(reference)} is made of`,
        path,
      );
    }
    if (rule.kind !== 'sigma')
      throw new RuleError(`${shown(reference)} is not in Sigma; filters apply to Sigma alone`, path);
    if (!covers(filter.logsource, rule.logsource)) {
      throw new RuleError(
        `the filter's logsource does not take in that of ${shown(reference)}, so it would not apply`,
        path,
      );
    }
    return id;
  });
}

/** Rules with what filters leave of them: each fires where its own condition and those of its filters hold. */
export function filterRules(rules: readonly CompiledRule[], filters: readonly SigmaFilter[]): CompiledRule[] {
  const ofAll = filters.filter((filter) => filter.rules === 'any');
  const byRule = new Map<string, SigmaFilter[]>();
  for (const filter of filters) {
    if (filter.rules === 'any') continue;
    for (const id of new Set(filter.rules)) byRule.set(id, [...(byRule.get(id) ?? []), filter]);
  }
  return rules.map((rule) => {
    if (rule.kind !== 'sigma') return rule;
    const applied = [...ofAll, ...(byRule.get(rule.id) ?? [])].filter(({ logsource }) =>
      covers(logsource, rule.logsource),
    );
    return applied.reduce(filtered, rule);
  });
}

function filtered(rule: SigmaRule, filter: SigmaFilter): SigmaRule {
  const { detection } = rule;
  const own = filter.detectionFor(rule.logsource);
  const named = (name: string): string => `${filter.title}: ${name}`;
  const condition: Expression = { kind: 'and', parts: [detection.condition, renamed(own.condition, named)] };
  const selections = [...own.selections].map(([name, selection]) => [named(name), selection] as const);
  return {
    ...rule,
    detection: {
      selections: new Map([...detection.selections, ...selections]),
      condition,
      written: detection.written.map((text) => `(${text}) and (${own.written.join(' or ')})`),
    },
    matches: matcherOf(condition),
  };
}

/** The condition with other names for its selections: a rule's own may be called the same. */
function renamed(condition: Expression, name: (name: string) => string): Expression {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { kind: condition.kind, parts: condition.parts.map((part) => renamed(part, name)) };
    case 'not':
      return { kind: 'not', part: renamed(condition.part, name) };
    case 'selection':
      return { ...condition, name: name(condition.name) };
    default:
      return condition;
  }
}

/**
 * What is likely not meant in a filter. Its condition is added as it is written, so one without `not` silences everything but
 * what it selects; Sigma's specification has an example that says the opposite of what it describes.
 */
export function filterWarnings({ logsource, detectionFor }: SigmaFilter): string[] {
  const { condition, written } = detectionFor(logsource);
  if (negates(condition)) return [];
  const text = written.join(' or ');
  return [
    `the condition ${shown(text)} has no 'not': the rules fire only where it holds; to suppress what it selects, write ${shown(`not (${text})`)}`,
  ];
}

function negates(condition: Expression): boolean {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.some(negates);
    default:
      return condition.kind === 'not';
  }
}
