import type {
  CompiledAttribute,
  CompiledClass,
  CompiledObject,
  CompiledSchema,
  CompiledType,
  SchemaSource,
} from '../pipeline/timeline/ocsf/schema.ts';
import type { AttributeFile, Definition, SchemaFiles } from './ocsf-files.ts';

/** What to take from the schema. */
export interface Selection {
  readonly source: SchemaSource;
  readonly classes: readonly string[];
  /** Attributes that only other profiles bring are left out. */
  readonly profiles: readonly string[];
}

type Attributes = Map<string, AttributeFile>;
type Compiled = Record<string, CompiledAttribute>;

/**
 * Compiles the classes selected and every object that they reach: inheritance, `$include` and the dictionary merged as
 * the schema's own server merges them, deep and the nearest last. Deprecated attributes and those of other profiles are
 * left out, and so are the objects that only they reach. Everything comes out in alphabetical order.
 * @throws Error where the files name something that they do not define
 */
export function compile(files: SchemaFiles, selection: Selection): CompiledSchema {
  return new Compiler(files, selection).compile();
}

class Compiler {
  readonly #files: SchemaFiles;
  readonly #selection: Selection;
  readonly #objects = new Map<string, CompiledObject>();

  constructor(files: SchemaFiles, selection: Selection) {
    this.#files = files;
    this.#selection = selection;
  }

  compile(): CompiledSchema {
    const { source, classes: names } = this.#selection;
    if (this.#files.version !== source.version) {
      throw new Error(`the schema's version.json says ${this.#files.version}; ${source.version} is expected`);
    }
    const classes = Object.fromEntries([...names].sort().map((name) => [name, this.#class(name)]));
    const objects = sorted(this.#objects);
    return { source, types: this.#types([...Object.values(classes), ...Object.values(objects)]), classes, objects };
  }

  #class(name: string): CompiledClass {
    const lineage = this.#lineage(this.#files.classes, name);
    const definition = find(this.#files.classes, name, 'class');
    const categoryName = lineage.findLast((ancestor) => ancestor.category !== undefined)?.category;
    // The base event's category is the one that categories.json does not list.
    const category = this.#files.categories.get(categoryName ?? '') ?? { uid: 0, caption: 'Uncategorized' };
    const classUid = category.uid * 1000 + (definition.uid ?? 0);
    const attributes = this.#attributes(lineage);
    const activities = Object.entries(attributes.get('activity_id')?.enum ?? {});
    const enums = {
      category_uid: { [category.uid]: { caption: category.caption } },
      class_uid: { [classUid]: { caption: definition.caption } },
      type_uid: Object.fromEntries(
        activities.map(([id, activity]) => [
          classUid * 100 + Number(id),
          { caption: `${definition.caption}: ${activity.caption ?? id}` },
        ]),
      ),
    };
    for (const [attribute, values] of Object.entries(enums)) {
      attributes.set(attribute, { ...attributes.get(attribute), enum: values });
    }
    const allowed = new Set(lineage.flatMap((ancestor) => ancestor.profiles ?? []));
    return {
      caption: definition.caption,
      class_uid: classUid,
      category_uid: category.uid,
      profiles: this.#selection.profiles.filter((profile) => allowed.has(profile)).sort(),
      ...this.#body(lineage, attributes),
    };
  }

  #reach(name: string): void {
    if (this.#objects.has(name)) return;
    const lineage = this.#lineage(this.#files.objects, name);
    const attributes = this.#attributes(lineage);
    if (name === 'observable') this.#numberObservables(attributes);
    // Held before it is filled, for objects reach themselves (a process its parent process).
    this.#objects.set(name, { attributes: {} });
    this.#objects.set(name, this.#body(lineage, attributes));
  }

  #body(lineage: readonly Definition[], attributes: Attributes): CompiledObject {
    const compiled = this.#compileAttributes(attributes);
    const stated = lineage.findLast((ancestor) => ancestor.constraints !== undefined)?.constraints ?? {};
    const constraints = Object.fromEntries(
      Object.entries(stated).map(([kind, names]) => [kind, names.filter((name) => Object.hasOwn(compiled, name))]),
    );
    return { ...(Object.keys(constraints).length > 0 && { constraints }), attributes: compiled };
  }

  /** From the oldest ancestor to the definition itself. */
  #lineage(definitions: ReadonlyMap<string, Definition>, name: string): Definition[] {
    const definition = find(definitions, name, 'class or object');
    const parent = definition.extends;
    return parent === undefined ? [definition] : [...this.#lineage(definitions, parent), definition];
  }

  #attributes(lineage: readonly Definition[]): Attributes {
    const attributes: Attributes = new Map();
    const add = (own: Attributes, profile?: string) => {
      for (const [name, attribute] of own) {
        const before = attributes.get(name) ?? find(this.#files.dictionary, name, 'dictionary attribute');
        attributes.set(name, merge(before, profile === undefined ? attribute : { ...attribute, profile }));
      }
    };
    for (const definition of lineage) {
      for (const path of definition.attributes.include) {
        const profile = path.replace(/^profiles\/|\.json$/g, '');
        add(find(this.#files.profiles, profile, 'profile').attributes.own, profile);
      }
      add(definition.attributes.own);
    }
    return attributes;
  }

  #compileAttributes(attributes: Attributes): Compiled {
    const compiled = new Map<string, CompiledAttribute>();
    for (const [name, attribute] of attributes) {
      const profile = attribute.profile ?? undefined;
      if (attribute['@deprecated'] !== undefined) continue;
      if (profile !== undefined && !this.#selection.profiles.includes(profile)) continue;
      const type = attribute.type ?? '';
      const scalar = this.#files.types.has(type);
      if (!scalar && type !== 'object') this.#reach(type);
      const values = Object.entries(attribute.enum ?? {}).map(([value, { caption }]) => [value, caption ?? value]);
      compiled.set(name, {
        ...(scalar ? { type } : { object: type }),
        ...(attribute.is_array === true && { is_array: true }),
        ...(attribute.requirement !== undefined &&
          attribute.requirement !== 'optional' && { requirement: attribute.requirement }),
        ...(attribute.sibling !== undefined && { sibling: attribute.sibling }),
        ...(profile !== undefined && { profile }),
        ...(values.length > 0 && { enum: Object.fromEntries(values) as Record<string, string> }),
      });
      // The datetime profile gives every timestamp a twin in RFC 3339 form.
      if (type === 'timestamp_t' && this.#selection.profiles.includes('datetime')) {
        compiled.set(`${name}_dt`, { type: 'datetime_t', profile: 'datetime' });
      }
    }
    return sorted(compiled);
  }

  /** The types of observables are numbered all over the schema: on types, on dictionary attributes, on objects and in them. */
  #numberObservables(attributes: Attributes): void {
    const { types, dictionary, objects } = this.#files;
    const numbered = [...types.values(), ...dictionary.values(), ...objects.values()].map(
      ({ observable, caption }) => [observable, caption] as const,
    );
    for (const object of objects.values()) {
      for (const [name, { observable }] of object.attributes.own) {
        numbered.push([observable, `${object.caption} Object: ${name}`]);
      }
    }
    const values = numbered.flatMap(([id, caption]) => (id === undefined ? [] : [[String(id), { caption }] as const]));
    const before = find(attributes, 'type_id', 'attribute of observable');
    attributes.set('type_id', merge(before, { enum: Object.fromEntries(values) }));
  }

  #types(users: readonly CompiledObject[]): Record<string, CompiledType> {
    const used = users.flatMap(({ attributes }) => Object.values(attributes).map(({ type }) => type));
    const types = new Map<string, CompiledType>();
    for (const name of used.filter((type) => type !== undefined)) {
      const { type, max_len, range, regex } = find(this.#files.types, name, 'type');
      types.set(name, {
        base: type ?? name,
        ...(max_len !== undefined && { max_len }),
        ...(range !== undefined && { range }),
        ...(regex !== undefined && { regex }),
      });
    }
    return sorted(types);
  }
}

function merge<T extends AttributeFile>(before: T, after: AttributeFile): T {
  const values = { ...before.enum, ...after.enum };
  return { ...before, ...after, ...(Object.keys(values).length > 0 && { enum: values }) };
}

function find<T>(among: ReadonlyMap<string, T>, name: string, kind: string): T {
  const found = among.get(name);
  if (found === undefined) throw new Error(`the schema names a ${kind} that it does not define: ${name}`);
  return found;
}

function sorted<T>(map: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
