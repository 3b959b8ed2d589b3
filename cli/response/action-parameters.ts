import { z } from 'zod';
import type { Action } from '../../playbooks/contract/action.ts';
import { arrayOf, objectOf, own, parseJson, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { UnusableInputError } from '../scan/files.ts';
import { printable } from '../terminal.ts';

/** A parameter of an action, as its schema says it. */
export interface ActionParameter {
  readonly name: string;
  readonly required: boolean;
  /** What it takes, in few words: `text`, `whole number`, `one of inbound, outbound, both`, `list of texts`. */
  readonly takes: string;
  readonly description: string;
  /** What it is where it is not given. */
  readonly otherwise: Json | undefined;
  /** Whether a text is taken as it is; any other value is written as JSON. */
  readonly text: boolean;
}

/** What an action is told. Of an action that takes parameters in several ways, all that any of them has; required is what all of them require. */
export function parametersOf({ parameters }: Pick<Action, 'parameters'>): readonly ActionParameter[] {
  const whole = objectOf(z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any', reused: 'inline' })) ?? {};
  const ways = (arrayOf(whole['anyOf']) ?? arrayOf(whole['oneOf']) ?? [whole]).map((way) => objectOf(way) ?? {});
  const found = new Map<string, ActionParameter>();
  for (const way of ways) {
    for (const [name, value] of Object.entries(objectOf(way['properties']) ?? {})) {
      const required = ways.every((other) => arrayOf(other['required'])?.includes(name) === true);
      if (!found.has(name)) found.set(name, parameterOf(name, objectOf(value) ?? {}, required));
    }
  }
  return [...found.values()];
}

function parameterOf(name: string, schema: JsonObject, required: boolean): ActionParameter {
  return {
    name,
    required,
    takes: takenBy(schema),
    description: textOf(schema['description']) ?? '',
    otherwise: schema['default'],
    text: isText(schema),
  };
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'map',
  array: 'list',
};

function takenBy(schema: JsonObject): string {
  const choices = arrayOf(schema['enum']) ?? (schema['const'] === undefined ? undefined : [schema['const']]);
  if (choices !== undefined)
    return `one of ${choices.map((choice) => textOf(choice) ?? JSON.stringify(choice)).join(', ')}`;
  const ways = arrayOf(schema['anyOf'])?.map((way) => takenBy(objectOf(way) ?? {}));
  if (ways !== undefined) return [...new Set(ways)].join(' or ');
  const type = textOf(schema['type']) ?? '';
  const members = objectOf(schema['items']);
  if (type === 'array' && members !== undefined) return `list of ${takenBy(members)}`;
  return (Object.hasOwn(TYPES, type) ? TYPES[type] : undefined) ?? 'JSON';
}

function isText(schema: JsonObject): boolean {
  const ways = arrayOf(schema['anyOf'])?.map((way) => objectOf(way) ?? {});
  if (ways !== undefined) return ways.some(isText);
  return schema['type'] === 'string' || textOf(schema['const']) !== undefined;
}

/** More than this of one parameter is no parameter. */
const LONGEST = 64 * 1024;

/**
 * What a person wrote as `name=value`, as the action's schema wants it: texts as they are, all else as JSON; a list also as its members one by one.
 * What the values must be is left to the action itself.
 * @throws UnusableInputError for what is no `name=value`, has a name that the action does not have, or is no JSON where that is wanted
 */
export function readParameters(action: Action, texts: readonly string[]): JsonObject {
  const known = parametersOf(action);
  const read: JsonObject = {};
  for (const given of texts) {
    const at = given.indexOf('=');
    const name = given.slice(0, Math.max(at, 0)).trim();
    if (at < 1 || given.length > LONGEST) {
      throw new UnusableInputError(`--param: expected name=value, found ${printable(given.slice(0, 80))}`);
    }
    const parameter = known.find((one) => one.name === name);
    if (parameter === undefined) throw new UnusableInputError(unknownParameter(action, name, known));
    const value = valueOf(parameter, given.slice(at + 1));
    const before = own(read, name);
    if (before !== undefined && !parameter.takes.startsWith('list')) {
      throw new UnusableInputError(`--param ${name} is given twice`);
    }
    read[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
  const missing = known.filter((one) => one.required && !Object.hasOwn(read, one.name));
  if (missing.length > 0) {
    const names = missing.map(({ name, takes }) => `--param ${name}=… (${takes})`).join(', ');
    throw new UnusableInputError(`${action.name} also needs ${names}`);
  }
  return read;
}

function valueOf({ name, takes, text }: ActionParameter, value: string): Json {
  if (text) return value;
  try {
    const read = parseJson(value);
    return takes.startsWith('list') && !Array.isArray(read) ? [read] : read;
  } catch {
    // The members of a list may be texts, which nobody should have to quote twice.
    if (takes.startsWith('list')) return value.split(',').map((member) => member.trim());
    throw new UnusableInputError(
      `--param ${name}: expected ${takes}, written as JSON, found ${printable(value.slice(0, 80))}`,
    );
  }
}

function unknownParameter(action: Action, name: string, known: readonly ActionParameter[]): string {
  const takes =
    known.length === 0
      ? 'it takes none'
      : `it takes ${known.map((one) => `${one.name}${one.required ? '' : ' (optional)'}`).join(', ')}`;
  return `${action.name} has no parameter ${printable(name.slice(0, 80))}: ${takes}`;
}

/** The action of a name. @throws UnusableInputError that names what there is */
export function actionNamed(actions: ReadonlyMap<string, Action>, name: string): Action {
  const action = actions.get(name);
  if (action !== undefined) return action;
  const names = [...actions.keys()].sort().join(', ');
  throw new UnusableInputError(`there is no action ${printable(name.slice(0, 80))}; there are ${names || 'none'}`);
}
