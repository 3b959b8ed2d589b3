import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource } from '../../timeline/read-record.ts';

/**
 * What is known of the fields of one log source's records, as rules see them. Lists of names are written as one text, parted by
 * white space.
 */
export interface SourceFields {
  readonly logsource: LogSource;
  /**
   * The fields that records have: for each object, by its path ('' is the record itself), the names of its members. `name.*` is
   * an object that may have further members; what is neither so written nor has members named here has none. Absent where records are not known.
   */
  readonly known?: Readonly<Record<string, string>> | undefined;
  /** Paths at which every record has one value at most, never a list. */
  readonly single?: string | undefined;
  /** Columns of Log Analytics for which the export has nothing, which rows keep as they are; read only as they are spelled. */
  readonly columns?: string | undefined;
  /** Objects whose members rules name without them: `properties`. */
  readonly within?: string | undefined;
  /** Names that rules use, and the paths at which records have what is meant. Compared without case. */
  readonly aliases?: readonly FieldAlias[] | undefined;
  /** Paths at which names of operations stand, which are compared without regard to the kind of dash. */
  readonly operationNames?: string | undefined;
  /** What rules say with texts that records do not hold. */
  readonly meanings?: readonly Meaning[] | undefined;
}

export interface FieldAlias {
  readonly names: string;
  readonly paths: string;
}

/** What it means where a rule says that a field is, or contains, a text which records write otherwise. */
export interface Meaning {
  /** Names of the field as rules spell them; compared without case. */
  readonly fields: string;
  /** The text that the rule writes, compared without case and kind of dash; any text where it is absent. */
  readonly text?: string | undefined;
  /** The same as a Sigma selection over the paths of records. */
  readonly is: JsonObject | ((text: string) => JsonObject);
}

/** What a field as a rule spells it reaches. */
export interface Reach {
  /** Paths of the record, the rule's own spelling first: a value at any of them is a value of the field. */
  readonly paths: readonly string[];
  /** Whether names of operations stand there, in which all kinds of dash are one. */
  readonly operationName: boolean;
}
