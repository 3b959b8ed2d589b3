import type { JsonObject } from '../../platform/json.ts';
import type { LogSource } from '../timeline/read-record.ts';
import { SOURCE_FIELDS } from './fields/index.ts';
import { SourceFieldNames } from './fields/source-field-names.ts';
import type { Reach } from './fields/source-fields.ts';
import { takesIn } from './log-source.ts';

/** How the fields that rules name are found in the records of a log source. */
export interface FieldNames {
  reach(field: string): Reach;
  /**
   * What it means that a field is a text which records write otherwise: Sigma selections over the paths of records, each of which
   * is enough; none where the text stands for nothing but itself.
   */
  meanings(field: string, text: string): readonly JsonObject[];
  /** Whether records have such a field, as it is spelled or elsewhere; undefined where the records of the log source are not known. */
  isKnown(field: string): boolean | undefined;
}

const ALL = SOURCE_FIELDS.map((fields) => ({ logsource: fields.logsource, names: new SourceFieldNames(fields) }));

/**
 * The names for rules of a log source: those of all log sources that it takes in. A rule that names the product alone takes in
 * each of its services.
 */
export function fieldNamesOf(logsource: LogSource): FieldNames {
  const sources = ALL.filter((source) => takesIn(logsource, source.logsource)).map(({ names }) => names);
  return {
    reach(field) {
      const reached = sources.map((names) => names.reach(field));
      const [first = { paths: [field], operationName: false }] = reached;
      if (reached.length < 2) return first;
      return {
        paths: [...new Set(reached.flatMap(({ paths }) => paths))],
        operationName: reached.some(({ operationName }) => operationName),
      };
    },
    meanings: (field, text) => sources.flatMap((names) => names.meanings(field, text)),
    isKnown(field) {
      if (sources.length === 0 || sources.some((names) => names.isKnown(field) === undefined)) return undefined;
      return sources.some((names) => names.isKnown(field) === true);
    },
  };
}
