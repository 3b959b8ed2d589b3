import { isObject } from '../../../platform/json.ts';
import { firingOf, type FiringProblem } from './can-fire.ts';
import { forEachPart, type Item } from '../sigma/expression.ts';
import { fieldNamesOf, type FieldNames } from '../fields/field-names.ts';
import { shownLogSource } from '../log-source.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';
import { shown, type DocumentPath } from '../loading/rule-error.ts';
import type { SigmaRule } from '../rule.ts';
import type { LogSource } from '../../timeline/read-record.ts';
import type { Finding, FindingCode, Severity } from './finding.ts';

/** Of fields that a rule names in vain, so many are told of in one finding, and in findings of their own. */
const MAX_FIELDS = 5;
const MAX_IDLE = 50;

/** What is wrong with what a Sigma rule detects, and with what its signals are grouped by. */
export function detectionFindings(rule: SigmaRule, document: RuleDocument): Finding[] {
  const names = fieldNamesOf(rule.logsource);
  const { problem, idle } = firingOf(rule);
  const { fields, keys, selections } = writtenIn(document.value);
  const finding = (severity: Severity, code: FindingCode, path: DocumentPath, message: string): Finding => {
    return { file: rule.file, line: document.lineOf(path), rule: rule.id, severity, code, message };
  };
  const warnings = (code: FindingCode, found: readonly string[], paths: Paths, messageOf: (name: string) => string) =>
    found.flatMap((name) => {
      // What the rule does not write itself is a filter's, and told of there.
      const path = paths.get(name);
      return path === undefined ? [] : [finding('warning', code, path, messageOf(name))];
    });
  const unknown = (field: string): string => unknownField(field, rule.logsource, names);
  return [
    ...(problem === undefined ? [] : [problemFinding(problem, fields, unknown, finding)]),
    ...warnings(
      'unknown-field',
      idle.slice(0, MAX_IDLE),
      fields,
      (field) => `${unknown(field)}; this line does nothing`,
    ),
    ...warnings('unused-selection', unusedSelections(rule), selections, (name) => {
      return `the condition does not name the selection ${shown(name)}; use it or take it away`;
    }),
    ...warnings('all-of-one', singleAlls(rule), keys, (key) => {
      return `${shown(key)} has a single value; without 'all' it says the same`;
    }),
    ...unknownGroups(rule, names).map((field) => {
      const message = `${unknown(field)}, so that signals are not told apart by it`;
      return finding('warning', 'unknown-field', ['crosstrail', 'group'], message);
    }),
  ];
}

function problemFinding(
  problem: FiringProblem,
  paths: Paths,
  unknown: (field: string) => string,
  finding: (severity: Severity, code: FindingCode, path: DocumentPath, message: string) => Finding,
): Finding {
  const pathOf = (field: string): DocumentPath => paths.get(field) ?? ['detection'];
  if (problem.kind === 'contradiction') {
    const message = `it can never fire: its condition asks for two values of ${shown(problem.field)} at once, and records have one`;
    return finding('error', 'never-fires', pathOf(problem.field), message);
  }
  const [first = ''] = problem.fields;
  const more = problem.fields.length - MAX_FIELDS;
  const why = [...problem.fields.slice(0, MAX_FIELDS).map(unknown), ...(more > 0 ? [`and ${more} more`] : [])].join(
    '; ',
  );
  return problem.kind === 'always'
    ? finding('warning', 'always-fires', pathOf(first), `it fires on every record: ${why}`)
    : finding('error', 'never-fires', pathOf(first), `it can never fire: ${why}`);
}

/** Says that records have no such field, and which may be meant. */
export function unknownField(field: string, logsource: LogSource, names: FieldNames): string {
  const nearest = names.nearest(field);
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  return `no record of ${shownLogSource(logsource)} has the field ${shown(field)}${hint}`;
}

function unusedSelections({ detection: { selections, condition } }: SigmaRule): string[] {
  const used = new Set<string>();
  forEachPart(condition, (part) => {
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
    forEachPart(selection, (part) => {
      if (part.kind === 'item') look(part);
    });
  }
  return [...keys];
}

function unknownGroups({ group }: SigmaRule, names: FieldNames): string[] {
  return group.filter((field) => field !== 'principal' && names.has(field) === false);
}

/** Names that stand in a rule, and where they first do. */
type Paths = ReadonlyMap<string, DocumentPath>;

/** The selections, the keys of items and their fields, as a rule's document has them. */
function writtenIn(document: unknown): { readonly selections: Paths; readonly keys: Paths; readonly fields: Paths } {
  const selections = new Map<string, DocumentPath>();
  const keys = new Map<string, DocumentPath>();
  const fields = new Map<string, DocumentPath>();
  const written = { selections, keys, fields };
  const detection = isObject(document) ? document['detection'] : undefined;
  if (!isObject(detection)) return written;
  for (const [name, selection] of Object.entries(detection)) {
    selections.set(name, ['detection', name]);
    const members: readonly unknown[] = Array.isArray(selection) ? selection : [selection];
    for (const [at, member] of members.entries()) {
      const within = ['detection', name, ...(Array.isArray(selection) ? [at] : [])];
      for (const key of isObject(member) ? Object.keys(member) : []) {
        const [field = ''] = key.split('|');
        if (!keys.has(key)) keys.set(key, [...within, key]);
        if (!fields.has(field)) fields.set(field, [...within, key]);
      }
    }
  }
  return written;
}
