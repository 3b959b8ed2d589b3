import { z } from 'zod';
import { objectOf, parseJson, type JsonObject } from '../../../platform/json.ts';
import type { Event } from '../../timeline/event.ts';
import type { ClassUid, RuleTools } from '../event-rule.ts';
import type { RuleDocument, SourceFile } from '../loading/rule-documents.ts';
import { RuleError, shown, type DocumentPath } from '../loading/rule-error.ts';
import { parseHead, parseLogSource } from '../sigma/rule-metadata.ts';
import { importModule, RuleModuleError } from './rule-module.ts';
import { RULE_TOOLS } from './rule-tools.ts';
import type { RejectedRule, RuleMetadata, TypeScriptRule } from '../rule.ts';
import { readPart } from '../loading/read-part.ts';

/** What the name of a file with a rule in TypeScript ends in. */
export const TYPESCRIPT_RULE_FILE = /\.rule\.ts$/i;

/** Why a rule in TypeScript is not read where that is not allowed. */
export const TYPESCRIPT_NOT_ALLOWED =
  'rules in TypeScript are code, which runs with all rights that Crosstrail has; where you trust this directory, allow them ' +
  'with rules: { typescript: true } in crosstrail.yaml, or with --typescript';

/** A rule in TypeScript with what it says of itself, written as a Sigma rule has it. */
export interface ImportedRule {
  readonly rule: TypeScriptRule;
  readonly document: RuleDocument;
}

const CLASSES: Readonly<Record<ClassUid, string>> = {
  0: 'Base Event',
  2002: 'Vulnerability Finding',
  2003: 'Compliance Finding',
  2004: 'Detection Finding',
  2005: 'Incident Finding',
  2007: 'Application Security Posture Finding',
  3001: 'Account Change',
  3002: 'Authentication',
  3004: 'Entity Management',
  3005: 'User Access Management',
  3006: 'Group Management',
  6003: 'API Activity',
};
const NAMED_CLASSES = Object.entries(CLASSES).map(([uid, name]) => `${uid} ${name}`);
const NO_CLASS = `expected classes that events have: ${NAMED_CLASSES.join(', ')}`;
const NO_RULE = 'expected the rule as the default export: export default { … } satisfies EventRule<6003>';

type RuleFunction = (event: Event, record: JsonObject, tools: RuleTools) => unknown;

const ruleFunction = z.custom<RuleFunction>(answersAtOnce, 'expected a function, and none that is async');

/** What says the same as in a Sigma rule, and is read as there. */
const said = z.unknown().optional();

/** The default export: what a Sigma rule says of itself, with what the project adds to that at the top, and functions. */
const ruleModule = z
  .strictObject(
    {
      title: z.string('expected a text'),
      id: z.string('expected a text: a new UUID'),
      status: said,
      description: said,
      author: said,
      date: said,
      modified: said,
      tags: said,
      falsepositives: said,
      references: said,
      level: said,
      decision: said,
      owner: said,
      escalate: said,
      group: said,
      window: said,
      logsource: said,
      classes: z.array(
        z.int(NO_CLASS).refine((uid) => Object.hasOwn(CLASSES, uid), NO_CLASS),
        'expected a list of OCSF classes, such as [6003]; an empty one stands for all',
      ),
      matches: ruleFunction,
      key: ruleFunction.optional(),
    },
    { error: ({ code }) => (code === 'invalid_type' ? NO_RULE : undefined) },
  )
  .refine(({ key, group }) => key === undefined || group === undefined, {
    path: ['group'],
    error: 'stands beside key; keep the one that says which signals are one alert',
  });

/**
 * Imports a rule in TypeScript. Its code runs now, and again with each event that it reads.
 * @returns what was wrong, and where, when it cannot be used; does not throw
 */
export async function importRule(source: SourceFile): Promise<ImportedRule | RejectedRule> {
  const { file, text } = source;
  const lineOf = ([first, second]: DocumentPath): number => lineOfKey(text, first === 'crosstrail' ? second : first);
  try {
    const module = readPart(ruleModule, await importModule(source), []);
    const value = documentOf(module);
    const rule = ruleOf(module, metadataOf(value, { file, line: 1 }));
    return { rule, document: { file, line: 1, value, lineOf } };
  } catch (error) {
    if (error instanceof RuleModuleError) return { file, line: error.line, reason: error.message };
    if (!(error instanceof RuleError)) return { file, reason: `reading the rule throws: ${shown(String(error))}` };
    return { file, line: lineOf(error.path), reason: error.message.replace(/^crosstrail\./, '') };
  }
}

type RuleModule = z.infer<typeof ruleModule>;

/** As data: nothing that the module's code could change, or answer otherwise, later. */
function documentOf({ classes: _, matches: _matches, key: _key, ...said }: RuleModule): JsonObject {
  const { decision, owner, escalate, group, window, ...head } = said;
  try {
    const text = JSON.stringify({ ...head, crosstrail: { decision, owner, escalate, group, window } });
    return objectOf(parseJson(text)) ?? {};
  } catch {
    throw new RuleError('what the rule says of itself: expected texts, numbers, and lists and objects of these', []);
  }
}

function ruleOf({ classes, matches, key }: RuleModule, metadata: RuleMetadata): TypeScriptRule {
  return {
    kind: 'typescript',
    ...metadata,
    classes,
    matches({ event, fields }) {
      const answer = matches(event, fields, RULE_TOOLS);
      if (typeof answer === 'boolean') return answer;
      throw unexpected('matches', answer, 'true or false');
    },
    key:
      key &&
      (({ event, fields }) => {
        const answer = key(event, fields, RULE_TOOLS);
        if (typeof answer === 'string' && answer !== '') return answer;
        throw unexpected('key', answer, 'a text with something in it');
      }),
  };
}

/** Sigma asks every rule for a log source; here the classes may say enough. */
function metadataOf(document: JsonObject, origin: { file: string; line: number }): RuleMetadata {
  const logsource = document['logsource'] === undefined ? {} : parseLogSource(document);
  return { ...parseHead(document, origin), logsource };
}

function unexpected(name: string, answer: unknown, expected: string): TypeError {
  // One that was passed over by `answersAtOnce` may fail later, and must not end the process then.
  if (answer instanceof Promise) answer.catch(() => undefined);
  return new TypeError(`${name} answers with ${answer === '' ? 'an empty text' : typeof answer}, not with ${expected}`);
}

function answersAtOnce(value: unknown): value is RuleFunction {
  return typeof value === 'function' && !/^(Async|Generator)/.test(value.constructor.name);
}

/** The first line that begins with a key; 1 where none does. */
function lineOfKey(text: string, key: string | number | undefined): number {
  const lines = text.split('\n').map((line) => line.trimStart());
  return (
    1 +
    Math.max(
      0,
      lines.findIndex((line) => line.startsWith(`${key ?? ''}:`) || line.startsWith(`${key ?? ''}(`)),
    )
  );
}
