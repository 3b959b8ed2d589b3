import type { Json } from '../../../platform/json.ts';
import type { AffectedCode, Rule } from '../../timeline/ocsf/types.ts';

/** A place in code. Lines and columns count from 1. */
export interface CodePlace {
  /** Of the file, as the scanner writes it: mostly relative to the root of what was scanned. */
  readonly path?: string | undefined;
  readonly startLine?: number | undefined;
  readonly endLine?: number | undefined;
  readonly startColumn?: number | undefined;
  readonly endColumn?: number | undefined;
}

/** A place as OCSF has it; undefined where no file is named. */
export function affectedCode(place: CodePlace, rule?: Rule): AffectedCode[] | undefined {
  const { path, startLine, endLine, startColumn, endColumn } = place;
  if (path === undefined) return undefined;
  return [
    {
      file: { name: path.slice(path.lastIndexOf('/') + 1) || path, path, type_id: 1 },
      start_line: startLine,
      end_line: endLine,
      start_column: startColumn,
      end_column: endColumn,
      rule,
    },
  ];
}

/** The number of a line or column; undefined for what is none. */
export const lineOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
