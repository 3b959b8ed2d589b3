import { isDeepStrictEqual } from 'node:util';
import { arrayOf, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { metadataOf } from './controllers.ts';

/**
 * An object with a note of who wrote each field of its `spec` last, as the API keeps it: what is changed is its writer's, what is removed is nobody's.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function withFieldManagers(before: JsonObject, after: JsonObject, manager: string): JsonObject {
  const [old, now] = [objectOf(before['spec']) ?? {}, objectOf(after['spec']) ?? {}];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changed = names.filter((name) => !isDeepStrictEqual(old[name], now[name]));
  if (changed.length === 0) return after;
  const owned = new Map<string, Set<string>>();
  for (const entry of arrayOf(metadataOf(before)['managedFields']) ?? []) {
    const fields = Object.keys(objectOf(objectOf(objectOf(entry)?.['fieldsV1'])?.['f:spec']) ?? {});
    owned.set(textOf(objectOf(entry)?.['manager']) ?? '', new Set(fields));
  }
  for (const fields of owned.values()) for (const name of changed) fields.delete(`f:${name}`);
  const own = owned.get(manager) ?? new Set<string>();
  owned.set(manager, own);
  for (const name of changed) if (Object.hasOwn(now, name)) own.add(`f:${name}`);
  const managedFields = [...owned].flatMap(([name, fields]) =>
    fields.size === 0
      ? []
      : [
          {
            manager: name,
            operation: 'Update',
            fieldsV1: { 'f:spec': Object.fromEntries([...fields].map((field) => [field, {}])) },
          },
        ],
  );
  return { ...after, metadata: { ...metadataOf(after), managedFields } };
}
