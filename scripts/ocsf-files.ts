import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../platform/json.ts';

const attributeFile = z.object({
  type: z.string().optional(),
  caption: z.string().optional(),
  is_array: z.boolean().optional(),
  requirement: z.string().optional(),
  sibling: z.string().optional(),
  profile: z.string().nullable().optional(),
  observable: z.number().optional(),
  enum: z.record(z.string(), z.object({ caption: z.string().optional() })).optional(),
  '@deprecated': z.unknown().optional(),
});

const definitionFile = z.object({
  name: z.string(),
  caption: z.string(),
  uid: z.number().optional(),
  category: z.string().optional(),
  extends: z.string().optional(),
  observable: z.number().optional(),
  profiles: z.array(z.string()).optional(),
  constraints: z
    .object({ at_least_one: z.array(z.string()).optional(), just_one: z.array(z.string()).optional() })
    .optional(),
  attributes: z
    .object({ $include: z.array(z.string()).optional() })
    .catchall(attributeFile)
    .transform(({ $include, ...own }) => ({ include: $include ?? [], own: new Map(Object.entries(own)) })),
});

const typeFile = z.object({
  caption: z.string(),
  type: z.string().optional(),
  max_len: z.number().optional(),
  range: z.array(z.number()).optional(),
  regex: z.string().optional(),
  observable: z.number().optional(),
});

const dictionaryFile = z.object({
  attributes: z.record(z.string(), attributeFile.required({ type: true, caption: true })),
  types: z.object({ attributes: z.record(z.string(), typeFile) }),
});

const categoriesFile = z.object({
  attributes: z.record(z.string(), z.object({ uid: z.number(), caption: z.string() })),
});

export type AttributeFile = z.infer<typeof attributeFile>;
export type Definition = z.infer<typeof definitionFile>;
export type TypeFile = z.infer<typeof typeFile>;

/** The files of an OCSF schema, as read: nothing merged, nothing inherited. */
export interface SchemaFiles {
  readonly version: string;
  readonly types: ReadonlyMap<string, TypeFile>;
  readonly dictionary: ReadonlyMap<string, AttributeFile & { type: string; caption: string }>;
  readonly categories: ReadonlyMap<string, { readonly uid: number; readonly caption: string }>;
  readonly classes: ReadonlyMap<string, Definition>;
  readonly objects: ReadonlyMap<string, Definition>;
  readonly profiles: ReadonlyMap<string, Definition>;
}

/**
 * Reads the core schema (no extensions) from a checkout of ocsf/ocsf-schema.
 * @param folder the checkout's root, with `dictionary.json` in it
 * @throws Error where a file is absent or is not what the schema's own layout says
 */
export function readSchemaFiles(folder: string): SchemaFiles {
  const dictionary = read(folder, 'dictionary.json', dictionaryFile);
  return {
    version: read(folder, 'version.json', z.object({ version: z.string() })).version,
    types: new Map(Object.entries(dictionary.types.attributes)),
    dictionary: new Map(Object.entries(dictionary.attributes)),
    categories: new Map(Object.entries(read(folder, 'categories.json', categoriesFile).attributes)),
    classes: readDefinitions(folder, 'events'),
    objects: readDefinitions(folder, 'objects'),
    profiles: readDefinitions(folder, 'profiles'),
  };
}

function readDefinitions(folder: string, part: string): Map<string, Definition> {
  const files = readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort();
  return new Map(
    files.map((file) => {
      const definition = read(folder, join(part, file), definitionFile);
      return [definition.name, definition];
    }),
  );
}

function read<T>(folder: string, file: string, shape: z.ZodType<T>): T {
  const path = join(folder, file);
  const parsed = shape.safeParse(parseJson(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path} is not an OCSF schema file: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
