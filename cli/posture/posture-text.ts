import type { PostureCondition } from '../../pipeline/timeline/posture-change.ts';
import { shownTime, styled, table } from '../terminal.ts';
import type { ShownCondition, Who } from './shown-condition.ts';

const CONDITIONS: Readonly<Record<PostureCondition, string>> = {
  'storage-public': 'storage public',
  'network-open': 'network open',
  'public-address': 'public address',
  'logging-off': 'logging off',
  'federation-changed': 'federation changed',
  'conditional-access-off': 'conditional access off',
  'protection-off': 'protection off',
};

const condition = ({ episode }: ShownCondition): string => CONDITIONS[episode.condition];
const where = ({ episode }: ShownCondition): string =>
  episode.part === undefined ? episode.resource : `${episode.resource}, ${episode.part}`;
const since = ({ episode }: ShownCondition): string => shownTime(episode.since.time);
const named = ({ principal, label }: Who): string => label ?? principal;
const drift = (shown: ShownCondition): string =>
  shown.drift === undefined ? '' : `past ${shown.drift.pipeline}${shown.drift.learned ? ' (learned)' : ''}`;

/** What is weak and what was, as text for people. */
export function postureText(conditions: readonly ShownCondition[]): string {
  const standing = conditions.filter(({ undoneBy }) => undoneBy === undefined);
  const undone = conditions.filter(({ undoneBy }) => undoneBy !== undefined);
  const parts: string[] = [];
  if (standing.length === 0) parts.push('nothing was weakened that is still so');
  else {
    const rows = table(standing, [
      { title: 'SINCE (UTC)', cell: since },
      { title: 'CONDITION', cell: condition },
      { title: 'WHERE', cell: where, max: 160 },
      { title: 'WHAT', cell: ({ episode }) => episode.what },
      { title: 'BY', cell: ({ by }) => named(by), max: 80 },
      { title: 'DRIFT', cell: drift, max: 80, style: (_row, text) => styled('yellow', text) },
    ]);
    parts.push(`${styled('bold', `weak now (${standing.length})`)}\n${rows}`);
  }
  if (undone.length > 0) {
    const rows = table(undone, [
      { title: 'FROM (UTC)', cell: since },
      {
        title: 'STOOD',
        cell: ({ episode }) => shownSpan((episode.undone?.time ?? 0) - episode.since.time),
        right: true,
      },
      { title: 'CONDITION', cell: condition },
      { title: 'WHERE', cell: where, max: 160 },
      { title: 'BY', cell: ({ by }) => named(by), max: 80 },
      { title: 'DRIFT', cell: drift, max: 80, style: (_row, text) => styled('yellow', text) },
      { title: 'UNDONE BY', cell: ({ undoneBy }) => (undoneBy === undefined ? '' : named(undoneBy)), max: 80 },
      { title: 'HOW', cell: ({ episode }) => episode.undone?.what ?? '' },
    ]);
    parts.push(`${styled('bold', `undone (${undone.length})`)}\n${rows}`);
  }
  return parts.join('\n\n');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A span in its two largest units: `2d 3h`, `14m`. */
function shownSpan(span: number): string {
  const first = UNITS.findIndex(([, length]) => span >= length);
  if (first === -1) return '0s';
  let rest = span;
  const shown = UNITS.slice(first, first + 2).flatMap(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? [] : [`${count}${unit}`];
  });
  return shown.join(' ');
}

/** The same as one object of a line for programs. Times are ISO 8601 in UTC, `stood` milliseconds. */
export function postureLine({ episode, by, drift: past, undoneBy }: ShownCondition): Record<string, unknown> {
  const { id, condition: kind, resource, part, what, since: made, undone } = episode;
  const iso = (time: number): string => new Date(time).toISOString();
  return {
    ...{ type: 'condition', id, condition: kind, resource, part, what, standing: undone === undefined },
    ...{ since: iso(made.time), by, operation: made.operation, eventId: made.event, drift: past },
    undone: undone && {
      time: iso(undone.time),
      by: undoneBy,
      operation: undone.operation,
      eventId: undone.event,
      stood: undone.time - made.time,
    },
  };
}
