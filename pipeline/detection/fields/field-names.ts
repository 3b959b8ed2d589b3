import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource } from '../../timeline/read-record.ts';
import { SOURCE_FIELDS } from './index.ts';
import { SourceFieldNames } from './source-field-names.ts';
import type { Reach } from './source-fields.ts';
import { takesIn } from '../log-source.ts';
import { nearestName } from './nearest-name.ts';

/** How the fields that rules name are found in the records of a log source. */
export interface FieldNames {
  reach(field: string): Reach;
  /**
   * What it means that a field is a text which records write otherwise: Sigma selections over the paths of records, each of which
   * is enough; none where the text stands for nothing but itself.
   */
  meanings(field: string, text: string): readonly JsonObject[];
  /** Whether records have a field at exactly this path; undefined where the records of the log source are not known. */
  has(path: string): boolean | undefined;
  /** Whether records have what a field reaches, as it is spelled or elsewhere; undefined where they are not known. */
  isKnown(field: string): boolean | undefined;
  /** Whether records have at most one value at a path, and never a list. */
  hasOneValue(path: string): boolean;
  /** The known field whose name is most like that of an unknown one; undefined where none is much like it. */
  nearest(field: string): string | undefined;
}

const ALL = SOURCE_FIELDS.map((fields) => ({ logsource: fields.logsource, names: new SourceFieldNames(fields) }));

/**
 * The names for rules of a log source: those of all log sources that it takes in. A rule that names the product alone takes in
 * each of its services.
 */
export function fieldNamesOf(logsource: LogSource): FieldNames {
  const sources = ALL.filter((source) => takesIn(logsource, source.logsource)).map(({ names }) => names);
  const areKnown = sources.length > 0 && sources.every((names) => names.areKnown);
  const reach = (field: string): Reach => {
    const reached = sources.map((names) => names.reach(field));
    const [first = { paths: [field], operationName: false }] = reached;
    if (reached.length < 2) return first;
    return {
      paths: [...new Set(reached.flatMap(({ paths }) => paths))],
      operationName: reached.some(({ operationName }) => operationName),
    };
  };
  const has = (path: string): boolean | undefined => (areKnown ? sources.some((names) => names.has(path)) : undefined);
  return {
    reach,
    meanings: (field, text) => sources.flatMap((names) => names.meanings(field, text)),
    has,
    isKnown: (field) => (areKnown ? reach(field).paths.some((path) => has(path) === true) : undefined),
    hasOneValue: (path) => sources.length > 0 && sources.every((names) => names.hasOneValue(path)),
    nearest: (field) => nearestName(field, new Set(sources.flatMap((names) => names.names()))),
  };
}
