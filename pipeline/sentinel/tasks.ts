import { printable } from '../../platform/printable.ts';
import { objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import type { IncidentAddress } from './incident-address.ts';
import { taskId } from './sentinel-ids.ts';
import type { NextStep } from './writer.ts';

/** https://learn.microsoft.com/azure/sentinel/sentinel-service-limits */
const MOST_TASKS = 40;
const MAX_TITLE = 150;
const MAX_DESCRIPTION = 3000;

/** A task to be written. */
export interface TaskWrite {
  readonly id: string;
  readonly etag: string | undefined;
  readonly body: JsonObject;
}

export interface TaskPlan {
  /** The most urgent first. */
  readonly writes: readonly TaskWrite[];
  readonly unchanged: number;
  /** For which there is no room beside the tasks that are there. */
  readonly leftOut: number;
}

/**
 * Which tasks of an incident are to be written. Tasks of others are not touched, nor any that is completed.
 * @param there members of the incident's list of tasks
 */
export function taskPlan(address: IncidentAddress, there: readonly Json[], steps: readonly NextStep[]): TaskPlan {
  const known = new Map(there.map((task) => [(textOf(objectOf(task)?.['name']) ?? '').toLowerCase(), objectOf(task)]));
  let room = Math.max(MOST_TASKS - there.length, 0);
  let [unchanged, leftOut] = [0, 0];
  const writes: TaskWrite[] = [];
  const met = new Set<string>();
  for (const step of steps) {
    const id = taskId(address, step.key);
    if (met.has(id)) continue;
    met.add(id);
    const task = known.get(id);
    const [title, description] = [textFor(step.title, MAX_TITLE), textFor(step.description, MAX_DESCRIPTION)];
    if (task === undefined && room === 0) leftOut++;
    else if (task === undefined) {
      room--;
      writes.push({ id, etag: undefined, body: { properties: { title, description, status: 'New' } } });
    } else {
      const properties = objectOf(task['properties']) ?? {};
      const same = properties['title'] === title && (properties['description'] ?? '') === description;
      if (same || properties['status'] === 'Completed') unchanged++;
      else {
        const status = textOf(properties['status']) ?? 'New';
        writes.push({ id, etag: textOf(task['etag']), body: { properties: { title, description, status } } });
      }
    }
  }
  return { writes, unchanged, leftOut };
}

/** Line breaks stay; other characters that a record could hide something by do not. */
const textFor = (text: string, most: number): string => text.split('\n').map(printable).join('\n').slice(0, most);
