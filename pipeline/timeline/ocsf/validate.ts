import { isObject, own, type JsonObject } from '../../../platform/json.ts';
import type { CompiledAttribute, CompiledObject, CompiledSchema, CompiledType } from './schema.ts';
import compiled from './schema.generated.json' with { type: 'json' };

const SCHEMA: CompiledSchema = compiled;

const CLASSES = new Map(Object.values(SCHEMA.classes).map((definition) => [definition.class_uid, definition]));
const PATTERNS = new Map(
  Object.entries(SCHEMA.types).flatMap(([name, { regex }]) => (regex === undefined ? [] : [[name, new RegExp(regex)]])),
);

/** The most violations listed; an event with this many has no use for more. */
const MAX_VIOLATIONS = 100;
/** Objects may hold their own kind (a process its parent process), but not deeper than this. */
const MAX_DEPTH = 32;
/** Patterns are tried on strings up to this length only: nothing that one of them describes is longer. */
const MAX_PATTERN_LENGTH = 4096;
/** How much of a value found is quoted. */
const MAX_QUOTE = 60;

/**
 * Where an event departs from OCSF 1.8.0; empty where it does not. Checked, by the schema's own files:
 * - the class is known; its category, type and activity agree (`type_uid` = `class_uid` * 100 + `activity_id`);
 * - required attributes are there, none is unknown or deprecated, at any depth outside `unmapped` and JSON values;
 * - attributes that a profile brings are there only where `metadata.profiles` names it, and that the class allows it;
 * - types: whole numbers that a double holds exactly, the `range` of `port_t`, the `max_len` of `ip_t`, `mac_t` and
 *   `subnet_t`, and the `regex` of `datetime_t`, `email_t`, `ip_t`, `mac_t` and `uuid_t`, as the schema states them (its
 *   pattern of IPv4 takes any character for a dot); timestamps are whole numbers, for the schema says no more of them;
 * - enumerated values, and that the attribute beside a number carries its caption (free beside 99, Other);
 * - `at_least_one` and `just_one`.
 *
 * An attribute that is undefined counts as absent; null does not, and is a violation.
 * @returns one sentence each, with the path, what was found and what was expected; at most 101
 */
export function violations(event: unknown): string[] {
  return new Validation().of(event);
}

class Validation {
  readonly #violations: string[] = [];
  #profiles: ReadonlySet<unknown> = new Set();

  of(event: unknown): string[] {
    if (!isObject(event)) {
      this.#report('event', event, 'an object');
      return this.#violations;
    }
    const classUid = own(event, 'class_uid');
    const definition = typeof classUid === 'number' ? CLASSES.get(classUid) : undefined;
    if (definition === undefined) {
      this.#report('class_uid', classUid, `one of ${[...CLASSES.keys()].join(', ')}`);
      return this.#violations;
    }
    this.#metadata(own(event, 'metadata'), definition.profiles);
    this.#object('', event, definition, 0);
    const activity = own(event, 'activity_id');
    const type = own(event, 'type_uid');
    if (typeof activity === 'number' && type !== definition.class_uid * 100 + activity) {
      this.#report('type_uid', type, `${definition.class_uid * 100 + activity} (class_uid * 100 + activity_id)`);
    }
    return this.#violations;
  }

  #metadata(metadata: unknown, allowed: readonly string[]): void {
    if (!isObject(metadata)) return;
    const version = own(metadata, 'version');
    if (version !== undefined && version !== SCHEMA.source.version) {
      this.#report('metadata.version', version, SCHEMA.source.version);
    }
    const profiles = own(metadata, 'profiles');
    if (!Array.isArray(profiles)) return;
    this.#profiles = new Set(profiles);
    for (const [index, profile] of profiles.entries()) {
      if (typeof profile === 'string' && !allowed.includes(profile)) {
        this.#report(`metadata.profiles[${index}]`, profile, `one of ${allowed.join(', ')}`);
      }
    }
  }

  #object(path: string, object: JsonObject, definition: CompiledObject, depth: number): void {
    if (depth > MAX_DEPTH) {
      this.#report(path, object, `objects no deeper than ${MAX_DEPTH}`);
      return;
    }
    const at = (name: string) => (path === '' ? name : `${path}.${name}`);
    const present = (name: string) => own(object, name) !== undefined;
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (value === undefined) continue;
      const attribute = Object.hasOwn(definition.attributes, name) ? definition.attributes[name] : undefined;
      if (attribute === undefined) {
        const shown = /^\w{1,60}$/.test(name) ? name : describe(name);
        this.#report(at(shown), value, 'nothing: the schema has no such attribute here');
      } else if (attribute.profile !== undefined && !this.#profiles.has(attribute.profile)) {
        this.#report(at(name), value, `nothing, as metadata.profiles does not name ${attribute.profile}`);
      } else {
        this.#attribute(at(name), value, attribute, depth);
        if (attribute.sibling !== undefined) this.#sibling(at, name, object, attribute, attribute.sibling);
      }
    }
    for (const [name, { requirement, profile }] of Object.entries(definition.attributes)) {
      const applies = profile === undefined || this.#profiles.has(profile);
      if (requirement !== 'required' || !applies || present(name)) continue;
      this.#report(at(name), undefined, 'a value: required');
    }
    const { at_least_one: some, just_one: one } = definition.constraints ?? {};
    if (some !== undefined && !some.some(present)) {
      this.#report(path || 'event', undefined, `at least one of ${some.join(', ')}`);
    }
    if (one !== undefined && one.filter(present).length !== 1) {
      this.#report(path || 'event', one.filter(present).join(', ') || undefined, `just one of ${one.join(', ')}`);
    }
  }

  #attribute(path: string, value: unknown, attribute: CompiledAttribute, depth: number): void {
    if (attribute.is_array !== true) {
      this.#value(path, value, attribute, depth);
    } else if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) {
        this.#value(`${path}[${index}]`, element, attribute, depth);
      }
    } else {
      this.#report(path, value, 'an array');
    }
  }

  #value(path: string, value: unknown, attribute: CompiledAttribute, depth: number): void {
    if (attribute.object !== undefined) {
      if (!isObject(value)) {
        this.#report(path, value, 'an object');
      } else if (attribute.object !== 'object') {
        this.#object(path, value, SCHEMA.objects[attribute.object] ?? { attributes: {} }, depth + 1);
      }
      return;
    }
    const type = attribute.type ?? '';
    const expected = expectation(value, type, SCHEMA.types[type] ?? { base: type });
    if (expected !== undefined) {
      this.#report(path, value, expected);
    } else if (attribute.enum !== undefined && !Object.hasOwn(attribute.enum, String(value))) {
      this.#report(path, value, `one of ${Object.keys(attribute.enum).join(', ')}`);
    }
  }

  #sibling(
    at: (name: string) => string,
    name: string,
    object: JsonObject,
    attribute: CompiledAttribute,
    sibling: string,
  ): void {
    const captions = listOf(own(object, sibling));
    if (captions.length === 0) return;
    for (const [index, value] of listOf(own(object, name)).entries()) {
      // Turned to text only where it is a number: what an object or a nested array does as text is its own affair.
      const caption = typeof value === 'number' && value !== 99 ? attribute.enum?.[value] : undefined;
      if (caption !== undefined && captions[index] !== caption) {
        this.#report(at(sibling), captions[index], `${caption}, the caption of ${name} ${String(value)}`);
      }
    }
  }

  #report(path: string, found: unknown, expected: string): void {
    const listed = this.#violations.length;
    if (listed < MAX_VIOLATIONS) {
      this.#violations.push(`${path}: found ${describe(found)}, expected ${expected}`);
    } else if (listed === MAX_VIOLATIONS) {
      this.#violations.push(`more than ${MAX_VIOLATIONS} violations: the rest is not listed`);
    }
  }
}

/** What was expected, where the value is not of the type. */
function expectation(value: unknown, type: string, { base, max_len, range }: CompiledType): string | undefined {
  switch (base) {
    case 'json_t':
      return undefined;
    case 'boolean_t':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'float_t':
      return Number.isFinite(value) ? undefined : `a number (${type})`;
    case 'integer_t':
    case 'long_t':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return `a whole number (${type})`;
      if (value < (range?.[0] ?? -Infinity) || value > (range?.[1] ?? Infinity)) {
        return `a whole number from ${range?.join(' to ') ?? ''} (${type})`;
      }
      return undefined;
    default: {
      if (typeof value !== 'string') return `a string (${type})`;
      if (value.length > (max_len ?? Infinity)) return `at most ${max_len ?? Infinity} characters (${type})`;
      const pattern = PATTERNS.get(type);
      if (pattern === undefined || (value.length <= MAX_PATTERN_LENGTH && pattern.test(value))) return undefined;
      return `text in the form of ${type}`;
    }
  }
}

/** The value as a list: one alone is a list of one. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

/** The value found, on one line and short whatever it is. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return JSON.stringify(value.length > MAX_QUOTE ? `${value.slice(0, MAX_QUOTE)}…` : value);
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return Array.isArray(value) ? 'an array' : value === null ? 'null' : `an ${typeof value}`;
  }
}
