import { printable, shownTime, styled } from '../cli/terminal.ts';
import { textOf } from '../platform/json.ts';
import type { EvidenceEntry, EvidenceKind } from '../pipeline/response/evidence.ts';
import type { Response } from '../pipeline/response/response.ts';

/** What a person at the terminal is shown of the evidence; of other kinds nothing, `crosstrail evidence list` has them all. */
const SHOWN: Partial<Readonly<Record<EvidenceKind, string>>> = {
  approved: 'approved',
  declined: 'declined',
  refused: 'refused',
  'change-made': 'done',
  verified: 'verified',
  'not-verified': 'not verified',
  failed: 'failed',
  'change-undone': 'undone',
  'undo-refused': 'not undone',
  drift: 'changed by somebody',
  stopped: 'all is stopped',
  resumed: 'goes on',
};

type Say = (text: string) => void;

/** Shows what responses do, a line for each. */
export const showEvidence = (say: Say) => {
  const summaries = new Map<string, string>();
  return ({ kind, time, response, actor, step, data }: EvidenceEntry): void => {
    const change = `${step ?? ''} ${textOf(data['change']) ?? ''}`;
    const summary = textOf(data['summary']) ?? summaries.get(change) ?? '';
    if (kind === 'change-begun') summaries.set(change, summary);
    const word = SHOWN[kind];
    if (word === undefined) return;
    const [action, on] = [textOf(data['action']) ?? '', textOf(data['on'])];
    const done = on === undefined ? action : `${action} on ${on}`;
    const why = textOf(data['problem']) ?? textOf(data['reason']) ?? (actor === 'crosstrail' ? '' : `by ${actor}`);
    const said = summary || [done, why].filter((part) => part !== '').join(': ');
    const line = [styled('bold', 'RESPONSE'), shownTime(time), word.padEnd(12), printable(said)].join('  ');
    say(`${line}  ${styled('dim', response.slice(0, 17))}`);
  };
};

/** Tells whoever is at the terminal that they are asked, and where to look. */
export const askPerson =
  (say: Say) =>
  (response: Response, link: string): void => {
    const waiting = response.steps.filter(({ state }) => state === 'planned');
    const changes = waiting.flatMap(({ plan }) => plan?.changes ?? []);
    say(`${styled('yellow', 'APPROVAL')}  ${printable(response.playbook)} for ${printable(response.title)}`);
    for (const { summary } of changes) say(`          ${printable(summary)}`);
    say(`          ${link}`);
    say(`          or: npm run --silent crosstrail -- approvals show ${response.id.slice(0, 17)}`);
  };
