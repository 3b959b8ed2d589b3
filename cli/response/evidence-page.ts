import { stringify } from 'yaml';
import type { EvidenceEntry } from '../../pipeline/response/evidence.ts';
import { textOf } from '../../platform/json.ts';
import { printable, shownTime, styled, table } from '../terminal.ts';

/** Entries, a line each. */
export const evidenceTable = (entries: readonly EvidenceEntry[]): string =>
  table(entries, [
    { title: 'NUMBER', cell: ({ number }) => String(number), right: true, whole: true },
    { title: 'TIME (UTC)', cell: ({ time }) => shownTime(time), whole: true },
    { title: 'WHAT', cell: ({ kind }) => kind, whole: true },
    { title: 'RESPONSE', cell: ({ response }) => response.replace(/^response-/, '').slice(0, 8), whole: true },
    { title: 'BY', cell: ({ actor }) => actor, max: 60 },
    { title: 'ABOUT', cell: aboutOf, max: 140 },
  ]);

/** The one thing of an entry that says most. */
function aboutOf({ data }: EvidenceEntry): string {
  for (const name of ['problem', 'reason', 'summary', 'action', 'why']) {
    const text = textOf(data[name]);
    if (text !== undefined) return text;
  }
  return '';
}

/** One entry, for people. */
export function evidencePage(entry: EvidenceEntry): string {
  const { number, time, kind, response, step, actor, data, previous, hash } = entry;
  const lines = stringify(data, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n');
  return [
    `${styled('bold', `entry ${number}`)}  ${kind}  ${shownTime(time)} UTC`,
    `by        ${printable(actor)}`,
    ...(response === '' ? [] : [`response  ${response}`]),
    ...(step === undefined ? [] : [`step      ${step}`]),
    `hash      ${hash}`,
    `previous  ${previous === '' ? '(it is the first)' : previous}`,
    ...lines.map((line) => `  ${printable(line)}`),
  ].join('\n');
}

/** The same for machines: as it is kept, with the time as text beside the number that the hash is over. */
export const evidenceLine = (entry: EvidenceEntry): object => ({
  type: 'evidence-entry',
  at: new Date(entry.time).toISOString(),
  ...entry,
});
