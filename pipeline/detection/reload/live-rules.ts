import type { Clock } from '../../../platform/clock.ts';
import type { Metrics } from '../../../platform/metrics.ts';
import { withEarlier, type EvaluationError } from '../matching/evaluation-errors.ts';
import type { RuleSet } from '../matching/rule-set.ts';
import type { RejectedRule } from '../rule.ts';
import { failureNotices } from './failure-notices.ts';
import { changesBetween, writtenRules, type WrittenRules } from './rule-changes.ts';
import {
  ruleFileState,
  ruleSnapshot,
  type RuleFileState,
  type RuleSettings,
  type RuleSnapshot,
} from './rule-snapshot.ts';

export interface LiveRulesPorts {
  /** Reads the settings anew: they may change as the rules do. Throws where they cannot be used. */
  readonly settings: () => Promise<RuleSettings>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: (level: 'information' | 'warning', message: string) => void;
}

/** How the files are looked at and read. */
export interface RuleFiles {
  readonly state: typeof ruleFileState;
  readonly snapshot: typeof ruleSnapshot;
}

const RULE_FILES: RuleFiles = { state: ruleFileState, snapshot: ruleSnapshot };

/** A change of the files that was not taken. */
export interface RefusedReload {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** What was wrong, where, and what to do; of many, the first. */
  readonly reasons: readonly string[];
}

/** So many reasons of a refusal are told. */
const MAX_REASONS = 20;

/** Files that are written while they are read are read again, so many times in one look. */
const MAX_READS = 3;

/**
 * The rules in use, which follow their files without a restart.
 *
 * A change is taken whole or not at all: the new set is read and compiled beside the running one, which goes on matching, and
 * takes its place in one assignment. It is refused, and the running set stays, where any of it cannot be used that could be used
 * before: a rule, exception or filter that is rejected, save those that the running set was itself started without; a directory
 * that is gone, or that holds no rules any more, as that of a share that is not mounted; settings that cannot be read. The next look
 * at changed files decides anew, so that what was half written, or is put right, needs nothing else.
 */
export class LiveRules {
  readonly #ports: LiveRulesPorts;
  readonly #files: RuleFiles;
  #running: Running;
  #refused: RefusedReload | undefined;
  #reloaded: number | undefined;
  /** The files as they were last seen, and what was read from them; that was taken or refused, and is not judged twice. */
  #seen: string;
  #judged: string | undefined;
  /** Whether what was last read is certain to be what the files now hold. */
  #settled = false;
  #interval: number;
  #lastLook: number;
  #looking: Promise<void> | undefined;

  private constructor(ports: LiveRulesPorts, files: RuleFiles, running: Running, reading: Reading) {
    const { state, settings, snapshot } = reading;
    this.#ports = ports;
    this.#files = files;
    this.#running = running;
    this.#seen = state.version;
    this.#judged = snapshot.content;
    this.#interval = settings.reload;
    this.#lastLook = ports.clock.now();
  }

  /**
   * Loads the rules. At the start a rule that cannot be used is named in `rejected`, and in the log, and costs no other.
   * @throws Error where a directory, or the settings, cannot be read
   */
  static async start(ports: LiveRulesPorts, files = RULE_FILES): Promise<LiveRules> {
    const settings = await ports.settings();
    const state = await files.state(settings);
    const reading = { settings, state, snapshot: await files.snapshot(settings) };
    const set = await reading.snapshot.compile();
    for (const rejected of set.rejected) ports.log('warning', `rules: not in use: ${rejectedReason(rejected)}`);
    return new LiveRules(ports, files, runningOf(set, reading), reading);
  }

  /** The running set. Whoever matches several records that belong together takes it once for all of them. */
  get current(): RuleSet {
    return this.#running.set;
  }

  /** When a change was last taken, milliseconds since 1970-01-01T00:00:00Z; undefined where none was. */
  get reloaded(): number | undefined {
    return this.#reloaded;
  }

  /** Why the files as they are now are not in use; undefined where they are. */
  get refused(): RefusedReload | undefined {
    return this.#refused;
  }

  /** How often the evaluation of a rule failed, by its id, since the process began or the rule was changed. */
  get errors(): ReadonlyMap<string, EvaluationError> {
    return withEarlier(this.current.errors, this.#running.earlierErrors);
  }

  /**
   * Looks at the files, where the last look is long enough ago, and takes what changed. Called at each invocation and not waited
   * for: a call that finds nothing to do costs a comparison, and one look at a time is under way. Never throws.
   *
   * Each process looks for itself: in Azure there are as many as there are instances, and a timer fires on one of them only.
   */
  refresh(): Promise<void> {
    const { set, failing } = this.#running;
    for (const notice of failureNotices(set, failing)) this.#ports.log('warning', notice);
    const now = this.#ports.clock.now();
    const since = now - this.#lastLook;
    // A clock that was put back must not put the next look off.
    const due = this.#interval > 0 && (since >= this.#interval || since < 0);
    if (this.#looking !== undefined || !due) return this.#looking ?? Promise.resolve();
    this.#lastLook = now;
    this.#looking = this.#look()
      .catch((error: unknown) => this.#refuse([messageOf(error)]))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /** Looks again and again, for a process that nothing else calls, until the signal aborts. */
  async follow(stop: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (this.#interval > 0) {
      await clock.wait(this.#lastLook + this.#interval - clock.now(), stop);
      if (stop.aborted) return;
      await this.refresh();
    }
  }

  async #look(): Promise<void> {
    let reading: Reading | undefined;
    try {
      reading = await this.#read();
    } catch (error) {
      this.#judged = undefined;
      const reason = messageOf(error);
      if (this.#refused?.reasons[0] !== reason) this.#refuse([reason]);
      return;
    }
    if (reading === undefined || reading.snapshot.content === this.#judged) return;
    this.#judged = reading.snapshot.content;
    await this.#judge(reading);
  }

  /** Reads the files where they may have changed, and did not change meanwhile. */
  async #read(): Promise<Reading | undefined> {
    const settings = await this.#ports.settings();
    this.#interval = settings.reload;
    let state = await this.#files.state(settings);
    // Two writes within one tick of the file system's clock look like one. So what was read after a change is read once more at
    // the next look.
    if (state.version === this.#seen && this.#settled && this.#judged !== undefined) return undefined;
    for (let time = 0; time < MAX_READS; time += 1) {
      const snapshot = await this.#files.snapshot(settings);
      const after = await this.#files.state(settings);
      if (after.version === state.version) {
        this.#settled = after.version === this.#seen;
        this.#seen = after.version;
        return { settings, state, snapshot };
      }
      state = after;
    }
    return undefined;
  }

  async #judge(reading: Reading): Promise<void> {
    const before = this.#running;
    if (reading.snapshot.content === before.content) {
      this.#refused = undefined;
      this.#ports.log('information', 'rules: their files are again as they are in use');
      return;
    }
    const set = await reading.snapshot.compile();
    const reasons = [
      ...reading.state.empty.filter((directory) => before.filled.has(directory)).map(emptiedReason(reading.settings)),
      ...newRejections(before.set, set).map(rejectedReason),
    ];
    if (reasons.length > 0) {
      this.#refuse(reasons);
      return;
    }
    this.#running = runningOf(set, reading, { ...before, errors: this.errors });
    this.#refused = undefined;
    this.#reloaded = this.#ports.clock.now();
    this.#ports.metrics.count('rules_reload', 1, { result: 'taken' });
    const changes = changesBetween(before.written, this.#running.written);
    const inUse = set.rules.length + set.correlations.length;
    this.#ports.log('information', `rules: reloaded, ${inUse} in use: ${changes}`);
  }

  #refuse(reasons: readonly string[]): void {
    const told = reasons.slice(0, MAX_REASONS);
    this.#refused = { at: this.#ports.clock.now(), reasons: told };
    this.#ports.metrics.count('rules_reload', 1, { result: 'refused' });
    const more = reasons.length > told.length ? ` (and ${reasons.length - told.length} more)` : '';
    const message = `rules: the change of their files is not taken, those in use stay: ${told.join('; ')}${more}`;
    this.#ports.log('warning', message);
  }
}

/** What was read of the files at one time. */
interface Reading {
  readonly settings: RuleSettings;
  readonly state: RuleFileState;
  readonly snapshot: RuleSnapshot;
}

/** A set in use, and what it was made from. */
interface Running {
  readonly set: RuleSet;
  readonly content: string;
  readonly written: WrittenRules;
  /** The directories that held rules. */
  readonly filled: ReadonlySet<string>;
  /** Of rules that are as they were in earlier sets, their failures there. */
  readonly earlierErrors: ReadonlyMap<string, EvaluationError>;
  /** Ids of the rules and exceptions of which the log says already that they fail. */
  readonly failing: Set<string>;
}

/** @param before what the earlier set says of its rules */
function runningOf(
  set: RuleSet,
  { settings: { directories, options }, state, snapshot: { content, sources } }: Reading,
  before?: Pick<Running, 'written' | 'failing'> & { readonly errors: ReadonlyMap<string, EvaluationError> },
): Running {
  const written = writtenRules(set, sources);
  const same = (id: string): boolean => written.get(id) === before?.written.get(id);
  return {
    set,
    content,
    written,
    filled: new Set(
      [...directories, ...(options.exceptions ?? [])].filter((directory) => !state.empty.includes(directory)),
    ),
    earlierErrors: new Map([...(before?.errors ?? [])].filter(([id]) => same(id))),
    failing: new Set([...(before?.failing ?? [])].filter(same)),
  };
}

/** What is rejected now and was not before. Where other rules stand in their files is no difference. */
function newRejections(before: RuleSet, after: RuleSet): RejectedRule[] {
  const key = ({ file, reason }: RejectedRule): string => `${file}\n${reason.replace(/\d+/g, '0')}`;
  const known = new Set(before.rejected.map(key));
  return after.rejected.filter((rejected) => !known.has(key(rejected)));
}

const rejectedReason = ({ file, line, reason }: RejectedRule): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${reason}`;

/** Exceptions may be in a folder that the configuration does not name: where the folder is gone, so are they. */
const emptiedReason =
  ({ options: { exceptions = [] } }: RuleSettings) =>
  (directory: string): string =>
    exceptions.includes(directory)
      ? `${directory}: it holds no exceptions any more; where that is meant, remove the folder, or its name from the configuration`
      : `${directory}: it holds no rules any more; where that is meant, take it out of the configuration`;

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().replace(/\s+/g, ' ');
