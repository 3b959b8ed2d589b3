import type {
  ConditionPart,
  CorrelationExplanation,
  DetectionExplanation,
  Explanation,
  FoundValue,
  GroupValue,
  ItemExplanation,
  Junction,
  Negation,
  SelectionPart,
  ShownValue,
  Tree,
  TypeScriptExplanation,
} from '../pipeline/detection/explain/explanation.ts';
import { reasonText } from '../pipeline/detection/explain/reasons.ts';
import { shownLogSource } from '../pipeline/detection/log-source.ts';
import { printable, styled, styledLevel } from './terminal.ts';

/** An explanation as lines for people: what was asked, what was found, and what came of it, from the condition down to the values. */
export function explanationLines(explanation: Explanation | CorrelationExplanation): string[] {
  const { rule, fires } = explanation;
  const place = styled('dim', printable(`${rule.file}:${rule.line}`));
  const title = `${styled('bold', printable(rule.title))} (${styledLevel(rule.level)}) ${place}`;
  if (explanation.kind === 'correlation') {
    const end = fires ? styled('green', 'Takes part.') : `${styled('red', 'Takes no part')}: none of its rules fires.`;
    return [title, ...correlationLines(explanation), '', end];
  }
  const { wanted, found, applies } = explanation.logsource;
  const end = fires ? styled('green', 'Fires.') : `${styled('red', 'Does not fire')}: ${whyNot(explanation)}.`;
  return [
    title,
    `${mark(applies)} log source: the rule is for ${printable(shownLogSource(wanted))}, the record is of ${printable(shownLogSource(found))}`,
    ...linesOf(explanation),
    '',
    end,
  ];
}

function correlationLines({ type, timespan, groupBy, fires, rules }: CorrelationExplanation): string[] {
  const by = groupBy.length === 0 ? '' : ` by ${groupBy.join(', ')}`;
  return [
    `${mark(fires)} correlation: ${type} within ${timespan / 60_000} min${printable(by)} of these rules`,
    ...rules.values.flatMap(({ explanation, group }) => [
      '',
      ...indented([...explanationLines(explanation), ...group.map(groupLine)].filter((line) => line !== '')),
    ]),
    ...(rules.more === 0 ? [] : ['', `… ${rules.more} more`]),
  ];
}

function groupLine({ name, field, values }: GroupValue): string {
  const reads = name === field ? '' : ` (${field})`;
  return `Is grouped by ${printable(`${name}${reads}`)}: ${listed(values.values.map(shown), values.more)}`;
}

function linesOf(explanation: Explanation): string[] {
  switch (explanation.kind) {
    case 'sigma':
      return detectionLines(explanation);
    case 'typescript':
      return typescriptLines(explanation);
    case 'failed':
      return [`${mark(false)} its evaluation failed: ${printable(explanation.error)}`];
  }
}

function whyNot(explanation: Explanation): string {
  if (!explanation.logsource.applies) return 'the record is not of its log source';
  if (explanation.kind === 'failed') return 'its evaluation failed';
  if (explanation.kind === 'sigma') return printable(explanation.reasons.map(reasonText).join('; '));
  return explanation.classes.applies ? 'its test is false' : 'the event is not of its classes';
}

const mark = (matched: boolean): string => (matched ? styled('green', '✓') : styled('red', '✗'));

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** What a detection makes of a record, as lines for people. */
function detectionLines({ matched, written, condition, selections }: DetectionExplanation): string[] {
  return [
    `${mark(matched)} condition: ${styled('bold', printable(written.join(' | ')))}`,
    ...(condition.kind === 'selection' ? [] : indented(conditionLines(condition))),
    ...selections.flatMap(({ name, matched: found, used, part }) => [
      '',
      `${mark(found)} ${styled('bold', printable(name))}${used ? '' : styled('dim', ' (the condition does not name it)')}`,
      ...indented(part.kind === 'and' ? junctionParts(part, selectionLines) : selectionLines(part)),
    ]),
  ];
}

function conditionLines(part: ConditionPart): string[] {
  if (part.kind === 'selection') return [`${mark(part.matched)} ${printable(part.name)}`];
  return nestedLines(part, conditionLines);
}

function selectionLines(part: SelectionPart): string[] {
  return part.kind === 'item' ? itemLines(part) : nestedLines(part, selectionLines);
}

function nestedLines<End>(tree: Junction<End> | Negation<End>, lines: (part: Tree<End>) => string[]): string[] {
  const words = { not: 'not', and: 'all of', or: 'one of' }[tree.kind];
  const parts = tree.kind === 'not' ? lines(tree.part) : junctionParts(tree, lines);
  return [`${mark(tree.matched)} ${words}`, ...indented(parts)];
}

function junctionParts<End>({ parts, more }: Junction<End>, lines: (part: Tree<End>) => string[]): string[] {
  return [...parts.flatMap(lines), ...(more === 0 ? [] : [`… ${more} more`])];
}

function itemLines(item: ItemExplanation): string[] {
  const { field, modifiers, paths, matched, wanted, compared, instead } = item;
  const key = [field === '' ? 'anywhere' : field, ...modifiers].join(' | ');
  const values = wanted.values.map((value) => (value.matched === true ? styled('green', shown(value)) : shown(value)));
  const reads = paths.length === 1 && paths[0] === field ? [] : [`reads ${printable(paths.join(', '))}`];
  return [
    `${mark(matched)} ${printable(key)}: ${listed(values, wanted.more)}`,
    ...indented([
      ...(field === '' ? [] : reads.map((line) => styled('dim', line))),
      ...foundLines(item),
      ...(compared === undefined ? [] : [`compared with: ${listed(compared.values.map(placed), compared.more)}`]),
      ...(instead === undefined ? [] : ['or instead:', ...indented(selectionLines(instead))]),
    ]),
  ];
}

function foundLines({ field, present, found, wanted }: ItemExplanation): string[] {
  if (found.values.length === 0) {
    const what = field === '' ? 'nowhere in the record' : present ? 'an empty list' : 'not in the record';
    return [styled('dim', what)];
  }
  const lines = found.values.map((value) => {
    const which = wanted.values.filter((one) => one.matched === true && one.place === value.place).map(shown);
    const several = wanted.values.length + wanted.more > 1 && which.length > 0;
    return `${placed(value)}${several ? styled('dim', ` matches ${which.join(', ')}`) : ''}`;
  });
  return found.more === 0 ? lines : [...lines, `… ${found.more} more`];
}

function placed({ place, kind, matched, within, ...value }: FoundValue): string {
  const at = styled('dim', printable(place));
  if (kind === 'key') return `${at} (the key)`;
  const inside = within === undefined ? '' : `, within it ${styled('dim', printable(within.place))} = ${shown(within)}`;
  return `${at} ${matched ? styled('green', '=') : '≠'} ${shown(value)}${inside}`;
}

function listed(values: readonly string[], more: number): string {
  if (values.length === 0) return styled('dim', 'nothing');
  return [...values, ...(more === 0 ? [] : [`… ${more} more`])].join(', ');
}

function shown({ value, length }: ShownValue): string {
  if (typeof value !== 'string') return String(value);
  return `'${printable(value)}'${length === undefined ? '' : `… (${length} characters)`}`;
}

function typescriptLines({ classes, matched, key, keyError }: TypeScriptExplanation): string[] {
  const wanted = classes.wanted.length === 0 ? 'all OCSF classes' : `OCSF class ${classes.wanted.join(', ')}`;
  return [
    `${mark(classes.applies)} class: the rule reads ${wanted}, the event is of ${classes.found}`,
    ...(matched === undefined ? [] : [`${mark(matched)} its test is ${matched}`]),
    ...(key === undefined ? [] : [`  deduplication key ${shown({ value: key })}`]),
    ...(keyError === undefined ? [] : [`  ${styled('yellow', `makes no deduplication key: ${printable(keyError)}`)}`]),
  ];
}
