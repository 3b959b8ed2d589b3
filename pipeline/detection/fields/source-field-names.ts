import type { JsonObject } from '../../../platform/json.ts';
import { comparableName } from '../sigma/text-test.ts';
import type { Meaning, Reach, SourceFields } from './source-fields.ts';

const words = (text: string | undefined): string[] => text?.split(/\s+/).filter((word) => word !== '') ?? [];

/** A field that records have. */
interface KnownField {
  /** As records write it. */
  readonly name: string;
  readonly members: KnownFields;
  /** Whether it is an object that may have other members too. */
  readonly isOpen: boolean;
}

/** The members of an object by name without case: names may differ in nothing else. */
type KnownFields = ReadonlyMap<string, readonly KnownField[]>;

/** The names of the fields of one log source. */
export class SourceFieldNames {
  readonly #known: KnownFields | undefined;
  readonly #columns: KnownFields;
  readonly #within: readonly string[];
  readonly #aliases = new Map<string, string[]>();
  readonly #operationNames: ReadonlySet<string>;
  readonly #single: ReadonlySet<string>;
  readonly #meanings = new Map<string, Meaning[]>();

  constructor(fields: SourceFields) {
    this.#known = fields.known && membersOf('', fields.known);
    this.#columns = membersOf('', { '': fields.columns ?? '' });
    this.#within = words(fields.within);
    this.#single = new Set(words(fields.single));
    this.#operationNames = new Set(words(fields.operationNames));
    for (const { names, paths } of fields.aliases ?? []) {
      for (const name of words(names)) append(this.#aliases, name.toLowerCase(), ...words(paths));
    }
    for (const meaning of fields.meanings ?? []) {
      for (const name of words(meaning.fields)) append(this.#meanings, name.toLowerCase(), meaning);
    }
  }

  /** See {@link FieldNames.reach}: the field itself, what it is an alias of, and the known fields that are so spelled. */
  reach(field: string): Reach {
    const paths = [...new Set([field, ...(this.#aliases.get(field.toLowerCase()) ?? []), ...this.#spelled(field)])];
    return { paths, operationName: paths.some((path) => this.#operationNames.has(path)) };
  }

  meanings(field: string, text: string): JsonObject[] {
    const wanted = comparableName(text);
    return (this.#meanings.get(field.toLowerCase()) ?? [])
      .filter((meaning) => meaning.text === undefined || comparableName(meaning.text) === wanted)
      .map(({ is }) => (typeof is === 'function' ? is(text) : is));
  }

  /** Whether it is known what fields the records have. */
  get areKnown(): boolean {
    return this.#known !== undefined;
  }

  /** Whether records have a field at exactly this path. */
  has(path: string): boolean {
    return this.#known !== undefined && (hasPath(this.#known, path) || hasPath(this.#columns, path));
  }

  /** See {@link FieldNames.hasOneValue}. */
  hasOneValue(path: string): boolean {
    return this.#single.has(path);
  }

  /** The paths of all known fields, and the names that rules may give them. */
  names(): string[] {
    return this.#known === undefined
      ? []
      : [...pathsOf(this.#known), ...pathsOf(this.#columns), ...this.#aliases.keys()];
  }

  /** The paths of known fields that are spelled like this, in any case; where one is spelled exactly so, that one alone. */
  #spelled(field: string): string[] {
    const known = this.#known;
    if (known === undefined || this.has(field)) return [];
    const segments = field.split('.');
    const within = this.#within.flatMap((object) => pathsLike(known, [...object.split('.'), ...segments], false));
    return [...pathsLike(known, segments, true), ...within];
  }
}

function append<T>(lists: Map<string, T[]>, key: string, ...items: readonly T[]): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [...items]);
  else list.push(...items);
}

const ANY_MEMBER = '.*';

function membersOf(path: string, known: Readonly<Record<string, string>>): KnownFields {
  const members = new Map<string, KnownField[]>();
  for (const written of words(Object.hasOwn(known, path) ? known[path] : '')) {
    const isOpen = written.endsWith(ANY_MEMBER);
    const name = isOpen ? written.slice(0, -ANY_MEMBER.length) : written;
    const below = membersOf(path === '' ? name : `${path}.${name}`, known);
    append(members, name.toLowerCase(), { name, members: below, isOpen });
  }
  return members;
}

/**
 * The paths of known fields for a path in any case.
 * @param intoOpen whether to go on, as it is spelled, where an object may have other members
 */
function pathsLike(known: KnownFields, segments: readonly string[], intoOpen: boolean): string[] {
  const [first = '', ...rest] = segments;
  return (known.get(first.toLowerCase()) ?? []).flatMap(({ name, members, isOpen }) => {
    if (rest.length === 0) return [name];
    const found = pathsLike(members, rest, intoOpen).map((path) => `${name}.${path}`);
    return found.length === 0 && isOpen && intoOpen ? [[name, ...rest].join('.')] : found;
  });
}

function pathsOf(known: KnownFields): string[] {
  return [...known.values()]
    .flat()
    .flatMap(({ name, members }) => [name, ...pathsOf(members).map((path) => `${name}.${path}`)]);
}

/** Whether there is a known field exactly so spelled. */
const hasPath = (known: KnownFields, path: string): boolean => pathsLike(known, path.split('.'), true).includes(path);
