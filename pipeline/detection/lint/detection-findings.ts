import { isObject } from '../../../platform/json.ts';
import { firingOf, type FiringProblem } from '../can-fire.ts';
import type { Expression, Item } from '../expression.ts';
import { fieldNamesOf, type FieldNames } from '../field-names.ts';
import type { RuleDocument } from '../rule-documents.ts';
import { shown, type DocumentPath } from '../rule-error.ts';
import type { SigmaRule } from '../rule.ts';
import type { LogSource } from '../../timeline/read-record.ts';
import type { Finding, FindingCode, Severity } from './finding.ts';

/** What is wrong with what a Sigma rule detects, and with what its signals are grouped by. */
export function detectionFindings(rule: SigmaRule, document: RuleDocument): Finding[] {
  const names = fieldNamesOf(rule.logsource);
  const { problem, idle } = firingOf(rule);
  const finding = (severity: Severity, code: FindingCode, path: DocumentPath, message: string): Finding => {
    return { file: rule.file, line: document.lineOf(path), rule: rule.id, severity, code, message };
  };
  const ofField = (field: string): DocumentPath => pathOfField(document.value, field);
  return [
    ...(problem === undefined ? [] : [problemFinding(problem, rule, names, ofField, finding)]),
    ...idle.map((field) =>
      finding(
        'warning',
        'unknown-field',
        ofField(field),
        `${unknownField(field, rule.logsource, names)}; this line does nothing`,
      ),
    ),
    ...unusedSelections(rule).map((name) =>
      finding(
        'warning',
        'unused-selection',
        ['detection', name],
        `the condition does not name the selection ${shown(name)}; use it or take it away`,
      ),
    ),
    ...singleAlls(rule).map((key) =>
      finding(
        'warning',
        'all-of-one',
        pathOfKey(document.value, key),
        `${shown(key)} has a single value; without 'all' it says the same`,
      ),
    ),
    ...unknownGroups(rule, names).map((field) =>
      finding(
        'warning',
        'unknown-field',
        ['crosstrail', 'group'],
        `${unknownField(field, rule.logsource, names)}, so that signals are not told apart by it`,
      ),
    ),
  ];
}

type MakeFinding = (severity: Severity, code: FindingCode, path: DocumentPath, message: string) => Finding;

function problemFinding(
  problem: FiringProblem,
  { logsource }: SigmaRule,
  names: FieldNames,
  ofField: (field: string) => DocumentPath,
  finding: MakeFinding,
): Finding {
  if (problem.kind === 'contradiction') {
    const message = `it can never fire: its condition asks for two values of ${shown(problem.field)} at once, and records have one`;
    return finding('error', 'never-fires', ofField(problem.field), message);
  }
  const [first = ''] = problem.fields;
  const why = problem.fields.map((field) => unknownField(field, logsource, names)).join('; ');
  return problem.kind === 'always'
    ? finding('warning', 'always-fires', ofField(first), `it fires on every record: ${why}`)
    : finding('error', 'never-fires', ofField(first), `it can never fire: ${why}`);
}

function unknownField(field: string, logsource: LogSource, names: FieldNames): string {
  const nearest = names.nearest(field);
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  return `no record of ${shownLogSource(logsource)} has the field ${shown(field)}${hint}`;
}

/** A log source in a message, such as `azure/signinlogs`. */
export function shownLogSource({ category, product, service }: LogSource): string {
  return [category, product, service].filter((part) => part !== undefined).join('/');
}

function unusedSelections({ detection: { selections, condition } }: SigmaRule): string[] {
  const used = new Set<string>();
  visit(condition, (part) => {
    if (part.kind === 'selection') used.add(part.name);
  });
  return [...selections.keys()].filter((name) => !used.has(name));
}

/** The keys of items that ask for all of one value. */
function singleAlls({ detection: { selections } }: SigmaRule): string[] {
  const keys = new Set<string>();
  const look = ({ key, values }: Item): void => {
    if (values.length === 1 && key.split('|').slice(1).includes('all')) keys.add(key);
  };
  for (const selection of selections.values()) {
    visit(selection, (part) => {
      if (part.kind === 'item') look(part);
    });
  }
  return [...keys];
}

function unknownGroups({ group }: SigmaRule, names: FieldNames): string[] {
  return group.filter((field) => field !== 'principal' && names.has(field) === false);
}

/** Calls `look` with each part of an expression, once. */
function visit(expression: Expression, look: (part: Expression) => void): void {
  const seen = new Set<Expression>();
  const enter = (part: Expression): void => {
    if (seen.has(part)) return;
    seen.add(part);
    look(part);
    if ('parts' in part) part.parts.forEach(enter);
    else if ('part' in part) enter(part.part);
  };
  enter(expression);
}

const pathOfField = (document: unknown, field: string): DocumentPath =>
  pathWhere(document, (key) => key === field || key.startsWith(`${field}|`));

const pathOfKey = (document: unknown, key: string): DocumentPath => pathWhere(document, (other) => other === key);

/** Where in a rule's detection there is an item whose key is wanted; the detection itself where there is none. */
function pathWhere(document: unknown, wanted: (key: string) => boolean): DocumentPath {
  const detection = isObject(document) ? document['detection'] : undefined;
  if (!isObject(detection)) return ['detection'];
  for (const [name, selection] of Object.entries(detection)) {
    const members: readonly unknown[] = Array.isArray(selection) ? selection : [selection];
    for (const [at, member] of members.entries()) {
      const key = isObject(member) ? Object.keys(member).find(wanted) : undefined;
      if (key !== undefined) return ['detection', name, ...(Array.isArray(selection) ? [at] : []), key];
    }
  }
  return ['detection'];
}
