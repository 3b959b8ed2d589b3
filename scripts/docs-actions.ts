/**
 * Writes the page on all actions, from the actions themselves.
 *
 *   node scripts/docs-actions.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action, ActionGroup } from '../playbooks/contract/action.ts';
import { ACTIONS } from '../playbooks/registry.ts';
import { parametersOf } from '../cli/response/action-parameters.ts';
import { permissionLines } from '../cli/response/plan-page.ts';
import { spanText } from '../cli/response/span-text.ts';

/** The page. */
export const OUTPUT = join(import.meta.dirname, '../docs/actions.md');

const GROUPS: Readonly<Record<ActionGroup, string>> = {
  azure: 'Azure',
  entra: 'Microsoft Entra ID',
  aws: 'AWS',
  kubernetes: 'Kubernetes',
  gcp: 'Google Cloud',
  github: 'GitHub',
  tickets: 'Tickets',
};

const UNDONE = {
  reversible: 'Yes: all that it changes is put back as it was.',
  partly: 'In part.',
  irreversible: 'No. It is never done without approval by a person, whatever the mode of a binding.',
} as const;

/** The text of the page; the same actions always give the same text. */
export function actionsDocument(actions: ReadonlyMap<string, Action>): string {
  const groups = Object.entries(GROUPS)
    .map(([group, title]) => ({
      title,
      actions: [...actions.values()].filter((action) => action.group === group).sort(byName),
    }))
    .filter((group) => group.actions.length > 0);
  return `${[
    '# Actions',
    'Written by `node scripts/docs-actions.ts` from the actions in `playbooks/`; do not edit it by hand.',
    'An action is planned before anything is done: `crosstrail playbooks plan <action> --param name=value` reads only, and prints the exact change, whom it affects, what the guards say, how it is undone and what an attacker may still have. `crosstrail playbooks run` does it, and `undo` takes it back.',
    '| action | what it does | can be undone | holds for |\n|---|---|---|---|\n' +
      groups.flatMap((group) => group.actions.map(rowOf)).join('\n'),
    ...groups.flatMap(({ title, actions: all }) => [`## ${title}`, ...all.flatMap(sectionsOf)]),
  ].join('\n\n')}\n`;
}

const byName = (a: Action, b: Action): number => (a.name < b.name ? -1 : 1);

const rowOf = ({ name, title, reversibility, lease }: Action): string =>
  `| [\`${name}\`](#${name}) | ${cell(title)} | ${reversibility === 'reversible' ? 'yes' : reversibility === 'partly' ? 'in part' : 'no'} | ${lease === undefined ? '' : spanText(lease.usual)} |`;

function sectionsOf(action: Action): string[] {
  const { name, title, description, permissions, reversibility, lease, from, settle, operations } = action;
  const needed = permissionLines({ ...permissions, notes: undefined });
  const ends =
    lease === undefined
      ? 'Nothing of it ends by itself.'
      : `It ends by itself after ${spanText(lease.usual)} unless told otherwise, and after ${spanText(lease.longest)} at the latest; a person may extend it.`;
  return [
    `### ${name}`,
    `${title}. ${description}`,
    `Parameters${from === undefined ? '' : '; an incident gives those that name its targets'}:\n\n${parametersOf(action)
      .map(({ name: parameter, takes, required, description: what, otherwise }) => {
        const usual = otherwise === undefined ? '' : `; \`${JSON.stringify(otherwise)}\` unless told`;
        return `- \`${parameter}\` (${takes}${required ? '' : ', optional'}${usual}): ${what}`;
      })
      .join('\n')}`,
    `Permissions:\n\n${needed.map((line) => `- ${line}`).join('\n')}`,
    ...(permissions.notes === undefined ? [] : [permissions.notes.join(' ')]),
    `Undo: ${UNDONE[reversibility]} ${ends}`,
    ...(settle === undefined
      ? []
      : [
          `It is believed to have effect when that was seen ${settle.checks} times in a row, ${spanText(settle.every)} apart.`,
        ]),
    ...(operations.length === 0 ? [] : [`Audit logs name it ${operations.map((one) => `\`${one}\``).join(', ')}.`]),
  ];
}

/** Text in a cell of a table. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

if (import.meta.main) writeFileSync(OUTPUT, actionsDocument(ACTIONS));
