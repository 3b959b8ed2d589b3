import type { JsonObject } from '../../../platform/json.ts';
import type { Meaning, Reach, SourceFields } from './source-fields.ts';

const words = (text: string | undefined): string[] => text?.split(/\s+/).filter((word) => word !== '') ?? [];

/** A field that records have. */
interface KnownField {
  /** As records write it. */
  readonly name: string;
  /** Undefined of an object of any members. */
  readonly members: KnownFields | undefined;
}

/** The members of an object by name without case: names may differ in nothing else. */
type KnownFields = ReadonlyMap<string, readonly KnownField[]>;

/** The names of the fields of one log source. */
export class SourceFieldNames {
  readonly #known: KnownFields | undefined;
  readonly #within: readonly string[];
  readonly #aliases = new Map<string, string[]>();
  readonly #operationNames: ReadonlySet<string>;
  readonly #meanings = new Map<string, Meaning[]>();

  constructor(fields: SourceFields) {
    this.#known = fields.known && membersOf('', fields.known);
    this.#within = words(fields.within);
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
    const folded = text.toLowerCase();
    return (this.#meanings.get(field.toLowerCase()) ?? [])
      .filter((meaning) => meaning.text === undefined || meaning.text.toLowerCase() === folded)
      .map(({ is }) => (typeof is === 'function' ? is(text) : is));
  }

  isKnown(field: string): boolean | undefined {
    if (this.#known === undefined) return undefined;
    if (this.#meanings.has(field.toLowerCase()) || this.#aliases.has(field.toLowerCase())) return true;
    return this.#spelled(field).length > 0;
  }

  /** The paths of known fields that are spelled like this, in any case; where one is spelled exactly so, that one alone. */
  #spelled(field: string): string[] {
    if (this.#known === undefined) return [];
    const segments = field.split('.');
    const found = pathsLike(this.#known, segments);
    if (found.includes(field)) return [field];
    const within = this.#within.flatMap((object) =>
      pathsLike(this.#known ?? new Map(), [...object.split('.'), ...segments]),
    );
    return [...found, ...within];
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
    const below = isOpen ? undefined : membersOf(path === '' ? name : `${path}.${name}`, known);
    append(members, name.toLowerCase(), { name, members: below });
  }
  return members;
}

/** The paths of known fields for a path in any case; within an object of any members the path goes on as it is spelled. */
function pathsLike(known: KnownFields, segments: readonly string[]): string[] {
  const [first = '', ...rest] = segments;
  return (known.get(first.toLowerCase()) ?? []).flatMap(({ name, members }) => {
    if (rest.length === 0) return [name];
    if (members === undefined) return [[name, ...rest].join('.')];
    return pathsLike(members, rest).map((path) => `${name}.${path}`);
  });
}
