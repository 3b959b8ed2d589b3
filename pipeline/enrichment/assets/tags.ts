import type { JsonObject } from '../../../platform/json.ts';
import { dataClassOf, importanceOf } from './asset-words.ts';
import type { StatedAsset } from './inventory.ts';

/** Which tags say what, by name, whatever their case; the first that a resource has counts. */
export interface TagNames {
  readonly owner: readonly string[];
  readonly environment: readonly string[];
  readonly importance: readonly string[];
  readonly dataClass: readonly string[];
}

const MAX_VALUE = 256;

/** What tags say of a resource; values that are no importance and no class of data say nothing. */
export function saidByTags(
  tags: JsonObject | undefined,
  names: TagNames,
): Pick<StatedAsset, 'owner' | 'environment' | 'importance' | 'dataClass'> {
  if (tags === undefined) return {};
  const values = new Map(
    Object.entries(tags).flatMap(([name, value]) =>
      typeof value === 'string' && value.trim() !== '' ? [[name.toLowerCase(), value.trim().slice(0, MAX_VALUE)]] : [],
    ),
  );
  const valueOf = (wanted: readonly string[]): string | undefined => {
    for (const name of wanted) {
      const value = values.get(name.toLowerCase());
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const [importance, dataClass] = [valueOf(names.importance), valueOf(names.dataClass)];
  return {
    owner: valueOf(names.owner),
    environment: valueOf(names.environment)?.toLowerCase(),
    importance: importance === undefined ? undefined : importanceOf(importance),
    dataClass: dataClass === undefined ? undefined : dataClassOf(dataClass),
  };
}
