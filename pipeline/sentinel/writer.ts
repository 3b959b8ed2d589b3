import { ArmError, isAbsent, isAway, isConflict } from '../../platform/azure/arm-error.ts';
import type { ArmClient } from '../../platform/azure/arm.ts';
import { objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import type { Level } from '../timeline/signal.ts';
import { commentAsWritten, saysTheSame } from './comment-text.ts';
import { incidentPath } from './incident-address.ts';
import { request } from './incident-requests.ts';
import { levelOf, mergedIntoOf, type SentinelIncident } from './incident.ts';
import { mergedLabels } from './labels.ts';
import { commentId } from './sentinel-ids.ts';
import { newSeverity, type SeverityPolicy } from './severity.ts';
import { taskPlan, type TaskWrite } from './tasks.ts';
import { writeWithEtag } from './write-with-etag.ts';

/** A next step for whoever works on the incident. */
export interface NextStep {
  /** The same for the same step of an incident, whenever it is suggested: the name of a playbook. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
}

/** What is to stand in an incident. */
export interface IncidentAdditions {
  /**
   * The living comment, as sections with a blank line between them, the most important first: what does not fit is left out from the end. Must say nothing
   * of the present time, or it would be written anew each time.
   */
  readonly comment: string;
  /** Labels that it is to have beside those that it has. */
  readonly labels: readonly string[];
  /** How bad Crosstrail holds it to be; undefined where it says nothing of it. What becomes of it the configuration decides. */
  readonly severity?: Level | undefined;
  /** The most urgent first. */
  readonly tasks: readonly NextStep[];
}

/** What became of a part. `refused`: the service did not take it, and a note says why; the other parts were tried all the same. */
export type Outcome = 'written' | 'unchanged' | 'refused';

export interface WriteReport {
  readonly comment: Outcome;
  readonly incident: Outcome;
  readonly tasks: { readonly written: number; readonly unchanged: number; readonly leftOut: number };
  /** Whether the incident is not there any more, or went into another: nothing more was written. */
  readonly gone: boolean;
  /** Whether something was left that another time may be written: for want of calls or of time, or because somebody else was writing. */
  readonly again: boolean;
  /** What was not done and why, for people. */
  readonly notes: readonly string[];
}

/** Writes what Crosstrail knows into one incident of Sentinel. Safe to run again: what stands there already is not written anew. */
export interface IncidentWriter {
  /** @throws ArmError where the service cannot be asked at all, or wants to be asked later */
  write(incident: SentinelIncident, additions: IncidentAdditions): Promise<WriteReport>;
}

export interface WriterOptions {
  readonly arm: ArmClient;
  /** Whether the severity of incidents may be changed: never, only raised, or set either way. */
  readonly severity: SeverityPolicy;
  /** Whether tasks are written. */
  readonly tasks: boolean;
}

/** A writer for one piece of work, within the calls and the time of its client. */
export function incidentWriter(options: WriterOptions): IncidentWriter {
  return { write: (incident, additions) => new Writing(options, incident).write(additions) };
}

/** Why tasks are left out. */
const LEFT_OUT = 'an incident has at most 40, one run so many calls, and what somebody changes meanwhile waits';
const NO_TASKS: WriteReport['tasks'] = { written: 0, unchanged: 0, leftOut: 0 };

class Writing {
  readonly #options: WriterOptions;
  readonly #incident: SentinelIncident;
  readonly #path: string;
  readonly #notes: string[] = [];
  #gone = false;
  #again = false;

  constructor(options: WriterOptions, incident: SentinelIncident) {
    this.#options = options;
    this.#incident = incident;
    this.#path = incidentPath(incident.address);
    this.#isMerged(incident.properties);
  }

  /** Whether it went into another: nothing is written to it then. */
  #isMerged(properties: JsonObject): boolean {
    const into = mergedIntoOf(properties);
    if (into === undefined) return false;
    this.#gone = true;
    const other = into.number === undefined ? 'another one' : `incident ${into.number}`;
    this.#notes.push(`it went into ${other}: nothing is written to it`);
    return true;
  }

  async write(additions: IncidentAdditions): Promise<WriteReport> {
    // The incident first: a comment counts as a change of it, and its tag would be old by then.
    const incident = await this.#part('labels and severity', () => this.#writeIncident(additions));
    const comment = await this.#part('the comment', () => this.#writeComment(additions.comment));
    const tasks = this.#gone || !this.#options.tasks ? NO_TASKS : await this.#writeTasks(additions);
    return { incident, comment, tasks, gone: this.#gone, again: this.#again, notes: this.#notes };
  }

  /** Does one part; what concerns that part alone is noted. @throws ArmError where it is the service that is away or busy */
  async #part(what: string, write: () => Promise<'written' | 'unchanged' | 'gone'>): Promise<Outcome> {
    if (this.#gone) return 'unchanged';
    try {
      const outcome = await write();
      if (outcome !== 'gone') return outcome;
      this.#gone = true;
      this.#notes.push('it was deleted: nothing more is written to it');
      return 'unchanged';
    } catch (error) {
      this.#refused(what, error);
      return 'refused';
    }
  }

  #writeIncident({ labels, severity }: IncidentAdditions): Promise<'written' | 'unchanged' | 'gone'> {
    const { etag, properties } = this.#incident;
    return writeWithEtag(this.#options.arm, {
      path: this.#path,
      known: { etag, properties },
      create: false,
      change: (there) => {
        const present = objectOf(there?.['properties']) ?? {};
        if (this.#isMerged(present)) return undefined;
        const merged = mergedLabels(present['labels'], labels);
        const wanted = newSeverity(levelOf(present['severity']), severity, this.#options.severity);
        if (merged === undefined && wanted === undefined) return undefined;
        return {
          properties: { ...present, ...(merged && { labels: merged }), ...(wanted && { severity: wanted }) },
        };
      },
    });
  }

  #writeComment(text: string): Promise<'written' | 'unchanged' | 'gone'> {
    const count = objectOf(this.#incident.properties['additionalData'])?.['commentsCount'];
    return writeWithEtag(this.#options.arm, {
      path: `${this.#path}/comments/${commentId(this.#incident.address)}`,
      known: count === 0 ? undefined : 'unread',
      create: true,
      change: (there) => {
        const message = textOf(objectOf(there?.['properties'])?.['message']);
        return message !== undefined && saysTheSame(message, text)
          ? undefined
          : { properties: { message: commentAsWritten(text) } };
      },
    });
  }

  async #writeTasks({ tasks: steps }: IncidentAdditions): Promise<WriteReport['tasks']> {
    if (steps.length === 0) return NO_TASKS;
    let written = 0;
    try {
      const { writes, unchanged, leftOut: noRoom } = taskPlan(this.#incident.address, await this.#tasksThere(), steps);
      for (const task of writes) if (await this.#writeTask(task)) written++;
      this.#again ||= written < writes.length;
      const leftOut = noRoom + writes.length - written;
      if (leftOut > 0) this.#notes.push(`${leftOut} of ${steps.length} tasks are left out: ${LEFT_OUT}`);
      return { written, unchanged, leftOut };
    } catch (error) {
      this.#gone ||= isAbsent(error);
      this.#refused('tasks', error);
      return { written, unchanged: 0, leftOut: steps.length - written };
    }
  }

  /** @returns whether it was written: not where the calls are used up, or somebody changes it at this moment */
  async #writeTask({ id, etag, body }: TaskWrite): Promise<boolean> {
    const { arm } = this.#options;
    if (arm.left === 0) return false;
    try {
      const sent = etag === undefined ? body : { ...body, etag };
      await arm.send({ ...request('PUT', `${this.#path}/tasks/${id}`), body: sent, etag });
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }

  async #tasksThere(): Promise<Json[]> {
    const there: Json[] = [];
    for await (const page of this.#options.arm.pages(request('GET', `${this.#path}/tasks`))) there.push(...page);
    return there;
  }

  /** Notes what concerns only what was to be written. @throws the error where the service is away or busy, or it is a fault of this program */
  #refused(what: string, error: unknown): void {
    if (!(error instanceof ArmError) || isAway(error)) throw error;
    // What it refused for good it refuses again.
    this.#again ||= (error.status ?? 0) < 400 || isConflict(error);
    this.#notes.push(`${what}: ${error.message}`);
  }
}
