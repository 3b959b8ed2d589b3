import type { Json, JsonObject } from '../../platform/json.ts';
import type { Event } from '../timeline/event.ts';
import type { OcsfEvent } from '../timeline/ocsf/types.ts';
import type { LogSource } from '../timeline/read-record.ts';
import type { Decision, Level } from '../timeline/signal.ts';

export type { Json, JsonObject } from '../../platform/json.ts';

/** `class_uid` of the OCSF classes that events have. */
export type ClassUid = OcsfEvent['class_uid'];

/** An event of one of these OCSF classes. */
export type EventOf<Class extends ClassUid> = Omit<Event, 'ocsf'> & {
  readonly ocsf: Extract<OcsfEvent, { readonly class_uid: Class }>;
};

/**
 * A rule in TypeScript, for what Sigma cannot say: conditions that must hold on the same member of a list, documents within
 * texts, arithmetic. It is the default export of a file `<name>.rule.ts`, written as `export default { … } satisfies
 * EventRule<6003>`, so that `event.ocsf` is typed by the classes it reads.
 *
 * The file imports types alone, with `import type`, and modules of Node: what runs is its own text, wherever it stands.
 */
export interface EventRule<Class extends ClassUid = ClassUid> {
  readonly title: string;
  readonly id: string;
  readonly status?: 'stable' | 'test' | 'experimental' | 'deprecated' | 'unsupported';
  readonly description: string;
  readonly author?: string;
  readonly date?: string;
  readonly modified?: string;
  readonly references?: readonly string[];
  /** As in Sigma: `attack.persistence`, `attack.t1098.003`. */
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
  readonly level: Level;
  /** Default: `warn` for the levels high and critical, `monitor` for the others. */
  readonly decision?: Decision;
  /** The team that answers for what the rule raises. */
  readonly owner?: string;
  /** When what is only counted (decision `monitor`) is to be decided anew. */
  readonly escalate?: { readonly count: number; readonly decision: Exclude<Decision, 'monitor'> };
  /** What signals of one alert have in common: `principal`, or field paths of the record. Default: `principal`. Not with `key`. */
  readonly group?: readonly string[];
  /** For this long after the first, signals of one group are one alert: `30m`, `1h`, `1d`. Default: `1h`. */
  readonly window?: string;
  /** Whose records it reads. Left out, any source's that has events of its classes. */
  readonly logsource?: LogSource;
  /** The OCSF classes (`class_uid`) of the events it reads; events of others cost it nothing. None: all. */
  readonly classes: readonly Class[];
  /**
   * Whether the rule fires. Answers at once, keeps nothing from call to call, and changes nothing.
   * @param record as its source wrote it
   */
  readonly matches: (event: EventOf<Class>, record: Readonly<JsonObject>, tools: RuleTools) => boolean;
  /** The deduplication key: signals that agree in it are one alert. Asked where the rule fires. */
  readonly key?: (event: EventOf<Class>, record: Readonly<JsonObject>, tools: RuleTools) => string;
}

/** What rules read records with: records are outside data, in which anything may be anything. Nothing here throws. */
export interface RuleTools {
  /**
   * The values at a path, such as `requestParameters.name`, as Sigma rules write them: a dot enters an object, a list stands for
   * each of its members. Empty where there is nothing.
   */
  readonly values: (of: Json | undefined, path: string) => readonly Json[];
  /** What a text holds as JSON; undefined where it holds none, or nests deeper than records may. What is no text is given as it is. */
  readonly document: (value: Json | undefined) => Json | undefined;
}
