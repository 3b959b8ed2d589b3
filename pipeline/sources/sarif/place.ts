import { arrayOf, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { lineOf, type CodePlace } from '../shared/affected-code.ts';

/** Where a result is. */
export interface Place extends CodePlace {
  /** The place for people: `src/login.ts:42`, or the name of a function or resource. */
  readonly shown?: string | undefined;
}

/** The first of a result's locations; others are further places of the same fault. */
export function placeOf(result: JsonObject): Place {
  const location = objectOf(arrayOf(result['locations'])?.[0]);
  const physical = objectOf(location?.['physicalLocation']);
  const region = objectOf(physical?.['region']);
  const path = textOf(objectOf(physical?.['artifactLocation'])?.['uri']);
  const startLine = lineOf(region?.['startLine']);
  return {
    path,
    startLine,
    endLine: lineOf(region?.['endLine']),
    startColumn: lineOf(region?.['startColumn']),
    endColumn: lineOf(region?.['endColumn']),
    shown: shownPlace(location, path, startLine),
  };
}

function shownPlace(
  location: JsonObject | undefined,
  path: string | undefined,
  line: number | undefined,
): string | undefined {
  if (path !== undefined) return line === undefined ? path : `${path}:${line}`;
  const logical = objectOf(arrayOf(location?.['logicalLocations'])?.[0]);
  return textOf(logical?.['fullyQualifiedName']) ?? textOf(logical?.['name']);
}
