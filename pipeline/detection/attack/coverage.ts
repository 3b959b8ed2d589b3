import type { LogSource } from '../../timeline/read-record.ts';
import type { RuleSummary } from '../../timeline/signal.ts';
import { CLOUD_TECHNIQUES } from '../../timeline/attack/cloud-techniques.ts';
import { TACTICS, type Tactic, type TacticName } from '../../timeline/attack/tactics.ts';
import { takesIn } from '../log-source.ts';

/** A source of records that Crosstrail reads. */
export interface CoverageSource {
  /** The log sources that its records have. */
  readonly logsources: readonly LogSource[];
  readonly connected: boolean;
}

/** A rule as coverage sees it: one over records has a log source, one over the matches of other rules names these by id. */
export interface CoverageRule extends RuleSummary {
  readonly techniques: readonly string[];
  readonly logsource?: LogSource | undefined;
  readonly rules?: readonly string[] | undefined;
}

/** Whether a rule gets records: from a source that is connected, from one that could be, or from none that Crosstrail reads. */
export type SourceState = 'connected' | 'not-connected' | 'no-source';

/** A rule that shows a technique. */
export interface CoveringRule extends RuleSummary {
  readonly source: SourceState;
}

/** Whether a technique has a rule that gets records, has rules that get none, or has no rule. */
export type CoverageStatus = 'connected' | 'not-connected' | 'no-rule';

export interface CoveredTechnique {
  readonly id: string;
  /** Absent outside the cloud matrix. */
  readonly name?: string | undefined;
  /** None outside the cloud matrix. */
  readonly tactics: readonly TacticName[];
  readonly status: CoverageStatus;
  /** Those of its sub-techniques among them. */
  readonly rules: readonly CoveringRule[];
}

export type CoverageCounts = Readonly<Record<CoverageStatus, number>>;

export interface Coverage {
  /** The cloud matrix of ATT&CK, and whatever else the rules name, in the order of ids. */
  readonly techniques: readonly CoveredTechnique[];
  /** Of the techniques of the cloud matrix. */
  readonly counts: CoverageCounts;
  /** The tactics that the cloud matrix has, in its order; a technique of several tactics counts in each. */
  readonly tactics: readonly { readonly tactic: Tactic; readonly counts: CoverageCounts }[];
  /** How many rules have which source. */
  readonly rules: Readonly<Record<SourceState, number>>;
  /** How many rules name no technique. */
  readonly withoutTechnique: number;
}

/**
 * Which techniques of ATT&CK the rules show, and whether they get the records for it. A rule for a sub-technique is one for its
 * technique too, not the other way round.
 */
export function coverageOf(rules: readonly CoverageRule[], sources: readonly CoverageSource[]): Coverage {
  const states = statesOf(rules, sources);
  const covering = new Map<string, CoveringRule[]>();
  for (const rule of rules) {
    const { id, title, level, techniques } = rule;
    for (const technique of new Set(techniques.flatMap((name) => [name, ...cloudTechniqueAbove(name)]))) {
      const known = covering.get(technique) ?? [];
      known.push({ id, title, level, source: states.get(rule) ?? 'no-source' });
      covering.set(technique, known);
    }
  }
  const cloud = CLOUD_TECHNIQUES.map((technique) => covered(technique, covering.get(technique.id)));
  const others = [...covering].filter(([id]) => !CLOUD_IDS.has(id)).map(([id, by]) => covered({ id, tactics: [] }, by));
  const counts: Record<SourceState, number> = { connected: 0, 'not-connected': 0, 'no-source': 0 };
  for (const state of states.values()) counts[state] += 1;
  return {
    techniques: [...cloud, ...others].sort((one, other) => (one.id < other.id ? -1 : 1)),
    counts: countsOf(cloud),
    tactics: TACTICS.map((tactic) => ({
      tactic,
      counts: countsOf(cloud.filter(({ tactics }) => tactics.includes(tactic.shortName))),
    })).filter(({ counts: { connected, 'not-connected': not, 'no-rule': none } }) => connected + not + none > 0),
    rules: counts,
    withoutTechnique: rules.filter(({ techniques }) => techniques.length === 0).length,
  };
}

function covered(
  technique: Pick<CoveredTechnique, 'id' | 'name' | 'tactics'>,
  rules: readonly CoveringRule[] = [],
): CoveredTechnique {
  const { id, name, tactics } = technique;
  const connected = rules.some(({ source }) => source === 'connected');
  return { id, name, tactics, status: connected ? 'connected' : rules.length > 0 ? 'not-connected' : 'no-rule', rules };
}

function countsOf(techniques: readonly CoveredTechnique[]): CoverageCounts {
  const counts: Record<CoverageStatus, number> = { connected: 0, 'not-connected': 0, 'no-rule': 0 };
  for (const { status } of techniques) counts[status] += 1;
  return counts;
}

const CLOUD_IDS: ReadonlySet<string> = new Set(CLOUD_TECHNIQUES.map(({ id }) => id));

/** The technique of a sub-technique, where it is of the cloud matrix. */
function cloudTechniqueAbove(id: string): readonly string[] {
  const above = id.slice(0, 'T1098'.length);
  return CLOUD_IDS.has(above) ? [above] : [];
}

/** From what is least to what is most. */
const STATES: readonly SourceState[] = ['no-source', 'not-connected', 'connected'];

function statesOf(rules: readonly CoverageRule[], sources: readonly CoverageSource[]): Map<CoverageRule, SourceState> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const states = new Map<CoverageRule, SourceState>();
  const begun = new Set<CoverageRule>();
  for (const rule of rules) {
    // A stack of its own: rules may name rules to any depth. What names itself in the end, or a rule that is not there, gets no records.
    const stack = [rule];
    for (let top: CoverageRule | undefined = rule; top !== undefined; top = stack.at(-1)) {
      const named = (top.rules ?? []).map((id) => byId.get(id));
      const waiting = begun.has(top) ? [] : named.filter((other) => other !== undefined && !begun.has(other));
      begun.add(top);
      for (const other of waiting) if (other !== undefined) stack.push(other);
      if (waiting.length > 0) continue;
      const ofNamed = named.map((other) => (other && states.get(other)) ?? 'no-source');
      states.set(top, top.rules === undefined ? sourceState(top.logsource ?? {}, sources) : leastOf(ofNamed));
      stack.pop();
    }
  }
  return states;
}

function sourceState(wanted: LogSource, sources: readonly CoverageSource[]): SourceState {
  const readable = sources.filter(({ logsources }) => logsources.some((logsource) => takesIn(wanted, logsource)));
  if (readable.length === 0) return 'no-source';
  return readable.some(({ connected }) => connected) ? 'connected' : 'not-connected';
}

/** A rule over several others waits for all of them. */
function leastOf(states: readonly SourceState[]): SourceState {
  return STATES.find((state) => states.includes(state)) ?? 'no-source';
}
