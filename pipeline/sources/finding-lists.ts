import { isObject, type Json, type JsonObject } from '../../platform/json.ts';
import { typeOf } from './defender/check.ts';
import { formatOf } from './security-hub/formats.ts';

/**
 * Where lists of findings stand: in `detail` of EventBridge (`findings`), in answers of `aws securityhub get-findings` (`Findings`), `aws inspector2
 * list-findings` (`findings`), the Azure API (`value`) and the Resource Graph (`data`).
 */
const NAMES = ['findings', 'Findings', 'value', 'data'] as const;

/** The list of findings that an object carries; undefined where it carries none that a source reads. */
export function findingList(value: JsonObject): Json[] | undefined {
  for (const name of NAMES) {
    const list = value[name];
    if (Array.isArray(list) && list.some(isFinding)) return list;
  }
  return undefined;
}

const isFinding = (member: Json): boolean =>
  isObject(member) && (formatOf(member) !== undefined || typeOf(member) !== undefined);
