import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Action, Plan } from '../../../playbooks/contract/action.ts';
import { rowsOf } from '../../../platform/storage/rows.ts';
import type { Tables } from '../../../platform/storage/ports.ts';
import { operationOf } from '../../timeline/action-of.ts';
import type { Event } from '../../timeline/event.ts';
import { bucketOf, bucketOfTable, dayOf } from '../../timeline/store/layout.ts';
import { exactNames, folded, NamedIdentities } from '../identity-names.ts';

/** Whether a record tells of what a response itself did. */
export interface OwnActions {
  /**
   * What to name as the exception that suppresses its signals; undefined where nobody of ours did it, or not as a response said.
   * @throws whatever storage throws
   */
  covers(event: Event): Promise<string | undefined>;
}

/** What stands where otherwise the id of an exception does. */
export const OWN_RESPONSE = 'own-response';

const MINUTE = 60_000;
/** Clocks of clouds and of this machine differ by less. */
const BEFORE = 5 * MINUTE;
/** An attempt ends within ten minutes, the longest that a function runs; what it caused is done within half an hour more. */
const AFTER = 40 * MINUTE;

const PREFIX = 'ownactions';
const DAY = 24 * 60 * MINUTE;
/** A cell holds 32 Ki characters. */
const MOST_CHARACTERS = 16_000;
const LONGEST_NAME = 1024;

/**
 * What responses are about to do, noted before they do it: which operations audit logs will tell, and of which targets. Only what agrees with that is known
 * as one's own: whoever acts as our identity and does anything else raises alerts as anybody. Tables by month, a partition a day. Holds no state, and remembers no answer: a footprint that
 * is written a moment later must be found.
 */
export class Footprints implements OwnActions {
  readonly #tables: Tables;
  readonly #identities: NamedIdentities;

  /** @param identities the configuration's `response.identities` */
  constructor(tables: Tables, identities: readonly string[]) {
    this.#tables = tables;
    this.#identities = new NamedIdentities(identities);
  }

  /**
   * Notes what is about to be done; to be called before each attempt to execute a plan or to take it back.
   * @param at milliseconds since 1970-01-01T00:00:00Z
   * @throws whatever storage throws: then it must not be done
   */
  async note(action: Pick<Action, 'name' | 'operations'>, plan: Plan, at: number): Promise<void> {
    const operations = JSON.stringify(action.operations.map(operationName));
    for (const targets of pieces(targetsOf(plan))) {
      const hash = createHash('sha256').update(`${action.name} ${operations} ${targets}`).digest('hex').slice(0, 32);
      const cells = { action: action.name, operations, targets };
      const { table } = bucketOf(PREFIX, at);
      await this.#tables.commit(table, partitionOf(at), [{ kind: 'upsert', row: `${rowOf(at)}-${hash}`, cells }]);
    }
  }

  async covers(event: Event): Promise<string | undefined> {
    const acting = event.entities.filter(({ part }) => part === 'actor' || part === 'credential').map(({ key }) => key);
    if (this.#identities.exactEntryOf([event.principal, ...acting]) === undefined) return undefined;
    const operation = operationName(operationOf(event.ocsf) ?? '');
    const names = new Set(
      event.entities.flatMap(({ key, part }) => (part === 'target' ? [...exactNames(key), ...containersOf(key)] : [])),
    );
    const [from, to] = [event.time - AFTER, event.time + BEFORE];
    for (let day = dayOf(from); day <= dayOf(to); day++) {
      const { table } = bucketOf(PREFIX, day * DAY);
      const range = { from: rowOf(Math.max(from, day * DAY)), to: `${rowOf(Math.min(to, (day + 1) * DAY - 1))}~` };
      for await (const { cells } of rowsOf(this.#tables, table, partitionOf(day * DAY), range)) {
        if (!textsIn(cells['operations']).includes(operation)) continue;
        if (textsIn(cells['targets']).some((target) => names.has(target))) return OWN_RESPONSE;
      }
    }
    return undefined;
  }

  /** Drops whole months that ended at `time` or before. */
  async dropBefore(time: number): Promise<void> {
    for (const table of await this.#tables.list(PREFIX)) {
      const bucket = bucketOfTable(PREFIX, table);
      if (bucket !== undefined && bucket.end <= time) await this.#tables.drop(table);
    }
  }
}

/** Entra writes dashes of several kinds in the names of its activities. */
const operationName = (name: string): string => folded(name).replace(/\p{Pd}/gu, '-');

/** Times before 1970 are no times of ours; digits in order are times in order. */
const rowOf = (time: number): string => String(Math.max(0, Math.trunc(time))).padStart(16, '0');
const partitionOf = (time: number): string => String(dayOf(time));

/** All names of what a plan is done to and concerns. */
function targetsOf({ target, changes, subjects }: Plan): readonly string[] {
  const ids = [target.id, ...changes.map((change) => change.target.id)];
  const keys = subjects.flatMap((subject) => {
    if (subject.kind === 'address') return [];
    return subject.kind === 'principal' ? subject.keys : [subject.key];
  });
  return [...new Set([...ids, ...keys].flatMap(exactNames))].map((name) => name.slice(0, LONGEST_NAME));
}

/** The names as JSON, in as many cells as they need; one, where there are none. */
function pieces(names: readonly string[]): string[] {
  const found: string[][] = [[]];
  let length = 0;
  for (const name of names) {
    length += JSON.stringify(name).length + 1;
    if (length > MOST_CHARACTERS) {
      found.push([]);
      length = JSON.stringify(name).length + 1;
    }
    found.at(-1)?.push(name);
  }
  return found.map((piece) => JSON.stringify(piece));
}

/** The ids of the resources of Azure that one lies in: rules lie in their security group. */
function containersOf(key: string): string[] {
  if (!key.startsWith('arm:/')) return [];
  const parts = folded(key.slice('arm:'.length)).split('/', 64);
  // `/subscriptions/<id>/resourcegroups/<name>/providers/<namespace>/<type>/<name>` and no less: a group is not what is changed.
  return parts.flatMap((_, at) => (at >= 9 && at % 2 === 1 ? [parts.slice(0, at).join('/')] : []));
}

const texts = z.array(z.string());

function textsIn(cell: unknown): readonly string[] {
  return texts.parse(JSON.parse(String(cell)));
}
